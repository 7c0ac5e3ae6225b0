import TesseraCore
import TesseraFiles
import TesseraThreads

/// Keeps what becomes of shards, for a repeated run and for the report.
struct ShardRecords: Sendable {
  /// Where records are kept; `nil`: nowhere.
  let folder: RunFolder?
  let recipe: String
  let version: String
  /// Threads that may read an output back.
  let jobs: Int
  /// Ends the reading of outputs.
  let stop: Cancellation

  /// XXH64 of the content of each item, by which records know it.
  ///
  /// Unknown where nothing is kept, of what is no file, and once the run is to end.
  func hashes(of items: [Item], _ stop: Cancellation) -> [UInt64?] {
    guard folder != nil else { return items.map { _ in nil } }
    guard items.count > 1 else {
      return items.map { FileDigest(ofFile: $0.source, workers: jobs, cancellation: stop)?.hash }
    }
    let hashes = Monitor([UInt64?](repeating: nil, count: items.count))
    let next = Counter(limit: items.count)
    Workers.run(
      min(jobs, items.count),
      {
        while let position = next.take() {
          let digest = FileDigest(ofFile: items[position].source, cancellation: stop)
          hashes.withLock { $0[position] = digest?.hash }
        }
      }, attend: {})
    return hashes.withLock { $0 }
  }

  /// What is kept of a shard whose files are about to get their names, and of what each holds.
  func begun(
    _ items: [Item], hashes: [UInt64?], claims: [PathKey: [RunRecord.Claim]]
  ) -> RunRecord? {
    let outputs = claims.sorted { $0.key < $1.key }.flatMap { path, claims in
      claims.map { RunRecord.Output(path: path.path, claim: $0) }
    }
    return record(.started, zip(items, hashes).map { RunRecord.Member($0, hash: $1) }, outputs)
  }

  /// What is kept of a shard whose files could not all get their names, or be recorded.
  ///
  /// What was done before is no longer done where some of its outputs have been replaced: those are
  /// ours, and may be replaced again. Where the run ends before that is known, the next one finds out.
  ///
  /// - Parameters:
  ///   - items: the shard's.
  ///   - hashes: of their contents.
  ///   - claims: what every name held, and was to hold.
  ///   - written: what the files hold that were to have names.
  ///   - before: what an earlier run has kept.
  /// - Returns: what is true now.
  func recalled(
    _ items: [Item], hashes: [UInt64?], claims: [PathKey: [RunRecord.Claim]],
    written: [PathKey: RunRecord.Claim], before: RunRecord?
  ) -> RunRecord {
    var isReplaced = false
    var standing: [PathKey: [RunRecord.Claim]] = [:]
    do throws(Cancelled) {
      for (path, claims) in claims {
        if claims == [.foreign] {
          standing[path] = claims
        } else if let new = written[path], try new.isTrue(of: path.path, stop) {
          standing[path] = [new]
          isReplaced = true
        } else if let old = try claims.first(trueOf: path.path, stop) {
          standing[path] = [old]
        }
      }
    } catch {
      (standing, isReplaced) = (claims, true)
    }
    if let before, before.state == .done, !isReplaced { return before }
    if standing.values.contains(where: { $0 != [.foreign] }),
      let begun = begun(items, hashes: hashes, claims: standing)
    {
      return begun
    }
    return RunRecord(
      state: .released, recipe: recipe, version: version,
      items: items.prefix(1).map { RunRecord.Member($0, hash: nil) }, outputs: [])
  }

  /// Keeps some records.
  func keep(_ records: [RunRecord]) throws(FileError) {
    if !records.isEmpty { try folder?.append(records) }
  }

  /// Keeps what was found out about items whose times have changed and nothing else.
  func renew(_ record: RunRecord) { try? keep([record]) }

  /// How the items of a shard ended whose files have their names, and what is kept of it.
  ///
  /// - Parameters:
  ///   - items: the shard's.
  ///   - hashes: of their contents.
  ///   - results: what each of them gave; not all of them failed.
  ///   - files: what was written, or found to be there.
  ///   - claims: what the files hold.
  /// - Returns: how each item ended, and what is kept: `nil` where the next run is to try again.
  func ended(
    _ items: [Item], hashes: [UInt64?], _ results: [InputResult], _ files: [OutputFile],
    holding claims: [PathKey: RunRecord.Claim]
  ) -> (outcomes: [InputOutcome], record: RunRecord?) {
    let written = files.map { file in
      RunRecord.Output(path: file.path, claim: claims[PathKey(file.path)] ?? .foreign)
    }
    let outcomes = outcomes(of: items, results, files, named: written.map(named))
    // A failure that another run may not meet is a reason to try again.
    guard outcomes.allSatisfy({ $0.error?.kind.followsFromInput ?? true }) else {
      return (outcomes, nil)
    }
    let members = zip(zip(items, hashes), outcomes).map {
      RunRecord.Member($0.0, hash: $0.1, failure: $1.error, details: $1.details)
    }
    return (outcomes, record(.done, members, written))
  }

  private func outcomes(
    of items: [Item], _ results: [InputResult], _ files: [OutputFile],
    named: [RunRecord.Output]
  ) -> [InputOutcome] {
    // Files that are no item's own are told of with every item, and counted with the first.
    let places = Dictionary(grouping: files.indices) { files[$0].position }
    let shared = places[nil, default: []]
    var isFirst = true
    var outcomes: [InputOutcome] = []
    for (position, (item, result)) in zip(items, results).enumerated() {
      if let failure = result.error {
        outcomes.append(InputOutcome(failed: item, result, failure))
        continue
      }
      let own = places[position, default: []]
      let places = (own + shared).sorted()
      var result = result
      result.outputs = places.map { files[$0] }
      let isAdopted = !places.isEmpty && places.allSatisfy { files[$0].isAdopted }
      var outcome = InputOutcome(
        isAdopted ? .skipped : .ok, result,
        details: result.details(of: item, outputs: places.map { named[$0] }))
      outcome.writtenByteCount = (isFirst ? own + shared : own)
        .filter { !files[$0].isAdopted }
        .reduce(0) { $0.saturating(plus: files[$1].byteCount) }
      outcome.pixelCount = (result.source?.height ?? 0) * (result.source?.width ?? 0)
      outcomes.append(outcome)
      isFirst = false
    }
    return outcomes
  }

  private func record(
    _ state: RunRecord.State, _ items: [RunRecord.Member], _ outputs: [RunRecord.Output]
  ) -> RunRecord? {
    if folder == nil || outputs.isEmpty { return nil }
    return RunRecord(
      state: state, recipe: recipe, version: version, items: items, outputs: outputs.map(named))
  }

  /// A path as records and the report name it.
  func name(of path: String) -> String { folder?.name(of: path) ?? path }

  private func named(_ output: RunRecord.Output) -> RunRecord.Output {
    var output = output
    if let folder { output.path = folder.name(of: output.path) }
    return output
  }
}
