/// Items that are admitted, run, recorded, named and reported as one.
///
/// A single file is a shard of one. Shards are cut by count before anything is opened, so that they
/// are the same for any number of workers and machines.
public struct Shard: Hashable, Sendable {
  /// Its place among the items of the run.
  public var items: Range<Int>
  /// What it will write, as far as that is known before any item is opened.
  public var outputs: [OutputName]

  /// Puts items and outputs together.
  public init(items: Range<Int>, outputs: [OutputName]) {
    self.items = items
    self.outputs = outputs
  }
}

/// A name that something will be written under.
public struct OutputName: Hashable, Sendable {
  /// The path from the working directory or the root.
  public var path: String
  /// The item whose own file it is, counted among all items of the run; `nil`: its shard's.
  public var item: Int?

  /// Names an output.
  public init(_ path: String, item: Int? = nil) {
    self.path = path
    self.item = item
  }
}
