import TesseraCore
import TesseraFiles

/// Keeps what becomes of shards, for a repeated run and for the report.
struct ShardRecords: Sendable {
  /// Where records are kept; `nil`: nowhere.
  let folder: RunFolder?
  let recipe: String
  /// Threads that may read an output back.
  let jobs: Int

  /// Keeps that a shard is about to write some files.
  func begin(_ items: ArraySlice<Item>, claims: [String]) throws(FileError) {
    let paths = Set(claims.map(PathKey.init)).sorted()
    try keep(
      .started, items.map { RunRecord.Member($0) },
      paths.map { .init(path: String(decoding: $0.bytes, as: UTF8.self), byteCount: 0, hash: 0) })
  }

  /// Keeps what was written, as it is on the disk, read back.
  ///
  /// - Parameters:
  ///   - items: the shard's.
  ///   - results: what each of them gave; not all of them failed.
  ///   - files: what was written.
  /// - Returns: how each item ended.
  /// - Throws: ``FileError`` where a file cannot be read back, or nothing be kept.
  func finish(
    _ items: ArraySlice<Item>, _ results: [InputResult], _ files: [OutputFile]
  ) throws(FileError) -> [InputOutcome] {
    var written: [RunRecord.Output] = []
    for file in files {
      let digest = try FileDigest(of: file.path, workers: jobs)
      written.append(.init(path: file.path, byteCount: digest.byteCount, hash: digest.hash))
    }
    let named = written.map(named)
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
      var outcome = InputOutcome(
        .ok, details: result.details(of: item, outputs: places.map { named[$0] }))
      outcome.writtenByteCount = (isFirst ? own + shared : own)
        .reduce(0) { $0.saturating(plus: written[$1].byteCount) }
      outcome.pixelCount = (result.source?.height ?? 0) * (result.source?.width ?? 0)
      outcome.stageTimes = result.stageTimes
      outcomes.append(outcome)
      isFirst = false
    }
    // A failure that another run may not meet is a reason to try again.
    if outcomes.allSatisfy({ $0.error?.kind.followsFromInput ?? true }) {
      try keep(
        .done,
        zip(items, outcomes).map {
          RunRecord.Member($0, failure: $1.error, details: $1.details)
        }, written)
    }
    return outcomes
  }

  private func keep(
    _ state: RunRecord.State, _ items: [RunRecord.Member], _ outputs: [RunRecord.Output]
  ) throws(FileError) {
    guard let folder, !outputs.isEmpty else { return }
    try folder.append(
      RunRecord(state: state, recipe: recipe, items: items, outputs: outputs.map(named)))
  }

  private func named(_ output: RunRecord.Output) -> RunRecord.Output {
    var output = output
    if let folder { output.path = folder.name(of: output.path) }
    return output
  }
}
