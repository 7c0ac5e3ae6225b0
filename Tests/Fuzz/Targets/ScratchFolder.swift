import Glibc
import TesseraFiles

/// A folder for one input, in memory where there is such a place, removed with the files in it.
final class ScratchFolder {
  let path: String

  /// What holds all of them: TESSERA_FUZZ_FOLDER, which whoever sets it removes after a crash.
  private static let parent: String = {
    if let named = getenv("TESSERA_FUZZ_FOLDER") { return String(cString: named) }
    if access("/dev/shm", W_OK) == 0 { return "/dev/shm" }
    let named = getenv("TMPDIR").map { String(cString: $0) } ?? ""
    return named.isEmpty ? "/tmp" : named
  }()

  init() throws(FileError) {
    var template = Array(Path.join(Self.parent, "tessera-fuzz-XXXXXX").utf8CString)
    guard mkdtemp(&template) != nil else { throw FileError(.create, Self.parent) }
    path = String(pathBytes: template.dropLast().map { UInt8(bitPattern: $0) })
  }

  deinit { Self.remove(path) }

  /// The path of something inside.
  func path(_ name: String) -> String { Path.join(path, name) }

  /// Writes a file, the folders above it included.
  ///
  /// - Parameters:
  ///   - bytes: its content.
  ///   - name: its path from here.
  /// - Returns: its path.
  /// - Throws: `FileError` where the system refuses it.
  @discardableResult
  func write(_ bytes: some Collection<UInt8>, to name: String) throws(FileError) -> String {
    let file = path(name)
    try FileSystem.makeFolder(Path.folder(of: file))
    try OpenFile.emptied(file).write(Array(bytes))
    return file
  }

  private static func remove(_ path: String) {
    if FileStatus(of: path, followingLinks: false)?.kind == .folder, let folder = opendir(path) {
      defer { closedir(folder) }
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(pathBytes: bytes.prefix { $0 != 0 })
        }
        if name != ".", name != ".." { remove(Path.join(path, name)) }
      }
    }
    _ = path.withPathBytes { Glibc.remove($0) }
  }
}
