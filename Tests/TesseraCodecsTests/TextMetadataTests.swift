import RandomPipelines
import TesseraCodecs
import TesseraCore
import TesseraTestSupport
import Testing

/// Exif data and orientations in the texts of PNG files, and in the XMP packets of either format.
@Suite struct TextMetadataTests {
  private static func exif(_ orientation: Int) -> [UInt8] {
    ExifSample(isBigEndian: orientation % 2 == 0, [.init(0x0112, .shorts([orientation]))]).bytes
  }

  /// A profile as ImageMagick writes it.
  private static func profile(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
    let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    var text = "\n\(name)\n\(String(repeating: " ", count: 4))\(bytes.count)\n"
    for (index, digit) in digits.enumerated() {
      text.append(digit)
      if index % 72 == 71 { text.append("\n") }
    }
    return Array((text + "\n").utf8)
  }

  /// A text chunk in each of the ways to write one.
  private static func chunks(_ keyword: String, _ text: [UInt8]) -> [(String, [UInt8])] {
    let key = Array(keyword.utf8) + [0]
    return [
      ("tEXt", key + text), ("zTXt", key + [0] + PNGBytes.stored(text)),
      ("iTXt", key + [0, 0] + Array("en\0Schl\u{FC}ssel\0".utf8) + text),
      ("iTXt", key + [1, 0, 0, 0] + PNGBytes.stored(text)),
    ]
  }

  private func decoded(_ bytes: [UInt8], _ name: String = "a.png") throws -> Decoded {
    let folder = try TemporaryFolder()
    return try decode(folder.write(bytes, name))
  }

  @Test(
    "Exif data are found in every kind of text, before and behind the pixels",
    arguments: [
      ("Raw profile type exif", "exif", ""), ("Raw profile type exif", "exif", "Exif\0\0"),
      ("Raw profile type APP1", "generic profile", "Exif\0\0"),
    ])
  func profiles(_ keyword: String, _ name: String, _ prefix: String) throws {
    for orientation in [3, 6, 8] {
      let exif = Self.exif(orientation)
      for chunk in Self.chunks(keyword, Self.profile(name, Array(prefix.utf8) + exif)) {
        for file in try [PNGBytes.file([chunk]), PNGBytes.file(late: [chunk])] {
          let found = try decoded(file)
          #expect(found.header.orientation == orientation)
          #expect(found.metadata.exif == exif)
          #expect(found.report.warnings == [])
        }
      }
    }
  }

  @Test("A chunk of its own counts more than a text, and the first text more than the next")
  func precedence() throws {
    let texts = Self.chunks("Raw profile type exif", Self.profile("exif", Self.exif(3)))
    let later = Self.chunks("Raw profile type exif", Self.profile("exif", Self.exif(8)))
    #expect(try decoded(PNGBytes.file([texts[0], later[0]])).header.orientation == 3)
    let file = try PNGBytes.file([texts[0]], late: [("eXIf", Self.exif(6))])
    #expect(try decoded(file).header.orientation == 6)
  }

  @Test(
    "Texts that break the rules leave the image as it is, with a warning",
    arguments: [
      "", "\nexif\n", "\nexif\n 4\n4d4d", "\nexif\n 2\n4d4", "\nexif\n 2\n4dxy", "\nexif\n-1\n4d",
      "\nexif\n 99999999999999999999\n4d", "\nexif\n 9000000\n4d4d", "4d4d002a",
    ])
  func broken(_ text: String) throws {
    for chunk in Self.chunks("Raw profile type exif", Array(text.utf8)) {
      let found = try decoded(PNGBytes.file([chunk]))
      #expect(found.header.orientation == 1 && found.metadata.exif == nil)
      #expect(found.report.warnings.contains { $0.hasPrefix("Raw profile type exif: ") })
    }
  }

  @Test("Streams that are cut, of no known method, or of more bytes than are allowed, are left")
  func streams() throws {
    let key = Array("Raw profile type exif\0".utf8)
    let stream = PNGBytes.stored(Self.profile("exif", Self.exif(6)))
    let rests: [[UInt8]] = [
      [0] + stream.dropLast(20), [1] + stream, [0], [],
      [0] + ZeroProfile.compressed(byteCount: 8 << 20),
    ]
    for content in rests.map({ key + $0 }) {
      let found = try decoded(PNGBytes.file([("zTXt", content)]))
      #expect(found.header.orientation == 1)
      #expect(found.report.warnings.contains { $0.hasPrefix("Raw profile type exif: ") })
    }
  }

  private static let namespace = #"xmlns:tiff="http://ns.adobe.com/tiff/1.0/""#

  private static func packet(_ description: String) -> [UInt8] {
    let text = """
      <?xpacket begin="\u{FEFF}" id="W5M0MpCehiHzreSzNTczkc9d"?>
      <x:xmpmeta xmlns:x="adobe:ns:meta/">
      <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      \(description)
      </rdf:RDF></x:xmpmeta>
      <?xpacket end="w"?>
      """
    return Array(text.utf8)
  }

  /// The same packet in a JPEG file, and in all the ways that PNG has for it.
  private func files(_ packet: [UInt8], exif: [UInt8]? = nil) throws -> [Decoded] {
    let segment = Array("http://ns.adobe.com/xap/1.0/\0".utf8) + packet
    let file = try Corpus.bytes("jpeg/rgb.jpg")
    var jpeg = Array(file[..<2])
    if let exif { jpeg += Self.segment(Array("Exif\0\0".utf8) + exif) }
    jpeg += Self.segment(segment) + file[2...]
    var results = [try decoded(jpeg, "a.jpg")]
    var chunks: [(String, [UInt8])] = []
    if let exif { chunks = [("eXIf", exif)] }
    for chunk in Self.chunks("XML:com.adobe.xmp", packet).suffix(2)
      + Self.chunks("Raw profile type xmp", Self.profile("xmp", packet))
      + Self.chunks("Raw profile type APP1", Self.profile("APP1", segment))
    {
      results.append(try decoded(PNGBytes.file(chunks + [chunk])))
      results.append(try decoded(PNGBytes.file(chunks, late: [chunk])))
    }
    return results
  }

  private static func segment(_ content: [UInt8]) -> [UInt8] {
    [0xFF, 0xE1] + ArrayBytes.bytes([UInt16(content.count + 2)], isBigEndian: true) + content
  }

  @Test(
    "An orientation that only XMP tells is read, as attribute or element, under any prefix",
    arguments: [
      #"<rdf:Description \#(namespace) tiff:Orientation="6"/>"#,
      #"<rdf:Description tiff:Orientation = '6' \#(namespace)></rdf:Description>"#,
      #"<rdf:Description \#(namespace)><tiff:Orientation>6</tiff:Orientation></rdf:Description>"#,
      #"<rdf:Description \#(namespace)><tiff:Orientation a="1"> 6\#n </tiff:Orientation>"#,
      #"<rdf:Description xmlns:t="http://ns.adobe.com/tiff/1.0/" t:Orientation="6"/>"#,
      #"<Orientation xmlns="http://ns.adobe.com/tiff/1.0/">6</Orientation>"#,
      #"<rdf:Description tiff:Orientation="6"/>"#,
      #"<!-- <a tiff:Orientation="8"/> --><a tiff:Orientation="6"/>"#,
      #"<b><![CDATA[<a tiff:Orientation="8"/>]]></b><a tiff:Orientation="6"/>"#,
      #"<a b='tiff:Orientation="8" > x' tiff:Orientation="6"/>"#,
      #"<a exif:Orientation="8" Orientation="8" tiff:OrientationX="8" tiff:Orientation="6"/>"#,
    ])
  func packets(_ description: String) throws {
    for found in try files(Self.packet(description)) {
      #expect(found.header.orientation == 6, "\(found.header.format)")
      #expect(found.report.warnings == [])
    }
  }

  @Test(
    "A packet without a sound orientation leaves the image as it is",
    arguments: [
      (#"<a tiff:Orientation="9"/>"#, true), (#"<a tiff:Orientation=""/>"#, true),
      (#"<tiff:Orientation>6 6</tiff:Orientation>"#, true), ("<tiff:Orientation>", true),
      (#"<tiff:Orientation/>6"#, false), (#"<a tiff:Orientation"#, false),
      (#"<a tiff:Orientation="6"#, false), ("<!-- ", false), ("<", false), ("", false),
      (#"<a exif:Orientation="6"/>"#, false), (#"tiff:Orientation="6""#, false),
    ])
  func noOrientation(_ description: String, _ isWarned: Bool) throws {
    for found in try files(Array(description.utf8)) {
      #expect(found.header.orientation == 1)
      #expect(found.report.warnings.contains { $0.hasPrefix("XMP") } == isWarned)
    }
  }

  @Test("Exif data count more than XMP, unless they say nothing")
  func exifFirst() throws {
    let packet = Self.packet(#"<a tiff:Orientation="6"/>"#)
    for found in try files(packet, exif: Self.exif(3)) { #expect(found.header.orientation == 3) }
    for found in try files(packet, exif: Self.exif(1)) { #expect(found.header.orientation == 1) }
    let silent = ExifSample([.init(0x010F, .text("Maker"))]).bytes
    for found in try files(packet, exif: silent) { #expect(found.header.orientation == 6) }
  }

  @Test("Damaged packets never trap", arguments: 0..<20 as Range<UInt64>)
  func damaged(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let folder = try TemporaryFolder()
    let whole = Self.packet(
      #"<a \#(Self.namespace) tiff:Orientation = '6'><tiff:Orientation>6</tiff:Orientation></a>"#)
    let key = Array("XML:com.adobe.xmp\0\0\0\0\0".utf8)
    for _ in 0..<40 {
      var packet = whole
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        packet[Int.random(in: 0..<packet.count, using: &generator)] =
          Array("<>/!-?='\"t: \0".utf8).randomElement(using: &generator) ?? 0
      }
      packet.removeLast(Int.random(in: 0..<packet.count, using: &generator))
      let path = try folder.write(PNGBytes.file([("iTXt", key + packet)]), "a.png")
      #expect((1...8).contains(try ImageReader(path: path).header.orientation))
    }
  }
}
