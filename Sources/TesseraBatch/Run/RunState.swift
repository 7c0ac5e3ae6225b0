import TesseraCore
import TesseraFiles

/// What the workers of a run share: the report, and what the summary will say.
struct RunState: ~Copyable {
  private var report: ReportWriter
  private let index: (any RunIndex)?
  private var indexed = InOrder<(item: Item, details: String?)>()
  private var indexError: FileError?
  private let audience: Audience
  private(set) var progress: RunProgress
  private var groups: [InputFailure.Kind: [(index: Int, example: RunSummary.Example)]] = [:]
  private var counts: [InputFailure.Kind: Int] = [:]
  private var stageSeconds: [Int: Double] = [:]
  private(set) var warnings = WarningBooks()
  private(set) var endingFailure: InputFailure?
  /// The outputs of the item that ended last, as records name them.
  private(set) var outputs: [String] = []
  /// Whether outputs are kept: of one item, not of thousands.
  private let keepsOutputs: Bool
  /// When the items in work have begun, since the run did [s].
  private var inWork: [Int: Double] = [:]
  /// The planning failure that all inputs so far share.
  private var sharedRefusal: (failure: InputFailure, index: Int, count: Int)?

  init(
    report: consuming ReportWriter, index: (any RunIndex)? = nil, audience: Audience, total: Int,
    plannedByteCount: Int, keepsOutputs: Bool = false
  ) {
    self.report = report
    self.index = index
    self.keepsOutputs = keepsOutputs
    self.audience = audience
    progress = RunProgress()
    progress.total = total
    progress.plannedByteCount = plannedByteCount
  }

  /// Takes that an item's work begins, so long after the run did.
  mutating func begin(_ index: Int, at seconds: Double) { inWork[index] = seconds }

  /// Takes that no thread works on an item any more.
  mutating func leave(_ index: Int) { inWork[index] = nil }

  /// How far the run is after so many seconds.
  mutating func progress(of items: ItemList, after seconds: Double) -> RunProgress {
    progress.seconds = seconds
    // Of those that began together, the first.
    let oldest = inWork.min { ($0.value, $0.key) < ($1.value, $1.key) }
    progress.slowest = oldest.map { index, begin in
      RunProgress.InputInWork(source: items[index].name, seconds: max(seconds - begin, 0))
    }
    return progress
  }

  /// Takes how an item ended, and the line of the report that tells it.
  mutating func end(_ item: Item, at index: Int, as outcome: InputOutcome, _ line: String) {
    report.add(line, at: index)
    if let writer = self.index {
      let isThere = outcome.status == .ok || outcome.status == .skipped
      indexed.add((item, isThere ? outcome.details : nil), at: index) { index, each in
        writer.add(each.item, at: index, details: each.details)
      }
    }
    warnings.add(outcome.warnings, of: item.name, at: index)
    switch outcome.status {
    case .ok: progress.okCount += 1
    case .skipped: progress.skippedCount += 1
    case .failed: progress.failedCount += 1
    case .notRun: return
    }
    if keepsOutputs { outputs = outcome.outputs }
    if let failure = outcome.error { count(failure, of: item, at: index) }
    if outcome.isRecorded {
      progress.plannedByteCount = max(progress.plannedByteCount - item.byteCount, 0)
      return
    }
    progress.pixelCount += outcome.pixelCount
    progress.readByteCount = progress.readByteCount.saturating(plus: item.byteCount)
    progress.writtenByteCount = progress.writtenByteCount.saturating(
      plus: outcome.writtenByteCount)
    for time in outcome.stageTimes { stageSeconds[time.stageIndex, default: 0] += time.seconds }
  }

  private mutating func count(_ failure: InputFailure, of item: Item, at index: Int) {
    counts[failure.kind, default: 0] += 1
    var examples = groups[failure.kind, default: []]
    examples.append(
      (index, RunSummary.Example(source: item.name, path: item.source.path, failure: failure)))
    // The first three in order of the inputs, in whatever order they ended.
    examples.sort { $0.index < $1.index }
    groups[failure.kind] = Array(examples.prefix(3))
    if failure.endsRun, endingFailure == nil { endingFailure = failure }
    guard failure.isPlanning, failure.stageIndex != nil else { return }
    guard let other = sharedRefusal else {
      sharedRefusal = (failure, index, 1)
      return
    }
    guard other.failure.stageIndex == failure.stageIndex else { return }
    // The first of the inputs speaks for all, whichever ended first.
    sharedRefusal =
      index < other.index
      ? (failure, index, other.count + 1) : (other.failure, other.index, other.count + 1)
  }

  /// Writes the lines of items that the run did not come to, and ends the report.
  ///
  /// - Returns: How many there are.
  mutating func finish(_ items: ItemList) -> Int {
    var notRunCount = 0
    for (index, item) in items.enumerated() where !report.holds(index) {
      notRunCount += 1
      let outcome = InputOutcome(
        .notRun, details: InputResult().details(of: item, outputs: []))
      end(item, at: index, as: outcome, outcome.line(of: item, for: audience))
    }
    report.finish()
    finishIndex(isComplete: notRunCount == 0)
    return notRunCount
  }

  private mutating func finishIndex(isComplete: Bool) {
    guard let index else { return }
    do throws(FileError) {
      if isComplete { try index.finish() }
    } catch {
      indexError = error
    }
    index.discard()
  }

  /// The first error that the report met, or what tells of all outputs.
  var reportError: FileError? { report.error ?? indexError }

  /// Failures by kind, the most frequent first.
  var failures: [RunSummary.FailureGroup] {
    counts.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }.map { kind, count in
      RunSummary.FailureGroup(
        kind: kind, count: count, examples: groups[kind, default: []].map(\.example))
    }
  }

  /// Time per stage, in order of the stages.
  var stageTimes: [StageTime] {
    stageSeconds.sorted { $0.key < $1.key }
      .map { StageTime(stageIndex: $0.key, seconds: $0.value) }
  }

  /// The refusal that every input met when it was planned.
  var stageRefusingAll: InputFailure? {
    guard let sharedRefusal, sharedRefusal.count == progress.total else { return nil }
    return sharedRefusal.failure
  }
}
