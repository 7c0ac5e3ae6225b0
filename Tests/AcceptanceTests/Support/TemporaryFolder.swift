import Foundation

/// A folder of its own for one test, removed with everything in it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "tessera-acceptance-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of something inside.
  func path(_ relativePath: String) -> String { "\(path)/\(relativePath)" }

  /// All bytes of a file.
  func bytes(_ relativePath: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(relativePath))))
  }

  /// Writes a file, folders above it included.
  @discardableResult
  func write(_ content: some Sequence<UInt8>, to relativePath: String) throws -> String {
    let file = URL(fileURLWithPath: path(relativePath))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(content).write(to: file)
    return file.path
  }

  /// Writes a text, folders above it included.
  @discardableResult
  func write(_ content: String, to relativePath: String) throws -> String {
    try write(content.utf8, to: relativePath)
  }

  /// Copies a file or a folder from anywhere.
  @discardableResult
  func copy(_ source: String, to relativePath: String) throws -> String {
    let file = URL(fileURLWithPath: path(relativePath))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: source, toPath: file.path)
    return file.path
  }

  /// Every file inside, hidden ones included, by its path from here.
  func files(in relativePath: String = "") -> [String] {
    let root = relativePath.isEmpty ? path : path(relativePath)
    guard let walk = FileManager.default.enumerator(atPath: root) else { return [] }
    return walk.compactMap { $0 as? String }.filter { name in
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(
        atPath: "\(root)/\(name)", isDirectory: &isFolder)
      return exists && !isFolder.boolValue
    }.sorted()
  }

  /// Files inside that a run is there to write: neither its report nor its records.
  func outputs(in relativePath: String = "") -> [String] {
    files(in: relativePath).filter { name in
      ![".tessera-records", ".tessera-lock", "report.jsonl"].contains { name.hasSuffix($0) }
    }
  }

  /// What tells one writing of a file from another.
  func stamps(of files: [String]) -> [String: [Int]] {
    Dictionary(
      uniqueKeysWithValues: files.map { name in
        var status = stat()
        stat(path(name), &status)
        let time = status.st_mtim
        return (name, [Int(status.st_ino), Int(status.st_size), time.tv_sec, time.tv_nsec])
      })
  }
}
