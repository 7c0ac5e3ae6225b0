import Glibc
import TesseraCore

extension FileSystem {
  /// Where a link leads that leads to nothing, links to links followed; `nil` where a path is none.
  package static func missingTarget(of path: String) -> String? {
    var path = path
    // The system follows as many.
    for round in 0...40 {
      guard let status = FileStatus(of: path, followingLinks: false) else {
        return errno == ENOENT && round > 0 ? path : nil
      }
      guard status.kind == .link, let target = target(of: path) else { return nil }
      path = Path.join(Path.folder(of: path), target)
    }
    return nil
  }

  /// What a link holds.
  static func target(of link: String) -> String? {
    var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = bytes.withUnsafeMutableBytes { bytes in
      link.withPathBytes { link in
        bytes.baseAddress.map {
          readlink(link, $0.assumingMemoryBound(to: CChar.self), bytes.count)
        } ?? -1
      }
    }
    return count < 0 ? nil : String(pathBytes: bytes[..<count])
  }
}

extension FileError {
  /// The error of a path that was to lead to something: where it is a link to nothing, that is said.
  package static func unreached(
    _ operation: Operation, _ path: String, code: Int32 = errno
  ) -> FileError {
    var error = FileError(operation, path, code: code)
    if code == ENOENT, let target = FileSystem.missingTarget(of: path) {
      error.refusal = "it is a link to '\(target.printable)', which does not exist"
    }
    return error
  }
}
