import Glibc
import TesseraCore

/// A call of the operating system that failed on a file.
public struct FileError: Error, Hashable, Sendable {
  /// What was tried, as a verb: "open", "create".
  public var operation: String
  /// On which file.
  public var path: String
  /// The system's error number.
  public var code: Int32

  /// Creates an error, by default from the number that the last system call left.
  public init(_ operation: String, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// The system's sentence on the error number.
  public var reason: String { String(cString: strerror(code)) }

  /// Whether every further output would fail as well: the disk is full, broken or read-only.
  public var concernsWholeDisk: Bool { [ENOSPC, EDQUOT, EROFS, EIO].contains(code) }
}

extension FileError: CustomStringConvertible {
  /// One sentence: what failed, on which file, why.
  public var description: String { "cannot \(operation) '\(path.printable)': \(reason)" }
}

extension String {
  /// The text with control characters written as escapes, so that a hostile file name can neither
  /// break a line nor steer a terminal.
  package var printable: String {
    guard unicodeScalars.contains(where: { $0.isControl || $0.escapedPathByte != nil }) else {
      return self
    }
    var text = ""
    for scalar in unicodeScalars {
      if let byte = scalar.escapedPathByte {
        text += "\\x" + byte.hexadecimal
      } else if scalar == "\n" {
        text += "\\n"
      } else if scalar == "\t" {
        text += "\\t"
      } else if scalar.isControl {
        text += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

extension Unicode.Scalar {
  /// Whether it is a control or a change of writing direction rather than something to read.
  fileprivate var isControl: Bool {
    value < 0x20 || (0x7F...0x9F).contains(value) || (0x202A...0x202E).contains(value)
      || (0x2066...0x2069).contains(value)
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  /// All hexadecimal digits, leading zeros kept.
  var hexadecimal: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: Self.bitWidth / 4 - digits.utf8.count) + digits
  }
}
