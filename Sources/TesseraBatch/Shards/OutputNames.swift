import TesseraFiles
import TesseraThreads

/// The outputs of all shards, checked against each other.
///
/// Names are kept as hashes, and put together again where two may be the same.
struct OutputNames<Processor: InputProcessor>: Sendable {
  private let shards: ShardList<Processor>
  private let roots: OutputRoots
  /// Items by the hashes of their outputs, once one is asked for.
  private let index = LazyNameIndex()

  /// Names the outputs of all shards.
  ///
  /// - Parameters:
  ///   - shards: what will be written.
  ///   - roots: the folders that outputs go to.
  ///   - jobs: threads that may name them.
  /// - Throws: ``BatchError/collisions(_:advice:)`` where two outputs have one path, or one has that of
  ///   a folder of others.
  init(
    of shards: ShardList<Processor>, in roots: OutputRoots, jobs: Int
  ) throws(BatchError) {
    self.shards = shards
    self.roots = roots
    let names = Locked(
      (outputs: NameHashes(reserving: shards.indices.count), folders: NameHashes()))
    Workers.run(jobs, piecesBelow: shards.indices.count) { [self] piece in
      var (outputs, folders) = (NameHashes(), NameHashes())
      forEachOutput(of: piece) { path, _ in
        outputs.append(hash(path))
      } inFolder: { folder, _ in
        folders.append(hash(folder))
      }
      names.withLock {
        $0.outputs.append(outputs)
        $0.folders.append(folders)
      }
    }
    let (hashes, folders) = names.withLock { names in
      names.outputs.sort()
      return names
    }
    try checkNames(hashes.duplicates)
    if folders.holdsAny(of: hashes) { try checkFolders(hashes) }
    try checkKeys()
  }

  /// Refuses items of one key.
  private func checkKeys() throws(BatchError) {
    let (processor, items) = (shards.processor, shards.items)
    guard let first = items.first else { return }
    for kind in processor.keys(of: first).indices {
      var hashes = NameHashes(reserving: items.count)
      for item in items { hashes.append(XXHash64.hash(processor.keys(of: item)[kind].utf8)) }
      hashes.sort()
      let suspects = hashes.duplicates
      if suspects.isEmpty { continue }
      var owners: [PathKey: Int] = [:]
      var collisions: [OutputCollision] = []
      for (index, item) in items.enumerated() {
        let key = processor.keys(of: item)[kind]
        guard suspects.contains(XXHash64.hash(key.utf8)),
          let other = owners.updateValue(index, forKey: PathKey(key))
        else { continue }
        collisions.append(OutputCollision(items[other], item, output: key))
      }
      if !collisions.isEmpty {
        throw .collisions(collisions, advice: processor.advice(separating: items))
      }
    }
  }

  private func checkNames(_ suspects: Set<UInt64>) throws(BatchError) {
    if suspects.isEmpty { return }
    var owners: [PathKey: Int] = [:]
    var collisions: [OutputCollision] = []
    let items = shards.items
    forEachOutput { path, item in
      guard suspects.contains(hash(path)) else { return }
      guard let other = owners.updateValue(item, forKey: PathKey(roots.resolved(path))) else {
        return
      }
      let second = other == item ? nil : items[item]
      collisions.append(OutputCollision(items[other], second, output: path))
    }
    if collisions.isEmpty { return }
    let areOfOne = collisions.allSatisfy { $0.second == nil }
    throw .collisions(
      collisions, advice: areOfOne ? nil : shards.processor.advice(separating: items))
  }

  private func checkFolders(_ hashes: NameHashes) throws(BatchError) {
    var suspects: [PathKey: (folder: String, item: Int)] = [:]
    forEachOutput { _, _ in
    } inFolder: { folder, item in
      if hashes.contains(hash(folder)) {
        suspects[PathKey(roots.resolved(folder))] = (folder, item)
      }
    }
    if suspects.isEmpty { return }
    var collisions: [OutputCollision] = []
    let items = shards.items
    forEachOutput { path, item in
      guard let (_, other) = suspects.removeValue(forKey: PathKey(roots.resolved(path))) else {
        return
      }
      var collision = OutputCollision(items[item], items[other], output: path)
      collision.isFolder = true
      collisions.append(collision)
    }
    if !collisions.isEmpty { throw .collisions(collisions, advice: nil) }
  }

  private func hash(_ path: String) -> UInt64 { XXHash64.hash(roots.resolved(path).utf8) }

  /// Calls `body` with every output that is known before items are opened, and the item that speaks
  /// for it in messages.
  ///
  /// - Parameters:
  ///   - range: the shards; all where none are given.
  ///   - body: called with the paths.
  ///   - enter: called with every folder on the way from the roots to an output, and the item of that:
  ///     more than once where outputs of one folder do not follow each other.
  func forEachOutput(
    of range: Range<Int>? = nil, _ body: (String, Int) -> Void,
    inFolder enter: (String, Int) -> Void = { _, _ in }
  ) {
    var last = ""
    for index in range ?? shards.indices {
      let shard = shards[index]
      for output in shard.outputs {
        let path = Path.normalized(output.path)
        let item = output.item ?? shard.items.lowerBound
        body(path, item)
        let folder = Path.folder(of: path)
        if folder.utf8.elementsEqual(last.utf8) { continue }
        last = folder
        for folder in roots.foldersBelowRoot(of: path) { enter(folder, item) }
      }
    }
  }

  /// The item whose output `path` is, if that is of another shard than `index`.
  func other(_ path: String, than index: Int) -> Int? { others(writing: path, than: index).first }

  /// Items of other shards than `index` whose output `path` is, or derives from it.
  func others(writing path: String, than index: Int) -> [Int] {
    items(writing: PathKey(roots.resolved(Path.normalized(path))), besides: index)
  }

  /// Items of other shards one of whose files per channel may have this name: those whose own name
  /// has a channel 0 where this one has some channel.
  func others(derivingTo path: String, than index: Int) -> [Int] {
    let bytes = Array(roots.resolved(Path.normalized(path)).utf8)
    var found: Set<Int> = []
    for place in ChannelWord.places(in: bytes) {
      let base = bytes[..<place.lowerBound] + [UInt8(ascii: "0")] + bytes[place.upperBound...]
      found.formUnion(items(writing: PathKey(bytes: Array(base)), besides: index))
    }
    return found.sorted()
  }

  private func items(writing path: PathKey, besides index: Int) -> [Int] {
    self.index.numbers(of: XXHash64.hash(path.bytes)) { indexOfItems }.filter { item in
      let other = shards.index(of: item)
      return other != index
        && shards.basePaths(of: other).contains { PathKey(roots.resolved($0)) == path }
    }
  }

  private var indexOfItems: NameIndex {
    var names = NameIndex()
    forEachOutput { path, item in names.append(hash(path), item) }
    names.sort()
    return names
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
  /// Whether the second item needs it for a folder.
  public var isFolder = false
  /// Whether both are members of archives, which no `name` tells apart.
  public var isOfMembers = false
}

extension OutputCollision {
  init(_ first: Item, _ second: Item?, output: String) {
    self.init(first: first.shownPath, second: second?.shownPath, output: output)
    isOfMembers = first.member != nil && second?.member != nil
  }
}
