import Glibc
import TesseraCore
import TesseraFiles

/// Why a file could not be read or written.
public enum CodecError: Error, Hashable, Sendable {
  /// The first bytes are those of no known format.
  case unknownFormat(firstBytes: [UInt8])
  /// The first bytes are those of a format that is not read.
  case otherFormat(OtherFormat)
  /// The header breaks the rules of its format.
  case malformed(FileFormat, String)
  /// The file is valid, but of a kind that is not read, or the image of one that is not written.
  case unsupported(FileFormat, String)
  /// The header gives more pixels than were allowed; those of many channels count more than once.
  case tooManyPixels(ImageShape, limit: Int)
  /// The decoder needs more memory or work than it is allowed.
  case overLimit(FileFormat, String)
  /// The file ends before the image does.
  case truncated(FileFormat, String)
  /// The pixels' data break the rules of the format.
  case damaged(FileFormat, String)
  /// The decoder complained of something harmless, and even that was to be refused.
  case warning(FileFormat, String)
  /// A complaint that only `fail_on` makes an error of, and the strictest value that lets it pass.
  indirect case refused(CodecError, passing: FailOn)
  /// Not a regular file: "a directory", "a FIFO", "a device", "a socket", or a link to nothing.
  case notAFile(String)
  /// The file was written to while it was read.
  case changed
  /// What the system refused to do, with its `errno`.
  case io(FileError.Operation, errno: Int32)
  /// The caller wants no more of it.
  case cancelled
}

extension CodecError: CustomStringConvertible {
  /// What was expected and what was found, and for a file that is refused whose fault it is.
  public var description: String {
    switch self {
    case .unknownFormat(let firstBytes):
      Self.describe(firstBytes: firstBytes)
    case .otherFormat(let format):
      "the file is \(format.name)\(format.isSound ? ", which is not read" : ""): \(format.advice)"
    case .malformed(let format, let text):
      "malformed \(format.name): \(text)"
    case .unsupported(let format, let text):
      "unsupported \(format.name): \(text)"
    case .tooManyPixels(let shape, let limit):
      "the header gives \(shape.pixelsInWords), more than max_pixels \(limit)"
    case .overLimit(let format, let text):
      "\(format.name) over a limit: \(text)"
    case .truncated(let format, let text):
      "truncated \(format.name): \(text)"
    case .damaged(let format, let text):
      "damaged \(format.name): \(text)"
    case .warning(let format, let text):
      "\(format.name) with a warning: \(text)"
    case .refused(let reason, let value):
      "\(reason); \"fail_on\": \"\(value.rawValue)\" in load \(value.effect)"
    case .notAFile(let what):
      "expected a regular file, found \(what)"
    case .changed:
      "the file was written to while it was read; once it rests, run again"
    case .io(let operation, let code):
      "\(operation.rawValue) failed: \(String(cString: strerror(code)))"
    case .cancelled:
      "it was asked to end"
    }
  }

  /// The complaint itself, without what `fail_on` has to do with it.
  public var reason: CodecError {
    if case .refused(let reason, _) = self { reason } else { self }
  }

  /// The error of a file whose first bytes are those of no format that is read.
  static func unknown(_ source: OpenSource) throws(CodecError) -> CodecError {
    let bytes = try mapping(source.bytes(at: 0, count: OtherFormat.startLength))
    let start = Array(bytes.prefix(ImageFormat.signatureLength))
    return OtherFormat(firstBytes: bytes).map { .otherFormat($0) }
      ?? .unknownFormat(firstBytes: start)
  }

  private static func describe(firstBytes: [UInt8]) -> String {
    if firstBytes.isEmpty { return "the file is empty: copy or fetch it again" }
    let signature = pngSignature
    let shared = zip(firstBytes, signature).count { $0 == $1 }
    let found = hexadecimal(firstBytes)
    if shared >= 4 {
      return "damaged PNG signature: expected \(hexadecimal(signature)), found \(found)"
    }
    let line = firstBytes.prefix { (32..<127).contains($0) }
    let isText = firstBytes.allSatisfy { (32..<127).contains($0) || (9...13).contains($0) }
    if isText, !line.isEmpty {
      return
        "the file begins with the text \"\(String(decoding: line, as: UTF8.self))\", which "
        + "is no \(ImageFormat.kinds) signature: it may be what a failed download left"
    }
    return "the file begins with \(found), which is no \(ImageFormat.kinds) signature"
  }

  private static let pngSignature = ImageFormat.png.signatures[0].compactMap(\.self)

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { $0.hexadecimal.uppercased() }.joined(separator: " ")
  }
}

extension FailOn {
  /// What becomes of a file that is let pass by this value and by none that is stricter.
  fileprivate var effect: String {
    switch self {
    case .none: "takes the rows that came, and zeros for the others"
    case .truncated: "takes the pixels as they came out"
    case .error, .warning: "takes it"
    }
  }
}
