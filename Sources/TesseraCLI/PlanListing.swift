import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// What a run would do, for people and for programs.
///
/// Inputs are told one after the other; what is kept of them are sums and examples.
struct PlanListing {
  /// How inputs are told.
  enum Form {
    /// By kinds, at the end.
    case kinds
    /// A line for each.
    case lines
    /// An entry of an object for each.
    case json
  }

  /// Inputs that are alike.
  struct InputKind {
    let first: String
    let outputs: [String]
    let byteCount: Int?
    var count = 0
  }

  private struct FailureGroup {
    var count = 0
    var examples: [RunSummary.Example] = []
  }

  private let pipeline: Pipeline
  private let form: Form
  private let writesOneFile: Bool
  let ignoredCount: Int
  let specialFiles: FirstFound<SpecialFile>
  let warnings: [String]
  private let unreadableFolders: FirstFound<FileError>
  private let emit: (String) -> Void
  private var pending = ""
  private var hasBegun = false
  var kinds: [String: InputKind] = [:]
  /// Inputs of kinds beyond those that are kept.
  var otherCount = 0
  var plannedCount = 0
  var doneCount = 0
  var fileCount = 0
  private var lastShared: [String] = []
  var comparedCount = 0
  var mostMemory = 0
  var outputByteCount: Int? = 0
  private var failures: [InputFailure.Kind: FailureGroup] = [:]
  private var firstFailure: InputFailure?
  private var isInterrupted = false
  /// Whether all failures so far are refusals of one stage.
  private var isOneRefusal = true

  /// Kinds that are told one by one, and those that are told apart.
  static let (kindLimit, mostKinds) = (20, 1000)

  /// Begins to tell.
  ///
  /// - Parameters:
  ///   - form: how.
  ///   - pipeline: what would be run.
  ///   - inputs: what was found.
  ///   - writesOneFile: whether one file is all that the run is for.
  ///   - emit: takes the text, piece by piece.
  init(
    _ form: Form, of pipeline: Pipeline, found inputs: DiscoveredInputs, writesOneFile: Bool,
    to emit: @escaping (String) -> Void
  ) {
    self.pipeline = pipeline
    self.form = form
    self.writesOneFile = writesOneFile
    self.emit = emit
    ignoredCount = inputs.skippedCount
    specialFiles = inputs.specialFiles
    warnings = inputs.warnings
    unreadableFolders = inputs.unreadableFolders
  }

  /// Takes what becomes of the next input.
  mutating func add(_ outcome: PlannedOutcome) {
    switch outcome {
    case .planned(let input, let plan): add(input, plan)
    case .done: doneCount += 1
    case .failed(let input, let failure): add(input, failure)
    }
    switch form {
    case .kinds: break
    case .lines: if let line = Self.line(of: outcome) { write(line + "\n") }
    case .json:
      write((hasBegun ? "," : "{\"inputs\":[") + JSONWriter.compact(Self.entry(of: outcome)))
    }
    hasBegun = true
  }

  private mutating func add(_ input: Item, _ plan: PlannedInput) {
    plannedCount += 1
    // Those of a shard follow each other.
    let shared = plan.sharedOutputs
    fileCount += plan.outputs.count + (shared == lastShared ? 0 : shared.count)
    lastShared = shared
    comparedCount += plan.comparedOutputs.count
    mostMemory = max(mostMemory, plan.memoryByteCount)
    if let sum = outputByteCount, let bytes = plan.outputByteCount {
      outputByteCount = sum.saturating(plus: bytes)
    } else {
      outputByteCount = nil
    }
    if kinds[plan.summary] == nil, kinds.count >= Self.mostKinds {
      otherCount += 1
      return
    }
    kinds[
      plan.summary,
      default: InputKind(
        first: input.name, outputs: Array(plan.allOutputs.prefix(2)),
        byteCount: plan.outputByteCount)
    ].count += 1
  }

  private mutating func add(_ input: Item, _ failure: InputFailure) {
    failures[failure.kind, default: FailureGroup()].count += 1
    if failures[failure.kind, default: FailureGroup()].examples.count < 3 {
      failures[failure.kind]?.examples.append(
        .init(source: input.name, path: input.source.path, failure: failure))
    }
    firstFailure = firstFailure ?? failure
    isOneRefusal =
      isOneRefusal && failure.isPlanning && failure.stageIndex != nil
      && failure.stageIndex == firstFailure?.stageIndex
  }

  private mutating func write(_ text: String) {
    pending += text
    if pending.utf8.count >= 1 << 16 { flush() }
  }

  private mutating func flush() {
    if !pending.isEmpty { emit(pending) }
    pending = ""
  }

  /// Tells what all inputs take.
  ///
  /// - Parameter isInterrupted: whether inputs are missing, because the planning was to end.
  mutating func finish(isInterrupted: Bool = false) {
    self.isInterrupted = isInterrupted
    switch form {
    case .kinds, .lines:
      let lines = (form == .kinds ? kindLines : []) + totals
      if !isInterrupted { write(lines.joined(separator: "\n")) }
    case .json:
      if !hasBegun { write("{\"inputs\":[") }
      // The members of an object behind those that stand already.
      write("]," + JSONWriter.compact(totalsForPrograms).dropFirst())
    }
    flush()
  }

  var failedCount: Int { failures.values.reduce(0) { $0 + $1.count } }
  var count: Int { plannedCount + doneCount + failedCount }

  /// How the command ends.
  var exitStatus: ExitStatus {
    if isInterrupted { return .interrupted }
    if failures.isEmpty { return unreadableFolders.isEmpty ? .done : .failedInputs }
    let kinds = Set(failures.keys)
    if let status = RunSummary.exitStatus(of: kinds, writesOneFile: writesOneFile) { return status }
    return refusalOfAll == nil ? .failedInputs : .badPipeline
  }

  /// The refusal of the stage that refuses every input, where one does.
  private var refusalOfAll: InputFailure? {
    failedCount == count && isOneRefusal ? firstFailure : nil
  }

  /// What would fail, for programs: the first three inputs of each kind.
  var errorEntries: [ErrorEntry] {
    if isInterrupted { return [ErrorEntry(.interrupted, Self.interruption)] }
    let folders = ErrorEntry.entries(ofUnreadable: unreadableFolders)
    if let refusalOfAll {
      return folders + [ErrorEntry(refusalOfAll: refusalOfAll, in: pipeline)]
    }
    return folders
      + InputFailure.Kind.allCases.flatMap { kind in
        (failures[kind]?.examples ?? []).map { ErrorEntry($0) }
      }
  }

  private static let interruption = "interrupted while planning; nothing has been written"

  /// Folders that could not be read, and failures by kind; `nil` where there are none.
  var errors: String? {
    if isInterrupted { return Self.interruption }
    var lines = FailureList.lines(ofUnreadable: unreadableFolders)
    if let refusalOfAll {
      lines.append(FailureList.refusalOfAll(refusalOfAll, in: pipeline))
      return lines.joined(separator: "\n")
    }
    let kinds = InputFailure.Kind.allCases.compactMap {
      kind -> (InputFailure.Kind, Int, [(String, String)])? in
      failures[kind].map { group in
        (
          kind, group.count,
          group.examples.map { ($0.source, $0.failure.message(for: .command)) }
        )
      }
    }
    lines += FailureList.lines(of: kinds)
    return lines.isEmpty ? nil : lines.joined(separator: "\n")
  }
}
