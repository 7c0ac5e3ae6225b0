import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

/// A walk through a folder and those below it, in which every folder is read once.
///
/// Links to files are followed wherever they lead, links to folders as ``LinkPolicy`` says. A folder
/// that can be reached in several ways is read under its own path rather than through a link, so
/// loops end. Whatever cannot be asked for or read is told of, if only by its path.
struct FolderWalk {
  /// What was met besides folders to read.
  enum Finding {
    /// Something that is no folder, as far as the system has told; `nil`: it has not.
    case entry(relativePath: String, FileStatus?)
    /// FIFOs and the like whose names are all that is known of them.
    case special(SpecialFile)
    /// A name under which nothing was found any more.
    case gone(path: String)
    /// A link to a folder that is not followed.
    case link(path: String, LinkPolicy.Refusal)
    /// A folder that could not be read, or not to its end.
    case unreadable(FileError)
  }

  /// A folder waiting to be read.
  private struct Pending {
    let relativePath: String
    let identity: FileStatus.Identity
  }

  /// Whether folders below the first one are read.
  let isRecursive: Bool
  /// Folders that are passed over.
  let excluded: Set<FileStatus.Identity>
  /// Which links to folders are followed.
  let links: LinkPolicy
  /// Ends the walk early.
  let cancellation: Cancellation
  /// Whether the walk goes into a folder, given its relative path.
  let enters: (String) -> Bool

  private var visited: Set<FileStatus.Identity> = []
  private var own: [Pending] = []
  /// Links that were found, and those whose turn it is, the first one last.
  private var linked: [Pending] = []
  private var next: [Pending] = []

  init(
    isRecursive: Bool, excluded: Set<FileStatus.Identity>, links: LinkPolicy,
    cancellation: Cancellation, enters: @escaping (String) -> Bool
  ) {
    self.isRecursive = isRecursive
    self.excluded = excluded
    self.links = links
    self.cancellation = cancellation
    self.enters = enters
  }

  /// Walks through the folder of `links`; relative paths begin below it.
  mutating func walk(_ identity: FileStatus.Identity, _ take: (Finding) -> Void) {
    own.append(Pending(relativePath: "", identity: identity))
    // Links wait until no folder is left that can be reached by its own path.
    while !cancellation.isCancelled, let pending = own.popLast() ?? takeLink() {
      guard visited.insert(pending.identity).inserted else { continue }
      read(pending, take)
    }
  }

  /// The next link, by its bytes: what is read must not depend on the order of the file system.
  private mutating func takeLink() -> Pending? {
    if next.isEmpty {
      next = linked.sorted { PathKey($1.relativePath) < PathKey($0.relativePath) }
      linked = []
    }
    return next.popLast()
  }

  private mutating func read(_ pending: Pending, _ take: (Finding) -> Void) {
    let path = Path.join(links.root, pending.relativePath)
    guard let stream = path.withPathBytes({ opendir($0) }) else {
      return take(failure(FileError(.read, path), at: pending))
    }
    defer { closedir(stream) }
    while !cancellation.isCancelled {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno != 0 { take(failure(FileError(.read, path), at: pending)) }
        return
      }
      add(entry, in: pending.relativePath, dirfd(stream), take)
    }
  }

  /// A folder below the first one may have gone meanwhile.
  private func failure(_ error: FileError, at pending: Pending) -> Finding {
    error.code == ENOENT && !pending.relativePath.isEmpty
      ? .gone(path: error.path) : .unreadable(error)
  }

  /// Adds an entry of an open folder that is not hidden.
  private mutating func add(
    _ entry: UnsafeMutablePointer<dirent>, in folder: String, _ descriptor: Int32,
    _ take: (Finding) -> Void
  ) {
    let type = Int(entry.pointee.d_type)
    withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      guard bytes.first != UInt8(ascii: "."), let start = bytes.baseAddress else { return }
      let name = String(pathBytes: bytes.prefix { $0 != 0 })
      let relativePath = Path.join(folder, name)
      let characters = start.assumingMemoryBound(to: CChar.self)
      // Seen from its folder, the length of the whole path does not matter.
      if let status = FileStatus(of: characters, in: descriptor) {
        add(relativePath, status, take)
      } else {
        // Before anything else is called: what makes the path may leave a number of its own.
        let code = errno
        let error = FileError(.read, Path.join(links.root, relativePath), code: code)
        addUnknown(relativePath, type, error, take)
      }
    }
  }

  private mutating func add(
    _ relativePath: String, _ itself: FileStatus, _ take: (Finding) -> Void
  ) {
    var status = itself
    if itself.kind == .link {
      // A broken link stands for itself: as an input it fails, so it is not passed over in silence.
      status = FileStatus(of: Path.join(links.root, relativePath)) ?? itself
    }
    guard status.kind == .folder else { return take(.entry(relativePath: relativePath, status)) }
    guard isRecursive, !excluded.contains(status.identity), enters(relativePath) else { return }
    let pending = Pending(relativePath: relativePath, identity: status.identity)
    guard itself.kind == .link else { return own.append(pending) }
    let path = Path.join(links.root, relativePath)
    do throws(FileError) {
      if let refusal = try links.refusal(of: path) {
        take(.link(path: path, refusal))
      } else {
        linked.append(pending)
      }
    } catch {
      take(failure(error, at: pending))
    }
  }

  /// Adds an entry that could not be asked for; its folder may know of what type it is.
  private func addUnknown(
    _ relativePath: String, _ type: Int, _ error: FileError, _ take: (Finding) -> Void
  ) {
    if error.code == ENOENT { return take(.gone(path: error.path)) }
    let kind: FileStatus.Kind? =
      switch type {
      case Int(DT_DIR): .folder
      case Int(DT_FIFO): .pipe
      case Int(DT_SOCK): .socket
      case Int(DT_CHR), Int(DT_BLK): .device
      default: nil
      }
    if kind == .folder {
      if isRecursive, enters(relativePath) { take(.unreadable(error)) }
    } else if let kind, let special = SpecialFile(error.path, kind) {
      take(.special(special))
    } else {
      take(.entry(relativePath: relativePath, nil))
    }
  }
}
