/// The items of a run in their order, in parts.
public struct ArrangedItems: Sendable {
  /// All of them, part after part.
  public var items: ItemList
  /// Where each part ends.
  public var ends: [Int]
  /// The number of the first shard of each part: 0 where none of the part is left out.
  var firstNumbers: [Int]

  /// Puts items into one part.
  public init(_ items: ItemList) { self.init(items, ends: [items.count]) }

  /// Tells where parts end; the last one with the items.
  public init(_ items: ItemList, ends: [Int]) {
    precondition(ends.last == items.count, "the last part ends with the items")
    self.items = items
    self.ends = ends
    firstNumbers = ends.map { _ in 0 }
  }
}

/// The place of a shard.
public struct ShardPlace: Hashable, Sendable {
  /// Its items, among all of the run.
  public var items: Range<Int>
  /// The part that it is in, counted from 0.
  public var part: Int
  /// Its number in that part, counted from 0.
  public var number: Int

  /// Tells where a shard is.
  public init(items: Range<Int>, part: Int = 0, number: Int) {
    self.items = items
    self.part = part
    self.number = number
  }
}
