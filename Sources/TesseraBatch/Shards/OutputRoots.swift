import Glibc
import TesseraFiles
import TesseraThreads

/// The folders that a run was given for its outputs, and what lies below them.
///
/// They may be links, or be reached through some; below them no output is written through one.
struct OutputRoots: Sendable {
  private struct Root: Sendable {
    /// As it begins the paths of outputs.
    let prefix: [UInt8]
    let resolved: String
  }

  private let roots: [Root]
  /// The folder that was looked at last, and the link on its way.
  private let last = Locked<(folder: PathKey, link: String?)?>(nil)

  init(_ folders: [String]) {
    var seen: Set<PathKey> = []
    roots = folders.map(Path.normalized).filter { seen.insert(PathKey($0)).inserted }
      .map { folder in
        Root(
          prefix: folder == "." ? [] : Array((folder == "/" ? folder : folder + "/").utf8),
          resolved: FileSystem.resolved(folder))
      }
      // The innermost: one that was given may be a link, also inside another one.
      .sorted { $0.prefix.count > $1.prefix.count }
  }

  /// The path of an output through no link, which tells its file from others.
  func resolved(_ path: String) -> String {
    guard let root = root(of: path) else { return RunPlaces.resolved(file: path) }
    return Path.join(
      root.resolved, String(decoding: path.utf8.dropFirst(root.prefix.count), as: UTF8.self))
  }

  private func root(of path: String) -> Root? {
    roots.first { root in
      root.prefix.isEmpty
        ? path.utf8.first != UInt8(ascii: "/") && !path.utf8.starts(with: "../".utf8)
        : path.utf8.starts(with: root.prefix)
    }
  }

  /// Every folder between an output and its root, the innermost first.
  func foldersBelowRoot(of path: String) -> [String] {
    guard let root = root(of: path) else { return [] }
    var folders: [String] = []
    var folder = Path.folder(of: path)
    while folder.utf8.count > root.prefix.count {
      folders.append(folder)
      folder = Path.folder(of: folder)
    }
    return folders
  }

  /// The first link on the way to an output below its root; what does not exist is none.
  func link(onWayTo path: String) -> String? {
    let folder = PathKey(Path.folder(of: path))
    if let last = last.withLock({ $0 }), last.folder == folder { return last.link }
    let link = foldersBelowRoot(of: path).last {
      FileStatus(of: $0, followingLinks: false)?.kind == .link
    }
    last.withLock { $0 = (folder, link) }
    return link
  }
}
