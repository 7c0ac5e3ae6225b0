import Glibc
import TesseraFiles
import TesseraThreads

/// What is kept of one shard, so that a repeated run knows what is done.
package struct RunRecord: Hashable, Sendable {
  /// A file that was written, or was about to be: where another one of ours was about to be replaced,
  /// there are two of one path.
  struct Output: Hashable, Sendable {
    /// Seen from the folder of the run.
    var path: String
    var claim: Claim
  }

  /// What is known of the content of an output.
  enum Claim: Hashable, Sendable {
    /// Its size, and XXH64 of its content: written so, or so before a run began to replace it.
    case content(byteCount: Int, hash: UInt64)
    /// It was not there, or was to be overwritten, and a run of an earlier version was about to make it:
    /// only read, never written.
    case new
    /// It was there, and of unknown origin: it is not ours.
    case foreign
  }

  /// How far the shard has come.
  enum State: String, Sendable, CaseIterable {
    /// Its outputs may or may not be there, whole.
    case started
    /// Its outputs are in place.
    case done
    /// Nothing came of it: no file is its output.
    case released
  }

  /// An item as it was.
  struct Member: Hashable, Sendable {
    var name: String
    var byteCount: Int
    var modificationTime: Int
    /// XXH64 of its content; `nil` where that is not known.
    var hash: UInt64?
    /// Why it has no part in the outputs, where that follows from its content.
    var failure: InputFailure?
    /// The members of the report's line that follow from item and pipeline.
    var details = ""
  }

  var state: State
  /// The pipeline.
  var recipe: String
  /// The version of Tessera.
  var version: String
  /// The folder that outputs are named from, seen from the one of the records.
  var folder = RunPlaces.here
  /// At least one.
  var items: [Member]
  var outputs: [Output]

  /// What tells it from the records of other shards of the same recipe.
  var key: String { items[0].name }

  /// The items in words.
  var source: String {
    items.count == 1 ? items[0].words : "\(items[0].words) … \(items[items.count - 1].words)"
  }

  /// Whether names, sizes and times are those of these items, in this order: nothing need be read.
  func isAbout(_ items: some Collection<Item>) -> Bool {
    self.items.count == items.count && zip(self.items, items).allSatisfy { $0.isAbout($1) }
  }

  /// Whether the items have the sizes that they had.
  func hasSizes(of items: [Item]) -> Bool {
    self.items.map(\.byteCount) == items.map(\.byteCount)
  }

  /// Whether names and contents are those of these items, in this order, whatever their times.
  ///
  /// - Parameters:
  ///   - items: the items.
  ///   - hashes: XXH64 of the content of each, as far as it is known.
  /// - Returns: `false` where anything differs or is not known.
  func isAbout(_ items: some Collection<Item>, hashes: [UInt64?]) -> Bool {
    self.items.count == items.count
      && zip(self.items, zip(items, hashes)).allSatisfy { member, now in
        member.name.utf8.elementsEqual(now.0.recordName.utf8) && member.byteCount == now.0.byteCount
          && member.hash != nil && member.hash == now.1
      }
  }
}

extension RunRecord.Claim {
  /// Whether a file is there with what is known of it.
  ///
  /// - Throws: ``Cancelled`` where the reading was to end before that was known.
  func isTrue(of path: String, _ stop: Cancellation) throws(Cancelled) -> Bool {
    guard let status = FileStatus(of: path, followingLinks: false), status.kind == .file else {
      return false
    }
    switch self {
    case .content(let byteCount, let hash):
      guard status.byteCount == byteCount else { return false }
      return try read { () throws(FileError) in
        try FileDigest(of: path, cancellation: stop).hash == hash
      }
    // Of an earlier version, which did not know what it was about to write.
    case .new, .foreign: return false
    }
  }
}

extension RunRecord.Claim {
  /// Whether a loss of power has left a file of the size that was written, and of zeros: nobody's
  /// work is in it.
  ///
  /// - Throws: ``Cancelled`` where the reading was to end before that was known.
  func isLost(at path: String, _ stop: Cancellation) throws(Cancelled) -> Bool {
    guard case .content(let byteCount, _) = self, byteCount > 0,
      let status = FileStatus(of: path, followingLinks: false), status.kind == .file,
      status.byteCount == byteCount
    else { return false }
    return try read { () throws(FileError) in try FileSystem.isOfZeros(path, stop) }
  }

  /// Whether something holds of what is read; of what cannot be read nothing does.
  private func read(_ body: () throws(FileError) -> Bool) throws(Cancelled) -> Bool {
    do throws(FileError) {
      return try body()
    } catch {
      if error.isCancelled { throw Cancelled() }
      return false
    }
  }
}

extension RunRecord.Output {
  /// A file as it was written.
  init(path: String, byteCount: Int, hash: UInt64) {
    self.init(path: path, claim: .content(byteCount: byteCount, hash: hash))
  }

  /// The size that it had; `nil` where that was not known.
  var byteCount: Int? { if case .content(let byteCount, _) = claim { byteCount } else { nil } }

  /// XXH64 of the content that it had; `nil` where that was not known.
  var hash: UInt64? { if case .content(_, let hash) = claim { hash } else { nil } }
}

extension [RunRecord.Claim] {
  /// The first that holds of a file; `nil` where none does.
  func first(trueOf path: String, _ stop: Cancellation) throws(Cancelled) -> RunRecord.Claim? {
    for claim in self where try claim.isTrue(of: path, stop) { return claim }
    return nil
  }
}

extension RunRecord.Member {
  /// The name, and the view where the item is one of several.
  fileprivate var words: String {
    let parts = name.split(separator: "\0", omittingEmptySubsequences: false)
    return parts.joined(separator: ", view ")
  }

  /// What is kept of an item as it is now.
  init(_ item: Item, hash: UInt64?, failure: InputFailure? = nil, details: String = "") {
    self.init(
      name: item.recordName, byteCount: item.byteCount, modificationTime: item.modificationTime,
      hash: hash, failure: failure, details: details)
  }

  /// Whether it is about this item with this size and time.
  func isAbout(_ item: Item) -> Bool {
    name.utf8.elementsEqual(item.recordName.utf8) && byteCount == item.byteCount
      && modificationTime == item.modificationTime
  }
}
