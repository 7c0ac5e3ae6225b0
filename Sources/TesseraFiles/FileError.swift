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
