import TesseraFiles

/// Files that tell of all outputs of a run together.
///
/// They are there only where every shard is as they say: what an earlier run has left is taken away
/// before the first output changes, and a run that was interrupted leaves none. An index is called by
/// one thread at a time.
public protocol RunIndex: AnyObject {
  /// The files, as they are called in the end.
  var paths: [String] { get }

  /// Whether nothing but such a file of an earlier run has a name.
  func isFree(_ path: String) -> Bool

  /// Takes an item, in order.
  ///
  /// - Parameters:
  ///   - item: the item.
  ///   - index: its place in the run.
  ///   - details: the members of the report's line as an object's text; `nil` where it gave nothing.
  func add(_ item: Item, at index: Int, details: String?)

  /// Whether a file has the name of an output that the index would tell of, and does not: what an
  /// earlier run has left of more inputs, or of others.
  ///
  /// - Parameter path: where it is.
  /// - Returns: `false` where nothing is known of such a name, and before every item was taken.
  func isSurplus(_ path: String) -> Bool

  /// Gives the files their names; called once every item has been taken.
  ///
  /// - Throws: ``FileError`` where the disk refuses them.
  func finish() throws(FileError)

  /// Removes what was written.
  func discard()
}

/// Puts what comes in any order in the order of numbers from 0 on.
struct InOrder<Value>: ~Copyable {
  private var waiting: [Int: Value] = [:]
  private(set) var next = 0

  /// Takes a value, and calls `body` with those whose turn it is.
  mutating func add(_ value: Value, at index: Int, _ body: (Int, Value) -> Void) {
    waiting[index] = value
    while let value = waiting.removeValue(forKey: next) {
      body(next, value)
      next += 1
    }
  }

  /// Whether the value of a number has been taken.
  func holds(_ index: Int) -> Bool { index < next || waiting[index] != nil }
}

/// What has the names of an index before a run.
struct IndexPlaces: Sendable {
  private let found: [(path: String, status: FileStatus)]

  /// Looks at them.
  ///
  /// - Throws: ``BatchError/indexExists(_:)`` where something is somebody's.
  init(_ index: (any RunIndex)?, overwriting: Bool) throws(BatchError) {
    var found: [(path: String, status: FileStatus)] = []
    for path in index?.paths ?? [] {
      guard let status = FileStatus(of: path, followingLinks: false) else { continue }
      // Nothing takes the place of a folder.
      guard status.kind != .folder, overwriting || index?.isFree(path) == true else {
        throw .indexExists(path)
      }
      found.append((path, status))
    }
    self.found = found
  }

  /// Takes them away; what has been put there since stays.
  func remove() {
    for (path, status) in found where FileStatus(of: path, followingLinks: false) == status {
      FileSystem.remove(path)
    }
  }
}
