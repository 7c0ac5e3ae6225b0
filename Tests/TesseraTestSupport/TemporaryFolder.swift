import Glibc
import TesseraCore
import TesseraFiles

/// A folder of its own for one test, in TMPDIR or /tmp, removed with everything in it.
package final class TemporaryFolder {
  package let path: String

  package init() throws {
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    let parent = named.isEmpty ? "/tmp" : named
    var template = Path.join(parent, "tessera-test-XXXXXX").utf8CString.map { $0 }
    guard mkdtemp(&template) != nil else { throw FileError(.create, parent) }
    // As the command names its working folder.
    guard let whole = realpath(template, nil) else { throw FileError(.create, parent) }
    defer { free(whole) }
    path = String(pathBytes: UnsafeRawBufferPointer(start: whole, count: strlen(whole)))
  }

  deinit { Self.removeAll(path) }

  /// The path of something inside.
  package func path(_ relativePath: String) -> String { Path.join(path, relativePath) }

  /// Writes a file, folders above it included.
  @discardableResult
  package func write(_ content: String, to relativePath: String) throws -> String {
    try write(Array(content.utf8), to: relativePath)
  }

  /// Writes a file, folders above it included.
  @discardableResult
  package func write(_ content: [UInt8], to relativePath: String) throws -> String {
    let file = path(relativePath)
    try FileSystem.makeFolder(Path.folder(of: file))
    let open = try OpenFile(file, flags: O_WRONLY | O_CREAT | O_TRUNC, as: .create)
    try open.write(content)
    return file
  }

  /// Makes a folder.
  package func makeFolder(_ relativePath: String) throws {
    try FileSystem.makeFolder(path(relativePath))
  }

  /// Makes a link to `target`.
  package func link(_ relativePath: String, to target: String) {
    _ = path(relativePath).withPathBytes { new in target.withPathBytes { symlink($0, new) } }
  }

  /// Removes a file.
  package func remove(_ relativePath: String) { FileSystem.remove(path(relativePath)) }

  /// Removes a folder with everything in it.
  package func removeAll(_ relativePath: String) { Self.removeAll(path(relativePath)) }

  /// The bytes of a file; `nil` where there is none.
  package func content(_ relativePath: String) -> [UInt8]? {
    try? FileSystem.content(of: path(relativePath))
  }

  /// The text of a file; `nil` where there is none.
  package func text(_ relativePath: String) -> String? {
    content(relativePath).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Everything inside, hidden things included, sorted; folders end in a slash.
  package func tree(_ relativePath: String = "") -> [String] {
    Self.names(in: path(relativePath)).flatMap { name -> [String] in
      let inner = Path.join(relativePath, name)
      let isFolder = FileStatus(of: path(inner), followingLinks: false)?.kind == .folder
      return isFolder ? ["\(inner)/"] + tree(inner) : [inner]
    }
  }

  private static func names(in folder: String) -> [String] {
    guard let stream = folder.withPathBytes({ opendir($0) }) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(pathBytes: bytes.prefix { $0 != 0 })
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  private static func removeAll(_ path: String) {
    if FileStatus(of: path, followingLinks: false)?.kind == .folder {
      for name in names(in: path) { removeAll(Path.join(path, name)) }
    }
    _ = path.withPathBytes { Glibc.remove($0) }
  }
}
