import Glibc
import TesseraThreads

/// The files of this process that have not got their names.
enum UnnamedFiles {
  private struct Books {
    var paths: Set<PathKey> = []
    var isClosed = false
  }

  private static let books = Locked(Books())

  /// Makes a file under a temporary name that nothing has.
  ///
  /// - Throws: ``FileError`` where it cannot be made, or no more are.
  static func opened(_ path: String) throws(FileError) -> OpenFile {
    try books.withLock { (books) throws(FileError) in
      // Whoever removes all of them finds this one, too.
      if books.isClosed { throw FileError(.create, path, code: EINTR) }
      let file = try OpenFile(path, flags: O_RDWR | O_CREAT | O_EXCL)
      books.paths.insert(PathKey(path))
      return file
    }
  }

  /// Takes note that a file has its name, or is gone.
  static func forget(_ path: String) { books.withLock { _ = $0.paths.remove(PathKey(path)) } }

  /// Removes all of them, and makes no more.
  static func removeAll() {
    books.withLock { books in
      books.isClosed = true
      for path in books.paths { FileSystem.remove(path.path) }
    }
  }
}

extension AtomicFile {
  /// Removes every file of this process that has not got its name, for a process that ends at once;
  /// no other can be made after it.
  package static func discardAll() { UnnamedFiles.removeAll() }
}
