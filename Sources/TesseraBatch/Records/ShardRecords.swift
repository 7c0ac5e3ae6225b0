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

  /// XXH64 of the content of each item, by which records know it.
  ///
  /// Unknown where nothing is kept, and of what is no file.
  func hashes(of items: [Item]) -> [UInt64?] {
    guard folder != nil else { return items.map { _ in nil } }
    guard items.count > 1 else {
      return items.map { FileDigest(ofFile: $0.source, workers: jobs)?.hash }
    }

    let hashes = Monitor([UInt64?](repeating: nil, count: items.count))
    let next = Counter(limit: items.count)
    Workers.run(
      min(jobs, items.count),
      {
        while let position = next.take() {
          let digest = FileDigest(ofFile: items[position].source)
          hashes.withLock { $0[position] = digest?.hash }
        }
      }, attend: {})
    return hashes.withLock { $0 }
  }

  /// Keeps that a shard is about to write some files, and what is known of each.
  func begin(
    _ items: [Item], hashes: [UInt64?], claims: [PathKey: RunRecord.Claim]
  ) throws(FileError) {
    let outputs = claims.sorted { $0.key < $1.key }.map { path, claim in
      RunRecord.Output(path: path.path, claim: claim)
    }
    try keep(.started, zip(items, hashes).map { RunRecord.Member($0, hash: $1) }, outputs)
  }

  /// Keeps that nothing came of a shard that had begun: what was before is known again.
  func release(_ items: [Item], before: RunRecord?) {
    guard let folder else { return }
    let released = RunRecord(
      state: .released, recipe: recipe, version: version,
      items: items.prefix(1).map { RunRecord.Member($0, hash: nil) }, outputs: [])
    // Where it cannot be kept, the next run compares what is there.
    try? folder.append(before.flatMap { $0.state == .done ? $0 : nil } ?? released)
  }

  /// Keeps what there is after files of a shard could not all get their names, or be recorded.
  ///
  /// What was done before is no longer done where some of its outputs have been replaced: those are
  /// ours, and may be replaced again.
  func recall(
    _ items: [Item], hashes: [UInt64?], claims: [PathKey: RunRecord.Claim],
    before: RunRecord?
  ) {
    guard let folder, let before else { return release(items, before: before) }
    var claims = claims
    let keys = Dictionary(claims.keys.map { (name(of: $0.path), $0) }) { first, _ in first }
    var isReplaced = false
    for output in before.outputs {
      // Somebody else's has stayed, whatever it is, and so has what was not to be written.
      guard case .content = output.claim, let key = keys[output.path], claims[key] != .foreign
      else { continue }
      let path = folder.path(of: output.path)
      if output.claim.isTrue(of: path) { continue }
      isReplaced = true
      claims[key] = FileStatus(of: path, followingLinks: false) == nil ? nil : .new
    }
    if !isReplaced { return release(items, before: before) }
    try? begin(items, hashes: hashes, claims: claims)
  }

  /// Keeps what was found out about items whose times have changed and nothing else.
  func renew(_ record: RunRecord) { try? folder?.append(record) }

  /// Keeps what was written, as it is on the disk, read back.
  ///
  /// - Parameters:
  ///   - items: the shard's.
  ///   - hashes: of their contents.
  ///   - results: what each of them gave; not all of them failed.
  ///   - files: what was written, or found to be there.
  /// - Returns: how each item ended.
  /// - Throws: ``FileError`` where a file cannot be read back, or nothing be kept.
  func finish(
    _ items: [Item], hashes: [UInt64?], _ results: [InputResult], _ files: [OutputFile]
  ) throws(FileError) -> [InputOutcome] {
    var written: [RunRecord.Output] = []
    for file in files {
      let digest = try FileDigest(of: file.path, workers: jobs)
      written.append(
        .init(path: file.path, byteCount: digest.byteCount, hash: digest.hash))
    }
    let outcomes = outcomes(of: items, results, files, named: written.map(named))
    // A failure that another run may not meet is a reason to try again.
    if outcomes.allSatisfy({ $0.error?.kind.followsFromInput ?? true }) {
      let members = zip(zip(items, hashes), outcomes).map {
        RunRecord.Member($0.0, hash: $0.1, failure: $1.error, details: $1.details)
      }
      try keep(.done, members, written)
    }
    return outcomes
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

  private func keep(
    _ state: RunRecord.State, _ items: [RunRecord.Member], _ outputs: [RunRecord.Output]
  ) throws(FileError) {
    guard let folder, !outputs.isEmpty else { return }
    try folder.append(
      RunRecord(
        state: state, recipe: recipe, version: version, items: items,
        outputs: outputs.map(named)))
  }

  /// A path as records and the report name it.
  func name(of path: String) -> String { folder?.name(of: path) ?? path }

  private func named(_ output: RunRecord.Output) -> RunRecord.Output {
    var output = output
    if let folder { output.path = folder.name(of: output.path) }
    return output
  }
}
