import Glibc
import TesseraCore
import TesseraFiles

/// A walk through a folder and those below it, in which every folder is read once.
///
/// Links to files and folders are followed. A folder that can be reached in several ways is read
/// under its own path rather than through a link, so loops end.
struct FolderWalk {
  /// A file that was met.
  struct Entry {
    let relativePath: String
    let status: FileStatus
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
  /// Whether the walk goes into a folder, given its relative path.
  let enters: (String) -> Bool

  private(set) var entries: [Entry] = []
  /// Folders that could not be read.
  private(set) var errors: [FileError] = []
  private var visited: Set<FileStatus.Identity> = []
  private var own: [Pending] = []
  private var linked: [Pending] = []

  init(
    isRecursive: Bool, excluded: Set<FileStatus.Identity>, enters: @escaping (String) -> Bool
  ) {
    self.isRecursive = isRecursive
    self.excluded = excluded
    self.enters = enters
  }

  /// Walks through `folder`; relative paths begin below it.
  mutating func walk(_ folder: String, identity: FileStatus.Identity) {
    own.append(Pending(relativePath: "", identity: identity))
    // Links wait until no folder is left that can be reached by its own path.
    while let next = own.popLast() ?? takeFirstLink() {
      guard visited.insert(next.identity).inserted else { continue }
      read(next, of: folder)
    }
  }

  /// The first link by its bytes: what is read must not depend on the order of the file system.
  private mutating func takeFirstLink() -> Pending? {
    let first = linked.indices.min { a, b in
      PathKey(linked[a].relativePath) < PathKey(linked[b].relativePath)
    }
    return first.map { linked.remove(at: $0) }
  }

  private mutating func read(_ pending: Pending, of root: String) {
    let path = Path.join(root, pending.relativePath)
    guard let stream = path.withPathBytes({ opendir($0) }) else {
      errors.append(FileError(.read, path))
      return
    }
    defer { closedir(stream) }
    while let entry = Self.next(in: stream) {
      guard let name = Self.visibleName(of: entry) else { continue }
      let relativePath = Path.join(pending.relativePath, name)
      add(relativePath, at: Path.join(root, relativePath))
    }
    if errno != 0 { errors.append(FileError(.read, path)) }
  }

  private mutating func add(_ relativePath: String, at path: String) {
    guard let itself = FileStatus(of: path, followingLinks: false) else { return }
    // A broken link stands for itself: as an input it fails, so it is not passed over in silence.
    let status = itself.kind == .link ? FileStatus(of: path) ?? itself : itself
    switch status.kind {
    case .file, .link, .pipe, .socket, .device:
      entries.append(Entry(relativePath: relativePath, status: status))
    case .folder:
      guard isRecursive, !excluded.contains(status.identity), enters(relativePath) else { return }
      let pending = Pending(relativePath: relativePath, identity: status.identity)
      if itself.kind == .link { linked.append(pending) } else { own.append(pending) }
    }
  }

  /// The next entry, or `nil` at the end (`errno` 0) and after an error.
  private static func next(in stream: OpaquePointer) -> UnsafeMutablePointer<dirent>? {
    errno = 0
    return readdir(stream)
  }

  /// The name of an entry that is not hidden.
  private static func visibleName(of entry: UnsafeMutablePointer<dirent>) -> String? {
    withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
      bytes.first == UInt8(ascii: ".") ? nil : String(pathBytes: bytes.prefix { $0 != 0 })
    }
  }
}
