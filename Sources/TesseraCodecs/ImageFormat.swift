/// A file format that images are read from and written to.
public enum ImageFormat: String, Hashable, Sendable, CaseIterable {
  /// Portable Network Graphics.
  case png
  /// JPEG, with JFIF or Exif headers or without.
  case jpeg
  /// WebP, lossy or lossless.
  case webp
  /// Tag Image File Format, classic or BigTIFF.
  case tiff
  /// NumPy's array file.
  case npy

  /// Extensions in lower case, the usual one first.
  public var extensions: [String] {
    switch self {
    case .png: ["png"]
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .npy: ["npy"]
    case .webp: ["webp"]
    case .tiff: ["tif", "tiff", "btf", "tf8"]
    }
  }

  /// The format's name in messages.
  public var name: String {
    switch self {
    case .png: "PNG"
    case .jpeg: "JPEG"
    case .npy: "NPY"
    case .webp: "WebP"
    case .tiff: "TIFF"
    }
  }

  /// All formats in words: "PNG, JPEG, WebP, TIFF or NPY".
  public static var kinds: String {
    let names = allCases.map(\.name)
    return names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
  }

  /// What file names end with, without the dot, unless they say otherwise.
  public var fileExtension: String { extensions[0] }

  /// The largest height and width that are written [px].
  public var sideLimit: Int {
    switch self {
    case .jpeg: JPEGWriter.sideLimit
    case .webp: WebPWriter.sideLimit
    case .png, .npy, .tiff: Int(Int32.max)
    }
  }

  /// First bytes that `sniff` needs to tell every format.
  public static let signatureLength = 12

  /// What files of the format begin with, `nil` for any byte.
  public var signatures: [[UInt8?]] {
    switch self {
    case .png: [[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]]
    case .jpeg: [[0xFF, 0xD8, 0xFF]]
    case .npy: [NPYHeader.signature]
    // RIFF, the number of bytes, WEBP.
    case .webp: [[0x52, 0x49, 0x46, 0x46, nil, nil, nil, nil, 0x57, 0x45, 0x42, 0x50]]
    // The order of bytes, and 42 or, for BigTIFF, 43.
    case .tiff:
      [
        [0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43],
      ]
    }
  }

  /// The format of a file that begins with these bytes, or `nil` for none of them.
  public static func sniff(_ firstBytes: some Sequence<UInt8>) -> ImageFormat? {
    allCases.first { $0.signatures.contains { firstBytes.starts(with: $0, by: Self.fits) } }
  }

  private static func fits(_ byte: UInt8, _ expected: UInt8?) -> Bool {
    expected.map { $0 == byte } ?? true
  }
}
