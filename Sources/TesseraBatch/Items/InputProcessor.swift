import TesseraThreads

/// What a batch does with its items: how each is prepared, and what of it goes into which files.
///
/// Methods are called from several threads at once, for different items.
public protocol InputProcessor: Sendable {
  /// An item that has been opened and planned, and waits for its turn.
  associatedtype Preparation: PreparedInput
  /// What gathers the files of a shard.
  associatedtype Output: Collector

  /// How many items make a shard: 1 where every item has files of its own.
  var itemsPerShard: Int { get }

  /// Puts the items of a run in the order in which they are processed and reported, and parts them: no
  /// shard holds items of two parts.
  ///
  /// - Parameter items: all items of the run, as they were found.
  /// - Returns: the same items, and where each part ends.
  func arranged(_ items: ItemList) -> ArrangedItems

  /// Looks at the items of a run before any of them is prepared, to find out what they have in common.
  ///
  /// - Parameters:
  ///   - items: all items of the run, as they were arranged.
  ///   - cancellation: ends the looking early.
  func look(at items: ItemList, cancellation: Cancellation)

  /// What a shard will write, as far as that is known before any item is opened.
  ///
  /// - Parameters:
  ///   - place: the shard's place among all items.
  ///   - items: all items of the run.
  /// - Returns: final names. Where one stands for several files, theirs derive from it in such a
  ///   way that different names give different files.
  func outputs(of place: ShardPlace, in items: ItemList) -> [OutputName]

  /// What an item is called in files that it shares with others: no two items have one key.
  ///
  /// - Parameter item: the item.
  /// - Returns: its key in each kind of such files.
  func keys(of item: Item) -> [String]

  /// Whether what records keep of an item still tells what it would be now, with all the others.
  ///
  /// - Parameter details: the members of the report's line, as an object's text.
  /// - Returns: `false` where its shard is to be made anew.
  func isCurrent(_ details: String) -> Bool

  /// What tells of all outputs of a run together; `nil` where nothing does.
  ///
  /// - Parameter items: all items of the run, as they were arranged.
  /// - Returns: what takes one item after the other.
  func index(of items: ItemList) -> (any RunIndex)?

  /// How outputs can be named so that no two of the items write the same file, in words for who
  /// started the run; `nil` where no way is known.
  func advice(separating items: ItemList) -> String?

  /// Whether an item might be written to a path, with whatever its header says.
  ///
  /// What an earlier state of the item has left there, and its present state does not write, is removed.
  ///
  /// - Parameters:
  ///   - path: the path of an output that an earlier run has written.
  ///   - item: the item.
  /// - Returns: `false` where the file is to stay.
  func writes(_ path: String, for item: Item) -> Bool

  /// Opens one item and plans it from its header alone.
  ///
  /// Items of a shard of several are prepared twice: when the shard is planned, and when their turn
  /// has come.
  ///
  /// - Parameters:
  ///   - item: where it is.
  ///   - cancellation: asked while its header is read.
  /// - Returns: what ``process(_:into:cancellation:)`` goes on from.
  /// - Throws: the failure of this item; ``InputFailure/cancelled`` when the cancellation was met.
  func prepare(_ item: Item, cancellation: Cancellation) throws(InputFailure) -> Preparation

  /// Makes ready for the files of a shard, whose folders exist.
  ///
  /// - Parameters:
  ///   - shard: which items, and its outputs.
  ///   - plans: what its items will give; `nil` for those that have failed already.
  /// - Returns: what opens a slot for one item after the other.
  /// - Throws: the failure of all of its items.
  func collector(for shard: Shard, plans: [PlannedInput?]) throws(InputFailure) -> Output

  /// Memory that the collector of a shard takes beside what items in work take [bytes].
  func collectorByteCount(for shard: Shard, plans: [PlannedInput?]) -> Int

  /// Lets memory go that waits for the next item, but for so many bytes.
  ///
  /// - Parameter byteCount: what may stay, rather than be asked for anew.
  func releaseIdleMemory(keeping byteCount: Int)

  /// Runs one item to its end.
  ///
  /// - Parameters:
  ///   - prepared: the item; it is processed once.
  ///   - slot: takes what it gives.
  ///   - cancellation: asked between bands.
  /// - Returns: what is told of it, without outputs. A failure is part of it.
  /// - Throws: ``Cancelled`` when the cancellation was met.
  func process(
    _ prepared: Preparation, into slot: Output.Slot, cancellation: Cancellation
  ) throws(Cancelled) -> InputResult
}

extension InputProcessor {
  /// Every item by itself.
  public var itemsPerShard: Int { 1 }

  /// As they were found, and in one part.
  public func arranged(_ items: ItemList) -> ArrangedItems { ArrangedItems(items) }

  /// They need have nothing in common.
  public func look(at items: ItemList, cancellation: Cancellation) {}

  /// Items share no file.
  public func keys(of item: Item) -> [String] { [] }

  /// It hangs on no other item.
  public func isCurrent(_ details: String) -> Bool { true }

  /// Nothing does.
  public func index(of items: ItemList) -> (any RunIndex)? { nil }

  /// No way is known.
  public func advice(separating items: ItemList) -> String? { nil }

  /// What has been written stays.
  public func writes(_ path: String, for item: Item) -> Bool { false }

  /// Nothing waits.
  public func releaseIdleMemory(keeping byteCount: Int) {}

  /// Nothing: files are written while their items are processed.
  public func collectorByteCount(for shard: Shard, plans: [PlannedInput?]) -> Int { 0 }
}

/// An item whose header has been read.
public protocol PreparedInput {
  /// What it would give. Outputs are those that it has by itself, under their final names; they are
  /// among ``InputProcessor/outputs(of:in:)`` or derive from one of them.
  var planned: PlannedInput { get }
}
