import TesseraFiles
import TesseraThreads

/// Prepares items, and holds what they would write against what others write and what exists.
struct ShardPlanner<Processor: InputProcessor>: Sendable {
  let processor: Processor
  let items: ItemList
  let shards: ShardList<Processor>
  let names: OutputNames<Processor>
  private(set) var existing: ExistingOutputs
  private let inputs: InputIdentities
  private let options: BatchOptions

  /// What an item would give, or why it gives nothing.
  typealias Plan = Result<PlannedInput, InputFailure>

  private let roots: OutputRoots
  private let ownFiles: OwnFiles

  /// Checks the outputs of a run against each other, before anything is looked at.
  ///
  /// - Throws: ``BatchError`` where the run is to be refused.
  init(
    _ processor: Processor, items: ArrangedItems, options: BatchOptions
  ) throws(BatchError) {
    self.processor = processor
    self.items = items.items
    shards = ShardList(items, for: processor)
    roots = OutputRoots([options.folder].compactMap(\.self) + options.otherFolders)
    names = try OutputNames(of: shards, in: roots, jobs: options.jobs)
    inputs = InputIdentities(items.items, jobs: options.jobs)
    self.options = options
    ownFiles = OwnFiles(options)
    existing = ExistingOutputs(
      records: RunRecords(), options: options, inputs: inputs,
      writes: { processor.writes($0, for: $1) })
  }

  /// Refuses to write over inputs.
  ///
  /// - Parameter visit: called with folders that outputs go to, some more than once, on several
  ///   threads.
  /// - Throws: ``BatchError`` with the first output that has the place of one.
  func checkInputs(
    visiting visit: @escaping @Sendable (String) -> Void = { _ in }
  ) throws(BatchError) {
    let first = Locked<(item: Int, input: String, output: String)?>(nil)
    let check = { @Sendable [inputs] (path: String, item: Int) in
      // A link to nothing is the matter of that input alone.
      guard let input = inputs.input(at: path), FileStatus(of: path) != nil else { return }
      first.withLock { if item < $0?.item ?? .max { $0 = (item, input, path) } }
    }
    // Each has a folder open, perhaps.
    let jobs = min(options.jobs, OpenFileLimit.workers)
    Workers.run(jobs, piecesBelow: shards.indices.count) { [names] piece in
      names.forEachOutput(of: piece, check) { folder, _ in visit(folder) }
    }
    if let report = options.reportPath { check(report, items.count) }
    if let first = first.withLock({ $0 }) {
      throw .inputWouldBeReplaced(input: first.input, output: first.output)
    }
  }

  /// Takes over what earlier runs have left.
  mutating func look(knowing records: RunRecords) {
    existing = ExistingOutputs(
      records: records, options: options, inputs: inputs,
      writes: { [processor] in processor.writes($0, for: $1) },
      isCurrent: { [processor] in processor.isCurrent($0) })
  }

  /// Whether outputs that exist are replaced, whatever they are.
  var overwrites: Bool { options.overwrites }

  /// The items of a shard.
  func items(of shard: Int) -> [Item] { Array(items[shards.range(of: shard)]) }

  /// The record that proves a shard done by sizes and times, or where it is asked for by contents.
  func done(_ shard: Int) -> RunRecord? {
    existing.done(items(of: shard), named: shards.basePaths(of: shard))
  }

  /// An item with its plan, once its names are known to be free.
  func prepare(
    _ item: Int, of shard: Int, _ stop: Cancellation
  ) throws(InputFailure) -> Processor.Preparation {
    let base = shards.basePaths(of: shard)
    let prepared = try processor.prepare(items[item], cancellation: stop)
    for path in prepared.planned.outputs {
      // Base paths have been held against each other; only files per channel have other names.
      if !base.contains(where: { $0.utf8.elementsEqual(path.utf8) }),
        let other = other(writing: path, than: shard, stop)
      {
        throw InputFailure(
          .outputOfOther(existing.shown(path), input: items[other].source.path),
          isPlanning: true)
      }
      if let objection = objection(to: path, of: shard) { throw objection }
    }
    return prepared
  }

  /// An item of another shard that writes a file per channel under this name, too.
  private func other(writing path: String, than shard: Int, _ stop: Cancellation) -> Int? {
    if let other = names.other(path, than: shard) { return other }
    // How many channels those have, only their headers tell.
    return names.others(derivingTo: path, than: shard).first { other in
      let prepared = try? processor.prepare(items[other], cancellation: stop)
      guard let outputs = prepared?.planned.outputs else { return false }
      return outputs.contains { $0.utf8.elementsEqual(path.utf8) }
    }
  }

  /// Whether a folder lies behind a link below the folders of outputs, or is one.
  func isBehindLink(_ folder: String) -> Bool {
    roots.link(onWayTo: Path.join(Path.normalized(folder), "file")) != nil
  }

  /// Why nothing may be written under a path, as far as that is known without reading a file.
  func objection(to path: String, of shard: Int) -> InputFailure? {
    if let link = roots.link(onWayTo: path) {
      return InputFailure(
        .outputBehindLink(existing.shown(path), link: existing.shown(link)), isPlanning: true)
    }
    return existing.objection(to: path, of: items(of: shard))
  }

  /// The folders of the files of a shard, each once.
  func folders(of planned: [PlannedInput?], in shard: Int) -> [String] {
    var seen: Set<PathKey> = []
    return (shards.basePaths(of: shard) + planned.flatMap { $0?.outputs ?? [] })
      .map(Path.folder(of:)).filter { seen.insert(PathKey($0)).inserted && !ownFiles.hold($0) }
  }

  /// Makes the folders of the files of a shard.
  ///
  /// - Parameters:
  ///   - planned: what the shard gives.
  ///   - shard: the shard.
  ///   - note: called with those that were made, each before those in it.
  /// - Throws: the failure of the shard where one cannot be made.
  func makeFolders(
    for planned: [PlannedInput?], of shard: Int, noting note: (String) -> Void
  ) throws(InputFailure) {
    for folder in folders(of: planned, in: shard) {
      do throws(FileError) {
        try FileSystem.makeFolder(folder, noting: note)
      } catch {
        throw InputFailure(output: error)
      }
    }
  }

  /// Says why folders could not be made, as far as that is known without making them.
  func checkFolders(for planned: PlannedInput, of shard: Int) throws(InputFailure) {
    for folder in folders(of: [planned], in: shard) {
      do throws(FileError) {
        try FileSystem.checkFolder(folder)
      } catch {
        throw InputFailure(output: error)
      }
    }
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
    var shared: Set<PathKey> = []
    for output in shards[shard].outputs where output.item == nil {
      if let objection = objection(to: output.path, of: shard) { throw objection }
      shared.insert(PathKey(Path.normalized(output.path)))
    }
    let items = items(of: shard)
    for path in shards.basePaths(of: shard) + planned.flatMap({ $0?.outputs ?? [] }) {
      standings[PathKey(path)] = existing.standing(
        of: path, for: items, isShared: shared.contains(PathKey(path)))
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
  ) -> [(path: String, claims: [RunRecord.Claim])] {
    let items = items(of: shard)
    return existing.surplus(of: items, besides: paths).filter { path, _ in
      // Another file of this name, such as the one of another folder of inputs, is no earlier state.
      items.contains { processor.writes(path, for: $0) }
        && FileStatus(of: path, followingLinks: false) != nil
        // Even where the run is to end: who has not been asked might write it.
        && other(writing: path, than: shard, Cancellation()) == nil
        && inputs.input(at: path) == nil
    }
  }

  /// Plans every item of a shard, several at once; the headers are read again when their turn comes,
  /// so that a shard of thousands does not hold thousands of files open.
  func plans(of shard: Int, jobs: Int, _ stop: Cancellation) -> [Plan] {
    let range = shards.range(of: shard)
    let plans = Monitor([Plan?](repeating: nil, count: range.count))
    let next = Counter(limit: range.count)
    Workers.run(
      min(jobs, range.count),
      {
        while let position = next.take() {
          let plan = self.plan(range.lowerBound + position, of: shard, stop)
          plans.withLock { $0[position] = plan }
        }
      }, attend: {})
    return plans.withLock { $0.compactMap { $0 } }
  }

  /// What one item would give.
  func plan(_ item: Int, of shard: Int, _ stop: Cancellation) -> Plan {
    do throws(InputFailure) {
      return .success(try prepare(item, of: shard, stop).planned)
    } catch {
      return .failure(error)
    }
  }
}
