import Glibc
import TesseraFiles

/// The outputs of all inputs, checked against each other and against the inputs.
package struct OutputNames: Sendable {
  /// For every input the base path per destination.
  package let basePaths: [[String]]
  /// Which input owns a base path.
  private let owners: [PathKey: Int]

  /// Names the outputs of all inputs.
  ///
  /// - Throws: ``BatchError/collisions(_:)`` where two outputs have one path.
  package init(of files: [InputFile], destinations: [Destination]) throws(BatchError) {
    var owners: [PathKey: Int] = [:]
    owners.reserveCapacity(files.count * destinations.count)
    var basePaths: [[String]] = []
    basePaths.reserveCapacity(files.count)
    var collisions: [OutputCollision] = []
    for (index, file) in files.enumerated() {
      let paths = destinations.map { Path.normalized($0.basePath(for: file)) }
      basePaths.append(paths)
      for path in paths {
        guard let other = owners.updateValue(index, forKey: PathKey(path)) else { continue }
        collisions.append(
          OutputCollision(
            first: files[other].relativePath, second: file.relativePath, output: path))
      }
    }
    guard collisions.isEmpty else { throw .collisions(collisions) }
    self.basePaths = basePaths
    self.owners = owners
  }

  /// The input other than `index` whose output `path` is.
  package func otherOwner(of path: String, than index: Int) -> Int? {
    guard let owner = owners[PathKey(Path.normalized(path))], owner != index else { return nil }
    return owner
  }

  /// Folders that outputs go to, each once.
  package var folders: [String] {
    var seen: Set<PathKey> = []
    var folders: [String] = []
    for path in basePaths.joined() {
      let folder = Path.folder(of: path)
      if seen.insert(PathKey(folder)).inserted { folders.append(folder) }
    }
    return folders
  }
}

/// Two inputs that would write one file.
public struct OutputCollision: Hashable, Sendable {
  /// The input that comes first.
  public var first: String
  /// The input that comes later; the same one where two stages collide.
  public var second: String
  /// What both would write.
  public var output: String
}
