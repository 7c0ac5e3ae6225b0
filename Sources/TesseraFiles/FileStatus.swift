import Glibc
import TesseraCore

/// What the file system knows of a path.
///
/// Where two of a path are equal, most likely nothing has been written there in between.
package struct FileStatus: Hashable {
  /// A file or folder itself, whatever path led to it.
  package struct Identity: Hashable {
    package let device: UInt
    package let number: UInt
  }

  package enum Kind {
    case file, folder, link, pipe, socket, device
  }

  package let kind: Kind
  package let identity: Identity
  package let byteCount: Int
  /// Since 1970 [ns].
  package let modificationTime: Int
  /// When it was last changed in any way that the system knows of, since 1970 [ns].
  private let changeTime: Int

  /// Asks for `path`; `nil` where there is nothing that can be asked (`errno` says why).
  package init?(of path: String, followingLinks: Bool = true) {
    var status = stat()
    let result = path.withPathBytes {
      followingLinks ? stat($0, &status) : lstat($0, &status)
    }
    guard result == 0 else { return nil }
    self.init(status)
  }

  /// Asks for `path`.
  ///
  /// - Throws: ``FileError`` where there is nothing that can be asked.
  package init(at path: String, followingLinks: Bool = true) throws(FileError) {
    guard let status = FileStatus(of: path, followingLinks: followingLinks) else {
      throw FileError.unreached(.read, path)
    }
    self = status
  }

  /// Asks for a name in an open folder, and never for what a link leads to; `nil` as above.
  package init?(of name: UnsafePointer<CChar>, in folder: Int32) {
    var status = stat()
    guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return nil }
    self.init(status)
  }

  /// Asks for an open file.
  package init?(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    switch status.st_mode & S_IFMT {
    case S_IFREG: kind = .file
    case S_IFDIR: kind = .folder
    case S_IFLNK: kind = .link
    case S_IFIFO: kind = .pipe
    case S_IFSOCK: kind = .socket
    default: kind = .device
    }
    identity = Identity(device: UInt(status.st_dev), number: UInt(status.st_ino))
    byteCount = Int(status.st_size)
    modificationTime = Self.nanoseconds(status.st_mtim)
    changeTime = Self.nanoseconds(status.st_ctim)
  }

  /// Whether its last change was so long ago that the times of the next one will differ: those of some
  /// file systems count in two seconds.
  package var isSettled: Bool {
    Self.now - changeTime > 2_000_000_000
  }

  /// Whether most likely it holds the same as at another time, whatever name leads to it.
  ///
  /// - Parameter other: the file at another time.
  /// - Returns: whether it is the same file, of the same size and time of modification.
  package func holdsTheSame(as other: FileStatus) -> Bool {
    identity == other.identity && byteCount == other.byteCount
      && modificationTime == other.modificationTime
  }

  /// Time since its content was last changed [s].
  package var age: Double { Double(Self.now &- modificationTime) / 1e9 }

  private static var now: Int {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return nanoseconds(now)
  }

  private static func nanoseconds(_ time: timespec) -> Int {
    let (nanoseconds, overflow) = Int(time.tv_sec).multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? .max : nanoseconds &+ Int(time.tv_nsec)
  }
}
