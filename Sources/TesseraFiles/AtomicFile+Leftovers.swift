import Glibc
import TesseraCore

/// What killed runs have left under temporary names.
///
/// Every file is locked from the moment that it exists until it has its final name, or its name leads
/// to a `PartKeeper` that is. Whoever gets the lock of one knows that nobody writes it any more, in
/// whatever process or container.
extension AtomicFile {
  /// Removes from a folder, but not from those below it, the files that nobody writes any more.
  ///
  /// Where the file system has no locks, all stay.
  package static func removeLeftovers(in folder: String) {
    guard let stream = (folder.isEmpty ? "." : folder).withPathBytes({ opendir($0) }) else {
      return
    }
    defer { closedir(stream) }
    while let entry = readdir(stream) {
      let name: String? = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        let bytes = bytes.prefix { $0 != 0 }
        let isOurs = bytes.first == UInt8(ascii: ".") && bytes.reversed().starts(with: suffix)
        return isOurs ? String(pathBytes: bytes) : nil
      }
      if let name { removeLeftover(Path.join(folder, name)) }
    }
  }

  /// Begins a file of which nothing keeps records: what killed commands have left beside it goes first.
  ///
  /// - Parameter path: the final name.
  /// - Returns: the file.
  /// - Throws: ``FileError`` where it cannot be made.
  package static func removingLeftovers(at path: String) throws(FileError) -> AtomicFile {
    removeLeftovers(in: Path.folder(of: path))
    return try AtomicFile(at: path)
  }

  private static let suffix = Array(OwnNames.partSuffix.utf8.reversed())

  private static func removeLeftover(_ path: String) {
    // Runs write files: a link is none of theirs to wait for, and what it leads to stays.
    if FileStatus(of: path, followingLinks: false)?.kind == .link {
      FileSystem.remove(path)
      return
    }
    guard let file = try? OpenFile(path, flags: O_RDWR | O_NOFOLLOW),
      FileStatus(of: file.descriptor)?.kind == .file,
      flock(file.descriptor, LOCK_EX | LOCK_NB) == 0,
      ownership(of: path, file.descriptor) == .ours, !isKept(path)
    else { return }
    // As long as the lock is held, nobody else takes the name away.
    FileSystem.remove(path)
  }

  /// Whether somebody holds the lock of the keeper that a name leads to.
  private static func isKept(_ path: String) -> Bool {
    guard let keeper = PartKeeper.path(keeping: path),
      let file = try? OpenFile(keeper, flags: O_RDWR | O_NOFOLLOW)
    else { return false }
    return flock(file.descriptor, LOCK_EX | LOCK_NB) != 0
  }

  /// Whose the file under a name is, seen from one that was opened by it.
  enum Ownership {
    case ours
    /// The file was taken for a leftover, and removed.
    case others
    /// The system does not tell.
    case unknown
  }

  /// Locks a new file.
  static func lock(_ path: String, _ descriptor: Int32) -> Ownership {
    // Where there are no locks, none is missed: nothing is removed either.
    if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { return .others }
    return ownership(of: path, descriptor)
  }

  private static func ownership(of path: String, _ descriptor: Int32) -> Ownership {
    guard let named = FileStatus(of: path, followingLinks: false) else {
      return errno == ENOENT ? .others : .unknown
    }
    guard let open = FileStatus(of: descriptor) else { return .unknown }
    return named.identity == open.identity ? .ours : .others
  }
}
