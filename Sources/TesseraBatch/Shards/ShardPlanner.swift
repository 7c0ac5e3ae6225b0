import TesseraFiles
import TesseraThreads

/// Prepares items, and holds what they would write against what others write and what exists.
struct ShardPlanner<Processor: InputProcessor>: Sendable {
  let processor: Processor
  let items: ItemList
  let shards: [Shard]
  let names: OutputNames
  private(set) var existing: ExistingOutputs
  private let inputs: InputIdentities
  private let options: BatchOptions

  /// What an item would give, or why it gives nothing.
  typealias Plan = Result<PlannedInput, InputFailure>

  /// Checks the outputs of a run, before anything is opened.
  ///
  /// - Throws: ``BatchError`` where the run is to be refused.
  init(
    _ processor: Processor, items: ItemList, options: BatchOptions
  ) throws(BatchError) {
    self.processor = processor
    self.items = items
    shards = Shard.cut(items, for: processor)
    names = try OutputNames(of: shards, items) { processor.advice(separating: items) }
    inputs = InputIdentities(items)
    self.options = options
    existing = ExistingOutputs(
      of: [], items, records: RunRecords(), options: options, inputs: inputs,
      writes: { processor.writes($0, for: $1) })
    for path in Array(names.basePaths.joined()) + [options.reportPath].compactMap(\.self) {
      guard let status = FileStatus(of: path), let input = inputs.input(status.identity) else {
        continue
      }
      throw .inputWouldBeReplaced(input: input, output: path)
    }
  }

  /// Looks for what is done, by what earlier runs have left.
  mutating func look(knowing records: RunRecords) {
    existing = ExistingOutputs(
      of: shards, items, records: records, options: options, inputs: inputs,
      writes: { [processor] in processor.writes($0, for: $1) })
  }

  /// The items of a shard.
  func items(of shard: Int) -> [Item] { Array(items[shards[shard].items]) }

  /// Folders that outputs go to, without those that have the place of the run's own files.
  var folders: [String] {
    let own = OwnFiles(options)
    return names.folders.filter { !own.hold($0) }
  }

  /// An item with its plan, once its names are known to be free.
  func prepare(_ item: Int, of shard: Int) throws(InputFailure) -> Processor.Preparation {
    let base = names.basePaths[shard]
    let prepared = try processor.prepare(items[item])
    for path in prepared.planned.outputs {
      // Base paths have been held against each other; only files per channel have other names.
      if !base.contains(where: { $0.utf8.elementsEqual(path.utf8) }),
        let other = other(writing: path, than: shard)
      {
        throw InputFailure(
          .outputOfOther(existing.shown(path), input: items[other].source.path),
          isPlanning: true)
      }
      if let objection = existing.objection(to: path) { throw objection }
    }
    return prepared
  }

  /// An item of another shard that writes a file per channel under this name, too.
  private func other(writing path: String, than shard: Int) -> Int? {
    if let other = names.other(path, than: shard) { return other }
    // How many channels those have, only their headers tell.
    return names.others(derivingTo: path, than: shard).first { other in
      guard let outputs = try? processor.prepare(items[other]).planned.outputs else { return false }
      return outputs.contains { $0.utf8.elementsEqual(path.utf8) }
    }
  }

  /// Makes the folders of files per channel; those of all other files are there when work begins.
  ///
  /// - Returns: those that were made, each before those in it.
  func makeFolders(for planned: [PlannedInput?], of shard: Int) throws(InputFailure) -> [String] {
    var made: [String] = []
    let base = Set(names.basePaths[shard].map { PathKey(Path.folder(of: $0)) })
    for path in planned.flatMap({ $0?.outputs ?? [] }) {
      let folder = Path.folder(of: path)
      if base.contains(PathKey(folder)) { continue }
      do throws(FileError) {
        made += try FileSystem.makeFolder(folder)
      } catch {
        throw InputFailure(output: error)
      }
    }
    return made
  }

  /// What may be done with every name that a shard writes under.
  ///
  /// - Parameters:
  ///   - shard: the shard.
  ///   - planned: what its items will give.
  /// - Returns: the names, with those that files per channel derive from.
  /// - Throws: the failure of all of its items, where a name that they share is taken.
  func standings(
    of shard: Int, _ planned: [PlannedInput?]
  ) throws(InputFailure) -> [PathKey: ExistingOutputs.Standing] {
    var standings: [PathKey: ExistingOutputs.Standing] = [:]
    for output in shards[shard].outputs where output.item == nil {
      if let objection = existing.objection(to: output.path) { throw objection }
    }
    for path in names.basePaths[shard] + planned.flatMap({ $0?.outputs ?? [] }) {
      standings[PathKey(path)] = existing.standing(of: path, for: items(of: shard))
    }
    return standings
  }

  /// Outputs that an earlier run has made of a shard, or was about to, and that nobody makes now.
  ///
  /// - Parameters:
  ///   - shard: the shard.
  ///   - paths: what is made of it now.
  /// - Returns: the paths, with what the records know of them.
  func surplus(
    of shard: Int, besides paths: [String]
  ) -> [(path: String, claim: RunRecord.Claim)] {
    let items = items(of: shard)
    return existing.surplus(of: items, besides: paths).filter { path, _ in
      // Another file of this name, such as the one of another folder of inputs, is no earlier state.
      items.contains { processor.writes(path, for: $0) }
        && FileStatus(of: path, followingLinks: false) != nil
        && other(writing: path, than: shard) == nil
        && FileStatus(of: path).flatMap { inputs.input($0.identity) } == nil
    }
  }

  /// Plans every item of a shard, several at once; the headers are read again when their turn comes,
  /// so that a shard of thousands does not hold thousands of files open.
  func plans(of shard: Int, jobs: Int) -> [Plan] {
    let range = shards[shard].items
    let plans = Monitor([Plan?](repeating: nil, count: range.count))
    let next = Counter(limit: range.count)
    Workers.run(
      min(jobs, range.count),
      {
        while let position = next.take() {
          let plan = self.plan(range.lowerBound + position, of: shard)
          plans.withLock { $0[position] = plan }
        }
      }, attend: {})
    return plans.withLock { $0.compactMap { $0 } }
  }

  /// What one item would give.
  func plan(_ item: Int, of shard: Int) -> Plan {
    do throws(InputFailure) {
      return .success(try prepare(item, of: shard).planned)
    } catch {
      return .failure(error)
    }
  }

  /// What a shard takes of the memory of a run: for as many of its items at once as may be.
  ///
  /// - Throws: the failure of all of its items where that is more than there is.
  func demand(
    of shard: Int, _ plans: [Plan], within budget: MemoryBudget, jobs: Int
  ) throws(InputFailure) -> (width: Int, byteCount: Int) {
    let planned = plans.map { try? $0.get() }
    let fixed = processor.collectorByteCount(for: shards[shard], plans: planned)
    let needs = planned.compactMap { $0?.memoryByteCount }
    let width = budget.width(of: needs, beside: fixed, upTo: jobs)
    let byteCount = fixed + needs.sorted(by: >).prefix(width).reduce(0, +)
    if let objection = budget.objection(to: byteCount) { throw objection }
    return (width, byteCount)
  }

  /// The plan, with the outputs in it that are there and nobody's.
  private func compared(_ planned: PlannedInput, of shard: Int) -> PlannedInput {
    var planned = planned
    planned.comparedOutputs = planned.outputs.filter {
      existing.standing(of: $0, for: items(of: shard)) == .foreign
    }
    return planned
  }

  /// The record that proves a shard done by what its items hold.
  private func proof(of shard: Int) -> RunRecord? {
    let items = items(of: shard)
    guard let record = existing.record(of: items), record.items.count == items.count else {
      return nil
    }
    return existing.proof(
      of: items, named: names.basePaths[shard],
      hashes: items.map { FileDigest(ofFile: $0.source)?.hash })
  }

  /// What a run would do with the items of a shard.
  func planned(_ shard: Int, within budget: MemoryBudget, jobs: Int) -> [PlannedOutcome] {
    let range = shards[shard].items
    if let record = existing.done[shard] ?? proof(of: shard) {
      return zip(range, record.items).map { index, member in
        member.failure.map { .failed(items[index], $0) } ?? .done(items[index])
      }
    }
    let plans = range.map { plan($0, of: shard).admitted(by: budget) }
    var refusal: InputFailure?
    do throws(InputFailure) {
      _ = try demand(of: shard, plans, within: budget, jobs: jobs)
    } catch {
      refusal = error
    }
    return zip(range, plans).map { index, plan in
      switch plan {
      case .success(let planned):
        refusal.map { .failed(items[index], $0) }
          ?? .planned(items[index], compared(planned, of: shard))
      case .failure(let failure): .failed(items[index], failure)
      }
    }
  }
}

extension Result<PlannedInput, InputFailure> {
  /// The plan, unless it can never have the memory that it needs.
  func admitted(by budget: MemoryBudget) -> Self {
    guard case .success(let planned) = self,
      let objection = budget.objection(to: planned.memoryByteCount)
    else { return self }
    return .failure(objection)
  }
}
