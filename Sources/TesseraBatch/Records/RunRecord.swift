/// What is kept of one shard, so that a repeated run knows what is done.
struct RunRecord: Hashable, Sendable {
  /// A file that was written.
  struct Output: Hashable, Sendable {
    /// Seen from the folder of the run.
    var path: String
    var byteCount: Int
    /// XXH64 of the content.
    var hash: UInt64
  }

  /// How far the shard has come.
  enum State: String, Sendable {
    /// Its outputs may or may not be there, whole.
    case started
    /// Its outputs are in place.
    case done
  }

  /// An item as it was.
  struct Member: Hashable, Sendable {
    var name: String
    var byteCount: Int
    var modificationTime: Int
    /// Why it has no part in the outputs, where that follows from its content.
    var failure: InputFailure?
    /// The members of the report's line that follow from item and pipeline.
    var details = ""
  }

  var state: State
  /// Pipeline and version of Tessera.
  var recipe: String
  /// At least one.
  var items: [Member]
  var outputs: [Output]

  /// What tells it from the records of other shards of the same recipe.
  var key: String { items[0].name }

  /// The items in words.
  var source: String {
    items.count == 1 ? key : "\(key) … \(items[items.count - 1].name)"
  }

  /// Whether the record is about these items with this content, in this order.
  func isAbout(_ items: some Collection<Item>) -> Bool {
    self.items.count == items.count && zip(self.items, items).allSatisfy { $0.isAbout($1) }
  }
}

extension RunRecord.Member {
  /// What is kept of an item as it is now.
  init(_ item: Item, failure: InputFailure? = nil, details: String = "") {
    self.init(
      name: item.name, byteCount: item.byteCount, modificationTime: item.modificationTime,
      failure: failure, details: details)
  }

  /// Whether it is about this content of this item.
  func isAbout(_ item: Item) -> Bool {
    name.utf8.elementsEqual(item.name.utf8) && byteCount == item.byteCount
      && modificationTime == item.modificationTime
  }
}
