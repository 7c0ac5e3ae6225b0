import TesseraFiles

/// The outputs of all shards, checked against each other.
struct OutputNames: Sendable {
  /// For every shard the names that are known before its items are opened.
  let basePaths: [[String]]
  /// Whose such a name is, in a folder without links.
  private let owners: [PathKey: Owner]
  private let resolved: ResolvedFolders

  private struct Owner {
    let shard: Int
    /// The item that speaks for it in messages.
    let item: Int
  }

  /// Names the outputs of all shards.
  ///
  /// - Parameters:
  ///   - shards: what will be written.
  ///   - items: all items of the run.
  ///   - advice: says how two items can be told apart; asked only where they have to be.
  /// - Throws: ``BatchError/collisions(_:advice:)`` where two outputs have one path.
  init(
    of shards: [Shard], _ items: ItemList, advice: () -> String? = { nil }
  ) throws(BatchError) {
    var resolved = ResolvedFolders()
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
        guard let other = owners.updateValue(owner, forKey: resolved.add(path)) else { continue }
        let second = other.item == owner.item ? nil : items[owner.item]
        collisions.append(OutputCollision(items[other.item], second, output: path))
      }
      basePaths.append(paths)
    }
    guard collisions.isEmpty else {
      let areOfOne = collisions.allSatisfy { $0.second == nil }
      throw .collisions(collisions, advice: areOfOne ? nil : advice())
    }
    self.basePaths = basePaths
    self.owners = owners
    self.resolved = resolved
  }

  /// The item whose output `path` is, if that is of another shard than `index`.
  func other(_ path: String, than index: Int) -> Int? {
    owners[resolved.key(Path.normalized(path))].flatMap { $0.shard == index ? nil : $0.item }
  }

  /// Items of other shards one of whose files per channel may have this name: those whose own name
  /// has a channel 0 where this one has some number.
  func others(derivingTo path: String, than index: Int) -> [Int] {
    let bytes = resolved.key(Path.normalized(path)).bytes
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    var found: Set<Int> = []
    for start in bytes.indices where digits.contains(bytes[start]) {
      // No image has more than 65 536 channels, and no number begins with 0 but that.
      let most = bytes[start] == digits.lowerBound ? 1 : 5
      for count in 1...most {
        let end = start + count
        guard end <= bytes.count, digits.contains(bytes[end - 1]) else { break }
        let base = bytes[..<start] + [digits.lowerBound] + bytes[end...]
        if let owner = owners[PathKey(bytes: Array(base))], owner.shard != index {
          found.insert(owner.item)
        }
      }
    }
    return found.sorted()
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

/// Where the folders of outputs are, each asked for once: two paths may lead to one file.
private struct ResolvedFolders: Sendable {
  private var folders: [PathKey: String] = [:]

  /// What tells a file from others; its folder is asked for where it was not yet.
  mutating func add(_ path: String) -> PathKey {
    let folder = Path.folder(of: path)
    if folders[PathKey(folder)] == nil {
      folders[PathKey(folder)] = FileSystem.resolved(folder.isEmpty ? "." : folder)
    }
    return key(path)
  }

  /// What tells a file from others.
  func key(_ path: String) -> PathKey {
    guard let folder = folders[PathKey(Path.folder(of: path))] else {
      return PathKey(RunPlaces.resolved(file: path))
    }
    return PathKey(Path.join(folder, Path.name(of: path)))
  }
}

/// Two outputs of one name.
public struct OutputCollision: Hashable, Sendable {
  /// The path of the item that comes first, as it was given.
  public var first: String
  /// The path of the item that comes later; `nil` where two stages collide for the first.
  public var second: String?
  /// What both would write.
  public var output: String
}

extension OutputCollision {
  init(_ first: Item, _ second: Item?, output: String) {
    self.init(first: first.source.path, second: second?.source.path, output: output)
  }
}
