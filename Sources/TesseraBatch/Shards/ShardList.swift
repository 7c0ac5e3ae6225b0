import TesseraFiles

/// The shards of a run, cut by count and put together when they are asked for.
struct ShardList<Processor: InputProcessor>: Sendable {
  let processor: Processor
  let items: ItemList
  private let size: Int

  init(_ items: ItemList, for processor: Processor) {
    self.processor = processor
    self.items = items
    size = max(processor.itemsPerShard, 1)
  }

  var indices: Range<Int> { 0..<(items.count + size - 1) / size }

  /// The places of the items of a shard.
  func range(of index: Int) -> Range<Int> { index * size..<min((index + 1) * size, items.count) }

  /// The shard that an item is in.
  func index(of item: Int) -> Int { item / size }

  /// A shard with the outputs that are known before its items are opened.
  subscript(index: Int) -> Shard {
    let range = range(of: index)
    return Shard(items: range, outputs: processor.outputs(of: range, in: items))
  }

  /// The names of those outputs.
  func basePaths(of index: Int) -> [String] {
    self[index].outputs.map { Path.normalized($0.path) }
  }
}
