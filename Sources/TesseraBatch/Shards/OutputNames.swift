import TesseraFiles

/// The outputs of all shards, checked against each other.
struct OutputNames: Sendable {
  /// For every shard the names that are known before its items are opened.
  let basePaths: [[String]]
  /// Whose such a name is.
  private let owners: [PathKey: Owner]

  private struct Owner {
    let shard: Int
    /// The item that speaks for it in messages.
    let item: Int
  }

  /// Names the outputs of all shards.
  ///
  /// - Throws: ``BatchError/collisions(_:)`` where two outputs have one path.
  init(of shards: [Shard], _ items: [Item]) throws(BatchError) {
    var owners: [PathKey: Owner] = [:]
    owners.reserveCapacity(shards.reduce(0) { $0 + $1.outputs.count })
    var basePaths: [[String]] = []
    basePaths.reserveCapacity(shards.count)
    var collisions: [OutputCollision] = []
    for (index, shard) in shards.enumerated() {
      var paths: [String] = []
      for output in shard.outputs {
        let path = Path.normalized(output.path)
        paths.append(path)
        let owner = Owner(shard: index, item: output.item ?? shard.items.lowerBound)
        guard let other = owners.updateValue(owner, forKey: PathKey(path)) else { continue }
        let second = other.item == owner.item ? nil : items[owner.item]
        collisions.append(OutputCollision(items[other.item], second, output: path))
      }
      basePaths.append(paths)
    }
    guard collisions.isEmpty else { throw .collisions(collisions) }
    self.basePaths = basePaths
    self.owners = owners
  }

  /// Whether `path` is an output of another shard than `index`.
  func isOfOther(_ path: String, than index: Int) -> Bool {
    owners[PathKey(Path.normalized(path))].map { $0.shard != index } ?? false
  }

  /// Folders that outputs go to, each once.
  var folders: [String] {
    var seen: Set<PathKey> = []
    var folders: [String] = []
    for path in basePaths.joined() {
      let folder = Path.folder(of: path)
      if seen.insert(PathKey(folder)).inserted { folders.append(folder) }
    }
    return folders
  }
}

/// Two outputs of one name.
public struct OutputCollision: Hashable, Sendable {
  /// The item that comes first: by its name, or by where it is if the other has that name, too.
  public var first: String
  /// The item that comes later; `nil` where two stages collide for the first.
  public var second: String?
  /// What both would write.
  public var output: String
}

extension OutputCollision {
  init(_ first: Item, _ second: Item?, output: String) {
    let isOneName = second.map { $0.name.utf8.elementsEqual(first.name.utf8) } ?? false
    self.first = isOneName ? first.source.path : first.name
    self.second = isOneName ? second?.source.path : second?.name
    self.output = output
  }
}
