import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Locks that keep other runs away from the folders of one.
final class RunLocks: Sendable {
  private struct Taken: Sendable {
    let path: String
    let descriptor: Int32
    let isNew: Bool
  }

  private let taken: Locked<[Taken]>
  /// Where there are no locks, and none was insisted on.
  let unlocked: String?

  /// Takes all of them.
  ///
  /// - Parameters:
  ///   - places: the folder of the run, with its lock.
  ///   - others: more folders that the run writes to.
  ///   - shared: a folder that other shards of plans write to as well.
  ///   - options: whether the run goes on where the file system has no locks, and whether it waits
  ///     for runs that have one.
  ///   - note: called with each folder that had to be made.
  /// - Throws: ``BatchError/folderInUse(_:)`` where another run has one,
  ///   ``BatchError/noLocks(_:)`` where the file system has none.
  init(
    _ places: RunPlaces, others: [String], shared: String? = nil, _ options: BatchOptions,
    noting note: (String) -> Void = { _ in }
  ) throws(BatchError) {
    let first = places.isStateApart ? Path.folder(of: places.lock) : places.folder
    var files = ([(places.lock, first)] + others.map { (RunPlaces($0).lock, $0) }).map {
      (path: $0, folder: $1, mode: LOCK_EX)
    }
    if let shared { files.append((RunPlaces(shared).lock, shared, LOCK_SH)) }
    // A run of version 0.1 may still be at work.
    let old = places.firstVersion.lock
    if FileStatus(of: old, followingLinks: false)?.kind == .file {
      files.append((old, places.folder, shared == nil ? LOCK_EX : LOCK_SH))
    }
    var taken: [Taken] = []
    var unlocked: String?
    do throws(BatchError) {
      for (file, folder, mode) in files {
        let (lock, error) = try Self.opened(file, of: folder, mode, options, noting: note)
        taken.append(lock)
        guard let error else { continue }
        if options.needsLock { throw BatchError.noLocks(error) }
        unlocked = unlocked ?? folder
      }
    } catch {
      Self.release(taken, removing: true)
      throw error
    }
    self.taken = Locked(taken)
    self.unlocked = unlocked
  }

  /// Opens and locks a file; the error says why there is no lock.
  private static func opened(
    _ path: String, of folder: String, _ mode: Int32, _ options: BatchOptions,
    noting note: (String) -> Void
  ) throws(BatchError) -> (Taken, FileError?) {
    // Where no name ever leads to the file that was opened by it, a lock tells nothing.
    for _ in 0..<8 {
      let isThere = FileStatus(of: path, followingLinks: false) != nil
      let flags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY
      var descriptor = path.withPathBytes { open($0, flags | O_RDWR | O_CREAT, 0o666) }
      if descriptor < 0, errno == EACCES, mode == LOCK_SH {
        // Another user's, who lets others read it.
        descriptor = path.withPathBytes { open($0, flags | O_RDONLY) }
      }
      if descriptor < 0, errno == ENOENT {
        // A run that made the folder, too, and was refused has taken it away again.
        do throws(FileError) {
          try FileSystem.makeFolder(Path.folder(of: path), noting: note)
        } catch {
          throw .file(error)
        }
        continue
      }
      guard descriptor >= 0 else { throw .file(FileError(.create, path)) }
      // One that others may have as well is nobody's to take away.
      let lock = Taken(
        path: path, descriptor: descriptor, isNew: !isThere && mode == LOCK_EX)
      var round = 0
      var result = flock(descriptor, mode | LOCK_NB)
      while result != 0, errno == EINTR || errno == EWOULDBLOCK && options.mayWait(round) {
        round += 1
        result = flock(descriptor, mode | LOCK_NB)
      }
      if result != 0, errno == EWOULDBLOCK {
        close(descriptor)
        throw .folderInUse(folder)
      }
      if result != 0 {
        let error = FileError(.lock, path)
        if [ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL].contains(error.code) { return (lock, error) }
        release([lock], removing: true)
        throw .file(error)
      }
      // A run that was refused may have taken its lock away between the two calls.
      let identity = FileStatus(of: path, followingLinks: false)?.identity
      if identity != nil, identity == FileStatus(of: descriptor)?.identity { return (lock, nil) }
      close(descriptor)
    }
    throw .file(FileError(.lock, path, code: ESTALE))
  }

  /// Takes away the files that were not there before; the locks hold until this ends.
  func removeNew() {
    taken.withLock { taken in
      for lock in taken where lock.isNew { FileSystem.remove(lock.path) }
    }
  }

  /// Lets them go, whoever still holds this.
  func release() {
    taken.withLock { taken in
      Self.release(taken, removing: false)
      taken = []
    }
  }

  deinit { release() }

  private static func release(_ taken: [Taken], removing: Bool) {
    for lock in taken {
      if removing, lock.isNew { FileSystem.remove(lock.path) }
      // A child that is just being started may hold a copy, and the lock with it.
      flock(lock.descriptor, LOCK_UN)
      close(lock.descriptor)
    }
  }
}

extension RunLocks {
  /// Whether somebody has a lock for himself; it is held for a moment to find out.
  static func isTaken(_ path: String) -> Bool {
    // Where locks are those of a network, some need a file that may be written.
    guard
      let file = (try? OpenFile(path, flags: O_RDWR | O_NOFOLLOW))
        ?? (try? OpenFile(path, flags: O_RDONLY | O_NOFOLLOW))
    else { return false }
    return flock(file.descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}

extension BatchOptions {
  /// Whether to ask for a lock again that another run has: where the run waits for it until it is to
  /// end, or once more, for who only wants to know whether somebody has it holds it for a moment.
  fileprivate func mayWait(_ round: Int) -> Bool {
    guard round < 3 || waitsForLock, !stop.isCancelled else { return false }
    usleep(round < 3 ? 10_000 : 200_000)
    return true
  }
}
