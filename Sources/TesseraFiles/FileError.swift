import Glibc
import TesseraCore

/// A call of the operating system that failed on a file.
public struct FileError: Error, Hashable, Sendable {
  /// What was tried; a command's exit status hangs on it.
  public enum Operation: String, Hashable, Sendable, CaseIterable {
    /// To open what exists.
    case open
    /// To take bytes from it, or names from a folder.
    case read
    /// To bring a file or a folder into being under its name.
    case create
    /// To put bytes into a file.
    case write
    /// To keep other processes from it.
    case lock
  }

  /// What was tried.
  public var operation: Operation
  /// On which file.
  public var path: String
  /// The system's error number.
  public var code: Int32
  /// Why Tessera itself refuses the file, or what its name leads to; `nil`: the system says it all.
  public var refusal: String?

  /// Keeps what failed, by default with the number that the last system call left.
  public init(_ operation: Operation, _ path: String, code: Int32 = errno) {
    self.operation = operation
    self.path = path
    self.code = code
  }

  /// Keeps why a file is refused that the system would give.
  package init(_ operation: Operation, _ path: String, _ refusal: String) {
    self.init(operation, path, code: EINVAL)
    self.refusal = refusal
  }

  /// Tells that the reading was ended because somebody asked for it.
  package static func cancelled(_ path: String) -> FileError {
    // No number of the system: a file system may give any of those.
    FileError(.read, path, code: cancelledCode)
  }

  /// Whether the reading was ended because somebody asked for it.
  package var isCancelled: Bool { code == Self.cancelledCode }

  private static let cancelledCode: Int32 = -1

  /// The system's sentence on the error number, or why the file is refused.
  public var reason: String {
    if let refusal { return refusal }
    if isCancelled { return "the reading was ended" }
    // The system's is about devices alone.
    return code == ENXIO
      ? "it is a socket, or a device that is not there" : String(cString: strerror(code))
  }

  /// Whether every further output would fail as well: the disk is full, broken or read-only.
  public var concernsWholeDisk: Bool { [ENOSPC, EDQUOT, EROFS, EIO].contains(code) }
}

extension FileError: CustomStringConvertible {
  /// One sentence: what failed, on which file, why.
  public var description: String {
    "cannot \(operation.rawValue) '\(path.printable)': \(reason)"
  }
}
