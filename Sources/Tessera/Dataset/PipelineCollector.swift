import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// Gathers the files of the items of a shard, and what they give to files that they share.
public final class PipelineCollector: Collector {
  /// A file that the items share, with the stage that writes it.
  struct Shared {
    let stageIndex: Int
    let shard: any ShardFile
    /// Whether something is in it.
    var isUsed = false
    /// Patches so far.
    var patchCount = 0
    /// Why it can no longer be whole.
    var failure: InputFailure?
  }

  /// The place of one item.
  public final class Slot: ItemSink {
    private let collector: PipelineCollector
    private let own: FileCollector.Slot
    private var entries: [(stageIndex: Int, entry: DatasetEntry)] = []

    fileprivate init(_ collector: PipelineCollector, _ own: FileCollector.Slot) {
      self.collector = collector
      self.own = own
    }

    /// Takes a file of the item's own, whole under its temporary name.
    func add(_ file: AtomicFile, shape: [Int], dtype: String) {
      own.add(file, shape: shape, dtype: dtype)
    }

    /// Takes what the item gives to a file that it shares.
    func add(_ entry: DatasetEntry, ofStage stageIndex: Int) {
      entries.append((stageIndex, entry))
    }

    /// Hands everything over.
    public func finish() throws(InputFailure) {
      try own.finish()
      for (stageIndex, entry) in entries { try collector.append(entry, ofStage: stageIndex) }
      discardPictures()
    }

    /// Leaves no trace of the item.
    public func discard() {
      own.discard()
      discardPictures()
    }

    private func discardPictures() {
      for (_, entry) in entries { entry.picture?.file.discard() }
      entries = []
    }
  }

  private let own = FileCollector()
  private var shared: [Shared]

  init(_ shared: [Shared]) { self.shared = shared }

  /// The place of the next item.
  public func slot(_ position: Int) -> Slot { Slot(self, own.slot(position)) }

  private func append(_ entry: DatasetEntry, ofStage stageIndex: Int) throws(InputFailure) {
    guard let index = shared.firstIndex(where: { $0.stageIndex == stageIndex }) else {
      preconditionFailure("stages[\(stageIndex)] has a file for its items")
    }
    do throws(FileError) {
      try shared[index].shard.append(entry, firstPatch: shared[index].patchCount)
      for each in shared[index].shard.files { each.file.beginSynchronizing() }
    } catch {
      // A part of the item may stand in the file.
      let failure = InputFailure(output: error, stageIndex: stageIndex)
      for index in shared.indices { shared[index].failure = failure }
      throw failure
    }
    shared[index].isUsed = true
    shared[index].patchCount += entry.patchCount ?? 0
  }

  /// Ends the files that items share.
  public func close() throws(InputFailure) {
    for each in shared where each.isUsed {
      if let failure = each.failure { throw failure }
      do throws(FileError) {
        try each.shard.close()
        for shared in each.shard.files { try shared.file.close() }
      } catch {
        throw InputFailure(output: error, stageIndex: each.stageIndex)
      }
      for shared in each.shard.files {
        own.add(shared.file, shape: shared.shape, dtype: shared.type.rawValue)
      }
    }
    for each in shared where !each.isUsed { discard(each) }
  }

  /// Files that are whole and have not got their names.
  public var files: [AtomicFile] { own.files }

  /// Gives all files their names.
  public func commit(besides names: TakenNames) throws(InputFailure) -> [OutputFile] {
    try own.commit(besides: names)
  }

  /// Removes what was written.
  public func discard() {
    own.discard()
    for each in shared { discard(each) }
  }

  private func discard(_ shared: Shared) {
    for each in shared.shard.files { each.file.discard() }
  }
}
