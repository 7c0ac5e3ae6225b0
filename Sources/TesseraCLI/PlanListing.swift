import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline

/// What a run would do, for people and for programs.
struct PlanListing {
  private let pipeline: Pipeline
  private let outcomes: [PlannedOutcome]
  private let ignoredCount: Int
  private let specialFiles: [SpecialFile]
  private let warnings: [String]
  private var planned: [(input: Item, plan: PlannedInput)] = []
  private var failed: [(input: Item, failure: InputFailure)] = []
  private var doneCount = 0

  init(_ outcomes: [PlannedOutcome], of pipeline: Pipeline, found inputs: DiscoveredInputs) {
    self.pipeline = pipeline
    self.outcomes = outcomes
    ignoredCount = inputs.skippedCount
    specialFiles = inputs.specialFiles
    warnings = inputs.warnings
    for outcome in outcomes {
      switch outcome {
      case .planned(let input, let plan): planned.append((input, plan))
      case .done: doneCount += 1
      case .failed(let input, let failure): failed.append((input, failure))
      }
    }
  }

  /// How the command ends.
  var exitStatus: ExitStatus {
    if failed.isEmpty { return .done }
    if failed.contains(where: { $0.failure.kind == .bug }) { return .bug }
    return refusalOfAll == nil ? .failedInputs : .badPipeline
  }

  /// The refusal of the stage that refuses every input, where one does.
  private var refusalOfAll: InputFailure? {
    let stages = Set(failed.map { $0.failure.isPlanning ? $0.failure.stageIndex : nil })
    guard failed.count == outcomes.count, stages.count == 1, stages != [nil] else { return nil }
    return failed.first?.failure
  }

  /// A line per kind of input, or per input where each is `listed`, then what all of them take.
  func text(listingInputs isListed: Bool) -> String {
    var lines = isListed ? inputLines : kindLines
    let files = planned.reduce(0) { $0 + $1.plan.outputs.count }
    let most = planned.map(\.plan.memoryByteCount).max() ?? 0
    let bytes = planned.reduce(0 as Int?) { sum, input in
      guard let sum, let bytes = input.plan.outputByteCount else { return nil }
      return sum.saturating(plus: bytes)
    }
    lines.append(
      "\(outcomes.count) \(outcomes.count == 1 ? "input" : "inputs"): \(planned.count) to do, "
        + "\(doneCount) done before, \(failed.count) would fail; "
        + "\(files) \(files == 1 ? "file" : "files") to write"
        + (files > 0 ? bytes.map { " (\($0.inBytes))" } ?? "" : "")
        + ", at most \(most.inBytes) of memory for one input")
    if ignoredCount > 0 {
      lines.append(
        "passed over \(ignoredCount) that \(ignoredCount == 1 ? "is" : "are") not \(FileRecognition.images.kinds)"
      )
    }
    if let line = SpecialFile.line(of: specialFiles) { lines.append(line) }
    lines += warnings.map { "warning: \($0.printable)" }
    return lines.joined(separator: "\n")
  }

  /// What becomes of each input.
  private var inputLines: [String] {
    outcomes.compactMap { outcome -> String? in
      switch outcome {
      case .planned(let input, let plan):
        let outputs = plan.outputs.map(\.printable).joined(separator: ", ")
        let compared = plan.comparedOutputs.map {
          "\n  \($0.printable) exists: it stays, and must hold what would be written"
        }
        return "\(input.name.printable) → \(outputs.isEmpty ? "no file" : outputs)"
          + "  (\(plan.summary)\(plan.outputByteCount.map { ", \($0.inBytes)" } ?? ""), "
          + "\(plan.memoryByteCount.inBytes) of memory)\(compared.joined())"
      case .done(let input): return "\(input.name.printable): done before"
      case .failed: return nil
      }
    }
  }

  /// What becomes of inputs that are alike, the most frequent first, with one of them as an example.
  private var kindLines: [String] {
    let kinds = Dictionary(grouping: planned, by: \.plan.summary).sorted {
      ($1.value.count, $0.key) < ($0.value.count, $1.key)
    }
    var lines = kinds.prefix(Self.kindLimit).map { summary, inputs in
      let first = inputs[0]
      let outputs = first.plan.outputs.map(\.printable)
      let example =
        "\(first.input.name.printable) → \(outputs.first ?? "no file")\(outputs.count > 1 ? ", …" : "")"
      let others = inputs.count > 1 ? ", and \(inputs.count - 1) like it" : ""
      let bytes = first.plan.outputByteCount.map {
        ", \($0.inBytes)\(inputs.count > 1 ? " each" : "")"
      }
      return "\(example)\(others)  (\(summary)\(bytes ?? ""))"
    }
    let rest = kinds.dropFirst(Self.kindLimit)
    if !rest.isEmpty {
      let count = rest.reduce(0) { $0 + $1.value.count }
      lines.append("\(count) inputs of \(rest.count) other kinds; --verbose lists every input")
    }
    let existing = planned.reduce(0) { $0 + $1.plan.comparedOutputs.count }
    if existing > 0 {
      lines.append(
        "\(existing) of the outputs \(existing == 1 ? "exists" : "exist") already: what they hold must be what "
          + "would be written")
    }
    return lines
  }

  /// Kinds that are told one by one.
  private static let kindLimit = 20

  /// What would fail, for programs: the first three inputs of each kind.
  private var errorEntries: [ErrorEntry] {
    if let refusalOfAll { return [ErrorEntry(refusalOfAll: refusalOfAll, in: pipeline)] }
    return InputFailure.Kind.allCases.flatMap { kind in
      failed.filter { $0.failure.kind == kind }.prefix(3).map { input, failure in
        ErrorEntry(.init(source: input.name, path: input.source.path, failure: failure))
      }
    }
  }

  /// Failures by kind; `nil` where there are none.
  var errors: String? {
    if let refusalOfAll { return FailureList.refusalOfAll(refusalOfAll, in: pipeline) }
    let kinds = InputFailure.Kind.allCases.compactMap {
      kind -> (InputFailure.Kind, Int, [(String, String)])? in
      let group = failed.filter { $0.failure.kind == kind }
      if group.isEmpty { return nil }
      return (
        kind, group.count,
        group.prefix(3).map { ($0.input.name, $0.failure.message(for: .command)) }
      )
    }
    return kinds.isEmpty ? nil : FailureList.lines(of: kinds).joined(separator: "\n")
  }

  /// The same for programs, without line breaks.
  var json: String {
    let inputs = outcomes.map { outcome -> JSONValue in
      switch outcome {
      case .planned(let input, let plan):
        return [
          "source": JSONValue(.string(input.name)), "status": "planned",
          "outputs": JSONValue(.array(plan.outputs.map { JSONValue(.string($0)) })),
          "existing": JSONValue(.array(plan.comparedOutputs.map { JSONValue(.string($0)) })),
          "output_bytes": plan.outputByteCount.map(JSONValue.integer) ?? JSONValue(.null),
          "memory_bytes": .integer(plan.memoryByteCount),
          "plan": JSONValue(.string(plan.summary)),
        ]
      case .done(let input):
        return ["source": JSONValue(.string(input.name)), "status": "done"]
      case .failed(let input, let failure):
        return [
          "source": JSONValue(.string(input.name)), "status": "failed",
          "error": [
            "kind": JSONValue(.string(failure.kind.rawValue)),
            "message": JSONValue(.string(failure.message(for: .command))),
          ],
        ]
      }
    }
    let value: JSONValue = [
      "counts": [
        "total": .integer(outcomes.count), "planned": .integer(planned.count),
        "skipped": .integer(doneCount), "failed": .integer(failed.count),
        "ignored": .integer(ignoredCount),
      ],
      "errors": JSONValue(.array(errorEntries.map(\.json))),
      "warnings": JSONValue(.array(warnings.map { JSONValue(.string($0)) })),
      "special_files": JSONValue(.array(specialFiles.map(\.json))),
      "inputs": JSONValue(.array(inputs)),
      "exit_status": .integer(Int(exitStatus.rawValue)),
    ]
    return JSONWriter.compact(value)
  }
}
