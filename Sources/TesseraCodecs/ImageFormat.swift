/// A file format that images are read from and written to.
public enum ImageFormat: String, Hashable, Sendable, CaseIterable {
  /// Portable Network Graphics.
  case png
  /// JPEG, with JFIF or Exif headers or without.
  case jpeg
  /// NumPy's array file.
  case npy

  /// Extensions in lower case, the usual one first.
  public var extensions: [String] {
    switch self {
    case .png: ["png"]
    case .jpeg: ["jpg", "jpeg", "jpe", "jfif"]
    case .npy: ["npy"]
    }
  }

  /// The format's name in messages.
  public var name: String {
    switch self {
    case .png: "PNG"
    case .jpeg: "JPEG"
    case .npy: "NPY"
    }
  }

  /// All formats in words: "PNG, JPEG or NPY".
  public static var kinds: String {
    let names = allCases.map(\.name)
    return names.dropLast().joined(separator: ", ") + " or " + names[names.count - 1]
  }

  /// What file names end with, without the dot, unless they say otherwise.
  public var fileExtension: String { extensions[0] }

  /// First bytes that `sniff` needs to tell every format.
  public static let signatureLength = 8

  /// What every file of the format begins with.
  public var signature: [UInt8] {
    switch self {
    case .png: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    case .jpeg: [0xFF, 0xD8, 0xFF]
    case .npy: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
    }
  }

  /// The format of a file that begins with these bytes, or `nil` for none of them.
  public static func sniff(_ firstBytes: UnsafeRawBufferPointer) -> ImageFormat? {
    allCases.first { firstBytes.starts(with: $0.signature) }
  }
}
