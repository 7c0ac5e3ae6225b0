import TesseraFiles
import TesseraThreads

extension InputProcessor {
  /// Runs one item as a shard of its own, without records and report.
  ///
  /// - Parameters:
  ///   - item: what to run.
  ///   - overwrites: whether outputs that exist are replaced; the item itself never is.
  ///   - cancellation: asked between bands.
  /// - Returns: what it gave, with its outputs in place.
  /// - Throws: ``BatchError`` where an input would be replaced, ``InputFailure`` for everything that is the
  ///   matter with the item or its outputs, ``Cancelled``.
  public func run(
    _ item: Item, overwrites: Bool = false, cancellation: Cancellation = Cancellation()
  ) throws -> InputResult {
    var options = BatchOptions(recipe: "", folder: nil)
    options.overwrites = overwrites
    options.stop = cancellation
    look(at: ItemList([item]), cancellation: cancellation)
    let planner = try ShardPlanner(self, items: ArrangedItems(ItemList([item])), options: options)
    try planner.checkInputs()
    let prepared: Preparation
    do throws(InputFailure) {
      prepared = try planner.prepare(0, of: 0, cancellation)
    } catch {
      if error == .cancelled { throw Cancelled() }
      throw error
    }
    var made: [String] = []
    defer { for folder in made.reversed() { FileSystem.removeFolder(folder) } }
    try planner.makeFolders(for: [prepared.planned], of: 0) { made.append($0) }
    let standings = try planner.standings(of: 0, [prepared.planned])
    try cancellation.check()
    let result = try result(
      of: prepared, in: planner.shards[0],
      besides: TakenNames(
        standings, overwrites: overwrites, named: planner.existing.shown, cancellation),
      cancellation: cancellation)
    if let failure = result.error { throw failure }
    do throws(FileError) {
      for folder in made { try DiskSync.folder(Path.folder(of: folder)) }
    } catch {
      throw InputFailure(output: error)
    }
    return result
  }

  /// What one item gives, whatever exists under its names; a failure is part of it.
  ///
  /// - Throws: ``Cancelled`` when the cancellation was met.
  package func result(
    of item: Item, cancellation: Cancellation = Cancellation()
  ) throws(Cancelled) -> InputResult {
    let items = ItemList([item])
    look(at: items, cancellation: cancellation)
    let prepared: Preparation
    do throws(InputFailure) {
      prepared = try prepare(item, cancellation: cancellation)
    } catch {
      if error == .cancelled { throw Cancelled() }
      return InputResult(error: error)
    }
    let shard = Shard(
      items: 0..<1, outputs: outputs(of: ShardPlace(items: 0..<1, number: 0), in: items))
    return try result(of: prepared, in: shard, besides: .none, cancellation: cancellation)
  }

  private func result(
    of prepared: Preparation, in shard: Shard, besides names: TakenNames,
    cancellation: Cancellation
  ) throws(Cancelled) -> InputResult {
    let collector: Output
    let slot: Output.Slot
    do throws(InputFailure) {
      collector = try self.collector(for: shard, plans: [prepared.planned])
      slot = try collector.slot(0)
    } catch {
      return InputResult(error: error)
    }
    var isWhole = false
    defer { if !isWhole { collector.discard() } }
    var result: InputResult
    do throws(Cancelled) {
      result = try process(prepared, into: slot, cancellation: cancellation)
    } catch {
      slot.discard()
      throw error
    }
    do throws(InputFailure) {
      if result.error == nil {
        try slot.finish()
        try collector.close()
        result.outputs = try collector.synchronizedCommit(besides: names)
        isWhole = true
      } else {
        slot.discard()
      }
    } catch {
      if error == .cancelled { throw Cancelled() }
      result.error = error
    }
    return result
  }
}

extension Collector {
  /// Gives all files their names once they are on the disk, and brings the names there, as
  /// ``ShardCommitter`` does for many shards at once.
  fileprivate func synchronizedCommit(
    besides names: TakenNames
  ) throws(InputFailure) -> [OutputFile] {
    do throws(FileError) {
      for file in files { try file.synchronize() }
    } catch {
      throw InputFailure(output: error)
    }
    let outputs = try commit(besides: names)
    do throws(FileError) {
      for folder in Set(outputs.map { PathKey(Path.folder(of: $0.path)) }) {
        try DiskSync.folder(folder.path)
      }
    } catch {
      throw InputFailure(output: error)
    }
    return outputs
  }
}
