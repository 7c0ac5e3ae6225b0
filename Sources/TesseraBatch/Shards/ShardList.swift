import TesseraFiles

/// The shards of a run, cut by count and put together when they are asked for.
struct ShardList<Processor: InputProcessor>: Sendable {
  /// Shards of one part of the items.
  private struct Part: Sendable {
    var firstItem: Int
    var endItem: Int
    var firstShard: Int
    var firstNumber: Int
  }

  let processor: Processor
  let items: ItemList
  private let size: Int
  private let parts: [Part]
  let indices: Range<Int>

  init(_ arranged: ArrangedItems, for processor: Processor) {
    self.processor = processor
    items = arranged.items
    size = max(processor.itemsPerShard, 1)
    var parts: [Part] = []
    var (item, shard) = (0, 0)
    for (end, number) in zip(arranged.ends, arranged.firstNumbers) {
      parts.append(
        Part(firstItem: item, endItem: end, firstShard: shard, firstNumber: number))
      shard += (end - item + size - 1) / size
      item = end
    }
    self.parts = parts
    indices = 0..<shard
  }

  /// Where a shard is.
  func place(of index: Int) -> ShardPlace {
    guard
      let number = parts.lastIndex(where: { $0.firstShard <= index && $0.firstItem < $0.endItem })
    else { preconditionFailure("there is such a shard") }
    let part = parts[number]
    let first = part.firstItem + (index - part.firstShard) * size
    return ShardPlace(
      items: first..<min(first + size, part.endItem), part: number,
      number: part.firstNumber + index - part.firstShard)
  }

  /// The places of the items of a shard.
  func range(of index: Int) -> Range<Int> { place(of: index).items }

  /// The shard that an item is in.
  func index(of item: Int) -> Int {
    guard let part = parts.last(where: { $0.firstItem <= item && $0.firstItem < $0.endItem }) else {
      preconditionFailure("every item is in a part")
    }
    return part.firstShard + (item - part.firstItem) / size
  }

  /// A shard with the outputs that are known before its items are opened.
  subscript(index: Int) -> Shard {
    let place = place(of: index)
    return Shard(items: place.items, outputs: processor.outputs(of: place, in: items))
  }

  /// The names of those outputs.
  func basePaths(of index: Int) -> [String] {
    self[index].outputs.map { Path.normalized($0.path) }
  }
}
