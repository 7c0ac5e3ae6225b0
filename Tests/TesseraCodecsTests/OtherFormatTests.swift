import RandomPipelines
import TesseraCodecs
import TesseraCore
import Testing

/// Files that are no image of a kind that is read, and files with more than one picture.
@Suite struct OtherFormatTests {
  /// Characters up to U+00FF as bytes.
  private static func bytes(_ text: String) -> [UInt8] {
    text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
  }

  @Test(
    "A file is called by its name, whatever its extension says, with what can be done",
    arguments: [
      ("GIF89a\u{1}\0", "a GIF", "PNG"),
      ("\0\0\0\u{1C}ftypavif\0\0\0\0mif1", "an AVIF", "PNG"),
      ("\0\0\0\u{1C}ftypmif1\0\0\0\0avifmiaf", "an AVIF", "PNG"),
      ("\0\0\0\u{18}ftypheic\0\0\0\0mif1", "a HEIC", "PNG"),
      ("\0\0\0\u{18}ftypisom\0\0\u{2}\0isomavc1", "QuickTime video", "frames"),
      ("BM\u{36}\0\0\0\0\0", "a BMP", "PNG"),
      ("BM and other words", "the text \"BM and other\"", "download"),
      ("\u{FF}\u{A}\u{FA}\u{1F}", "a JPEG XL", "PNG"),
      ("\0\0\0\u{C}JXL \r\n\u{87}\n", "a JPEG XL", "PNG"),
      ("\0\0\0\u{C}jP  \r\n\u{87}\n", "a JPEG 2000", "PNG"),
      ("\u{FF}O\u{FF}Q\0/", "a JPEG 2000", "PNG"), ("P6\n4 4\n255\n", "a PNM", "PNG"),
      ("%PDF-1.7\n", "a PDF document", "pdftoppm"), ("8BPS\0\u{1}", "a Photoshop", "PNG"),
      ("PK\u{3}\u{4}\u{14}\0", "a ZIP archive, as .npz files are", "np.load"),
      ("\u{1F}\u{8B}\u{8}\0", "gzip data", "unpack"),
      ("\u{80}\u{4}\u{95}", "a Python pickle", "np.save"),
      ("\u{89}HDF\r\n\u{1A}\n", "an HDF5 file", "np.save"),
      ("\n  <!DOCTYPE HTML><html>", "a web page (HTML)", "fetch it again"),
      ("<?xml version=\"1.0\"?><!-- a --><svg xmlns=\"\">", "an SVG", "PNG"),
      ("\u{EF}\u{BB}\u{BF}<svg width=\"3\"/>", "an SVG", "PNG"),
      ("<?xml version=\"1.0\"?><Error/>", "an XML document", "fetch it again"),
      ("{\"message\": \"Not Found\"}", "the text \"{\"message\": \"", "download"),
      ("version https://git-lfs.github.com/spec/v1\noid", "Git LFS", "git lfs pull"),
      ("\u{EF}\u{BF}\u{BD}PNG\n\u{1A}\n", "taken for text", "again"),
      (String(repeating: "\0", count: 600), "begins with zeros", "again"),
    ])
  func names(_ start: String, _ name: String, _ advice: String) throws {
    let folder = try TemporaryFolder()
    for file in ["a.jpg", "a.npy", "a"] {
      let error = try #require(refusal(of: folder.write(Self.bytes(start), file)))
      let isSound = advice.firstMatch(of: #/again|git|download/#) == nil
      #expect(error.kind == (isSound ? "unsupported" : "malformed"))
      #expect(error.description.contains(name), "\(error)")
      #expect(error.description.contains(advice), "\(error)")
    }
  }

  @Test("What nobody knows is shown as it is, and an empty file is called so")
  func unknown() throws {
    let folder = try TemporaryFolder()
    let noise = try #require(refusal(of: folder.write([0xC3, 1, 0, 200, 7, 9], "a.png")))
    #expect(noise == .unknownFormat(firstBytes: [0xC3, 1, 0, 200, 7, 9]))
    let empty = try #require(refusal(of: folder.write([], "b.png")))
    #expect(empty.description == "the file is empty: copy or fetch it again")
    let damaged = try #require(
      refusal(of: folder.write([0x89, 0x50, 0x4E, 0x47, 0x0A, 0x1A, 0x0A, 0], "c.png")))
    #expect(damaged.description.contains("damaged PNG signature"))
  }

  @Test("Weights that are an archive are called by their name, too")
  func weights() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(Self.bytes("PK\u{3}\u{4}\u{14}\0"), "w.npy")
    let error = #expect(throws: CodecError.self) { try NPYArray.load(path: file) }
    #expect(error?.description.contains(".npz") == true)
  }

  @Test(
    "Where `fail_on` is all that refuses a file, the value that lets it pass is named, and does",
    arguments: [
      ("jpeg/x-half.jpg", FailOn.error, FailOn.none), ("png/x-no-iend.png", .error, .truncated),
      ("jpeg/extraneous.jpg", .warning, .error), ("png/exif-broken.png", .warning, .error),
      ("jpeg/x-no-eoi.jpg", .error, .truncated),
    ])
  func advice(_ name: String, _ failOn: FailOn, _ passing: FailOn) throws {
    let path = Corpus.folder + "/" + name
    let error = try #require(refusal(of: path, failOn: failOn), "it was read")
    guard case .refused(let reason, passing) = error else {
      Issue.record("\(error)")
      return
    }
    #expect(error.description.hasPrefix("\(reason); \"fail_on\": \"\(passing.rawValue)\" in load "))
    #expect(error.reason == reason && error.kind == reason.kind)
    #expect(refusal(of: path, failOn: passing) == nil)
  }

  @Test("Every refusal of the corpus that names a value passes under it, and others under none")
  func corpus() throws {
    for file in Corpus.bad {
      guard let error = refusal(of: file.path) else { continue }
      if case .refused(_, let value) = error {
        #expect(refusal(of: file.path, failOn: value) == nil, "\(file)")
      } else {
        #expect(!error.description.contains("fail_on"))
      }
    }
  }

  @Test("An array that is cut names the value under which its rows are read")
  func cutArray() throws {
    let folder = try TemporaryFolder()
    let values = [UInt8](repeating: 3, count: 40)
    let path = try folder.write(ArrayBytes.file("|u1", shape: [10, 8], values), "a.npy")
    #expect(
      refusal(of: path)
        == .refused(
          .truncated(.npy, "the array needs 80 bytes of values, the file has 40"), passing: .none))
    #expect(refusal(of: path, failOn: .none) == nil)
  }

  /// An index of pictures, as a camera writes it into APP2.
  private func index(of count: Int) -> [UInt8] {
    let tiff = ExifSample(isBigEndian: true, [.init(0xB001, .longs([count]))]).bytes
    let content = Array("MPF\0".utf8) + tiff
    return [0xFF, 0xE2, 0, UInt8(content.count + 2)] + content
  }

  @Test("Later pictures of an MPO file are a warning, and what else follows is none")
  func pictures() throws {
    let folder = try TemporaryFolder()
    let file = try Corpus.bytes("jpeg/rgb.jpg")
    let warnings = { (bytes: [UInt8]) in
      try decode(folder.write(bytes, "a.jpg")).report.warnings
    }
    for count in [2, 3, 40] {
      let found = try warnings(file[..<2] + index(of: count) + file[2...] + file)
      #expect(found == ["\(count) pictures in one file (MPO): only the first is read"])
    }
    #expect(try warnings(file + file).count == 1)
    #expect(try warnings(file[..<2] + index(of: 1) + file[2...] + file).count == 1)
    // The other pictures were cut off.
    #expect(try warnings(file[..<2] + index(of: 2) + file[2...]) == [])
    for tail in [[0xFF], [0xFF, 0xD8], Array("ftypmp42".utf8)] as [[UInt8]] {
      #expect(try warnings(file + tail) == [])
    }
    let path = try folder.write(file + file, "b.jpg")
    #expect(refusal(of: path, failOn: .warning)?.kind == "warning")
  }

  @Test(
    "Frames of an animation that are not read are a warning",
    arguments: [
      (1, true, nil), (1, false, "1 frame is"), (12, true, "11 frames are"),
      (3, false, "3 frames are"),
    ])
  func frames(_ count: UInt8, _ isFirst: Bool, _ text: String?) throws {
    let frame = ("fcTL", [UInt8](repeating: 0, count: 26))
    let animation = ("acTL", [0, 0, 0, count, 0, 0, 0, 0] as [UInt8])
    let file = try PNGBytes.file([animation] + (isFirst ? [frame] : []), late: [frame])
    let folder = try TemporaryFolder()
    let found = try decode(folder.write(file, "a.png")).report.warnings
    #expect(
      found == (text.map { ["an animation (APNG): the default image is read, \($0) not"] } ?? []))
  }
}
