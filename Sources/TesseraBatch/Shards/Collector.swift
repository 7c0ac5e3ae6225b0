import TesseraFiles

/// Gathers what the items of a shard give, in their order, and makes files of it.
///
/// Files are written beside their final names (``AtomicFile``): they appear at ``commit(besides:)``, or
/// not at all. A collector and its slots are called by one thread at a time, in the order of the items;
/// only while an item is processed may the slots of several be filled at once.
public protocol Collector {
  /// The place of one item.
  associatedtype Slot: ItemSink

  /// Opens the place of the next item.
  ///
  /// - Parameter position: its number in the shard, counted from 0.
  /// - Returns: what takes what the item gives.
  /// - Throws: the failure of this item.
  func slot(_ position: Int) throws(InputFailure) -> Slot

  /// Ends files that several items share; called once every slot has been closed.
  ///
  /// - Throws: the failure of all items.
  func close() throws(InputFailure)

  /// Files that are whole and have not got their names, after ``close()``.
  var files: [AtomicFile] { get }

  /// Gives all files their names, once every slot has been closed.
  ///
  /// - Parameter names: those under which files exist that must stay: a file that holds the same
  ///   bytes is adopted, another one is a failure. See ``TakenNames/adopts(_:)``.
  /// - Returns: what was written or adopted, in order of the stages.
  /// - Throws: the failure of all items; no name is left then that was not there before, and none is
  ///   missing that was.
  func commit(besides names: TakenNames) throws(InputFailure) -> [OutputFile]

  /// Removes what was written.
  func discard()
}

extension Collector {
  /// Every item has files of its own.
  public func close() {}
}

/// The place of one item in the files of its shard.
public protocol ItemSink {
  /// Closes the place: the item is whole, all earlier ones are, or have left none.
  ///
  /// - Throws: the failure of this item.
  func finish() throws(InputFailure)

  /// Leaves no trace of the item, so that the files have no hole where it would have been.
  func discard()
}
