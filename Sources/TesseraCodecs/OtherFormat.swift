/// What a file is that no decoder here reads, known by its first bytes.
public struct OtherFormat: Hashable, Sendable {
  /// What it is: "a GIF image".
  public let name: String
  /// What can be done.
  public let advice: String
  /// Whether somebody may have wanted the file to be what it is; otherwise it came in the place of
  /// another, or that was damaged.
  public let isSound: Bool

  /// First bytes that tell every format.
  static let startLength = 512

  /// The format of a file that begins so; `nil` where nothing is known of it.
  public init?(firstBytes bytes: [UInt8]) {
    guard
      let found = Self.signature(of: bytes) ?? Self.container(bytes) ?? Self.document(bytes)
    else { return nil }
    self = found
  }

  private init(_ name: String, _ advice: String, isSound: Bool = true) {
    self.name = name
    self.advice = advice
    self.isSound = isSound
  }

  private static func image(_ name: String) -> OtherFormat {
    OtherFormat("\(name) image", "convert it to PNG first, such as with ImageMagick or libvips")
  }

  private static func archive(_ name: String) -> OtherFormat {
    OtherFormat(name, "unpack it first")
  }

  private static func data(_ name: String) -> OtherFormat {
    OtherFormat(name, "save its arrays with np.save")
  }

  private static func signature(of bytes: [UInt8]) -> OtherFormat? {
    signatures.first { bytes.dropFirst($0.offset).starts(with: $0.bytes) }?.format
  }

  private struct Signature {
    var bytes: [UInt8]
    var offset = 0
    var format: OtherFormat

    init(_ text: String, at offset: Int = 0, _ format: OtherFormat) {
      // Characters up to U+00FF stand for bytes.
      bytes = text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
      self.offset = offset
      self.format = format
    }
  }

  private static let signatures = [
    Signature("GIF8", image("a GIF")),
    Signature("II\u{BC}", image("a JPEG XR")),
    Signature("\u{FF}\u{0A}", image("a JPEG XL")),
    Signature("\0\0\0\u{0C}JXL \r\n\u{87}\n", image("a JPEG XL")),
    Signature("\0\0\0\u{0C}jP  ", image("a JPEG 2000")),
    Signature("\u{FF}O\u{FF}Q", image("a JPEG 2000")),
    Signature("8BPS", image("a Photoshop")), Signature("v/1\u{01}", image("an OpenEXR")),
    Signature("#?RADIANCE", image("a Radiance HDR")), Signature("#?RGBE", image("a Radiance HDR")),
    Signature("qoif", image("a QOI")), Signature("DDS ", image("a DirectDraw")),
    Signature("\0\0\u{01}\0", image("a Windows icon, an")),
    Signature("\u{8A}MNG\r\n", image("an MNG")), Signature("\u{8B}JNG\r\n", image("a JNG")),
    Signature("SIMPLE  =", image("a FITS")), Signature("DICM", at: 128, image("a DICOM")),
    Signature("farbfeld", image("a farbfeld")), Signature("FUJIFILM", image("a camera's raw")),
    Signature("%PDF", OtherFormat("a PDF document", "draw its pages first, such as with pdftoppm")),
    Signature("%!PS", OtherFormat("a PostScript document", "draw its pages as PNG first")),
    Signature(
      "PK\u{03}\u{04}",
      OtherFormat(
        "a ZIP archive, as .npz files are",
        "unpack it, or save one array: np.save(\"a.npy\", np.load(\"a.npz\")[\"arr_0\"])")),
    Signature("\u{1F}\u{8B}", archive("gzip data")), Signature("BZh", archive("bzip2 data")),
    Signature("\u{FD}7zXZ", archive("xz data")), Signature("(\u{B5}/\u{FD}", archive("zstd data")),
    Signature("7z\u{BC}\u{AF}", archive("a 7z archive")),
    Signature("Rar!", archive("a RAR archive")),
    Signature("ustar", at: 257, archive("a tar archive")),
    Signature("\u{89}HDF", data("an HDF5 file")), Signature("MATLAB", data("a MATLAB file")),
    Signature("PAR1", data("a Parquet file")), Signature("\u{80}\u{02}", data("a Python pickle")),
    Signature("\u{80}\u{03}", data("a Python pickle")),
    Signature("\u{80}\u{04}", data("a Python pickle")),
    Signature("\u{80}\u{05}", data("a Python pickle")),
    Signature(
      "\u{1A}E\u{DF}\u{A3}", OtherFormat("a Matroska or WebM video", "save its frames as PNG first")
    ),
    Signature(
      "version https://git-lfs",
      OtherFormat(
        "a pointer of Git LFS and not the file", "fetch that with `git lfs pull`", isSound: false)),
    Signature(
      "\u{EF}\u{BF}\u{BD}PNG",
      OtherFormat(
        "a PNG that something has taken for text", "copy or fetch it again", isSound: false)),
    Signature(
      "\u{EF}\u{BF}\u{BD}\u{EF}\u{BF}\u{BD}\u{EF}\u{BF}\u{BD}",
      OtherFormat(
        "a binary file that something has taken for text", "copy or fetch it again", isSound: false)
    ),
  ]

  /// Files whose kind stands some bytes behind their beginning.
  private static func container(_ bytes: [UInt8]) -> OtherFormat? {
    let text = { (range: Range<Int>) in String(decoding: bytes[range], as: UTF8.self) }
    if bytes.count > 2, bytes[0] == UInt8(ascii: "P"),
      (UInt8(ascii: "1")...UInt8(ascii: "7")).contains(bytes[1]),
      [9, 10, 13, 32].contains(bytes[2])
    {
      return image("a PNM")
    }
    // Two bytes that are reserved tell it from words.
    if bytes.count > 7, text(0..<2) == "BM", bytes[6] == 0, bytes[7] == 0 { return image("a BMP") }
    guard bytes.count >= 12 else { return nil }
    if text(0..<4) == "RIFF" {
      return OtherFormat("a RIFF file, such as AVI or WAV", "it holds no image")
    }
    if text(4..<8) == "ftyp" {
      let length = bytes[..<4].reduce(0) { $0 << 8 | Int($1) }
      let brands = stride(from: 8, to: min(max(length, 12), bytes.count - 3), by: 4)
        .map { text($0..<$0 + 4) }
      if brands.contains("avif") || brands.contains("avis") { return image("an AVIF") }
      let heif = ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"]
      if brands.contains(where: heif.contains) { return image("a HEIC") }
      if brands.contains("crx ") { return image("a camera's raw") }
      return OtherFormat("an MP4 or QuickTime video", "save its frames as PNG first")
    }
    guard bytes.allSatisfy({ $0 == 0 }) else { return nil }
    return OtherFormat(
      "a file that begins with zeros, as one that was never copied whole",
      "copy or fetch it again", isSound: false)
  }

  /// Files of letters.
  private static func document(_ bytes: [UInt8]) -> OtherFormat? {
    // What is cut may end within a character.
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    let isText = bytes.allSatisfy { $0 >= 32 && $0 != 127 || (9...13).contains($0) }
    // Names and sentences in any language have spaces and signs; noise is half above ASCII.
    let foreign = bytes.lazy.filter { $0 > 127 }.count
    guard isText, !bytes.isEmpty, foreign * 4 <= bytes.count else { return nil }
    if text.contains("<svg") { return image("an SVG") }
    let again = "it may be what a failed download left: fetch it again"
    if text.contains("<!doctype html") || text.contains("<html") {
      return OtherFormat("a web page (HTML)", again, isSound: false)
    }
    if text.contains("<?xml") { return OtherFormat("an XML document", again, isSound: false) }
    return nil
  }
}
