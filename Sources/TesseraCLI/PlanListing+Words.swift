import Tessera
import TesseraBatch
import TesseraCore

/// The listing for people.
extension PlanListing {
  /// What all inputs take.
  var totals: [String] {
    var lines = [
      "\(count.counted("input")): \(plannedCount) to do, "
        + "\(doneCount) done before, \(failedCount) would fail; "
        + "\(fileCount.counted("file")) to write"
        + (fileCount > 0 ? outputByteCount.map { " (\($0.inBytes))" } ?? "" : "")
        + ", at most \(mostMemory.inBytes) of memory for one input"
    ]
    if ignoredCount > 0 {
      lines.append(SummaryText.passedOver(ignoredCount))
    }
    if let line = SpecialFile.line(of: specialFiles) { lines.append(line) }
    return lines + warnings.map { "warning: \($0.printable)" }
  }

  /// What becomes of one input; a failure is told with those of its kind.
  static func line(of outcome: PlannedOutcome) -> String? {
    switch outcome {
    case .planned(let input, let plan):
      let outputs = plan.allOutputs.map(\.printable).joined(separator: ", ")
      let compared = plan.comparedOutputs.map {
        "\n  \($0.printable) exists: it stays, and must hold what would be written"
      }
      return "\(input.words) → \(outputs.isEmpty ? "no file" : outputs)"
        + "  (\(plan.summary)\(plan.outputByteCount.map { ", \($0.inBytes)" } ?? ""), "
        + "\(plan.memoryByteCount.inBytes) of memory)\(compared.joined())"
    case .done(let input): return "\(input.words): done before"
    case .failed: return nil
    }
  }

  /// What becomes of inputs that are alike, the most frequent first, with one of them as an example.
  var kindLines: [String] {
    let kinds = kinds.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }
    var lines = kinds.prefix(Self.kindLimit).map { summary, kind in
      let outputs = kind.outputs.map(\.printable)
      let example =
        "\(kind.first.printable) → \(outputs.first ?? "no file")\(outputs.count > 1 ? ", …" : "")"
      let others = kind.count > 1 ? ", and \(kind.count - 1) like it" : ""
      let bytes = kind.byteCount.map { ", \($0.inBytes)\(kind.count > 1 ? " each" : "")" }
      return "\(example)\(others)  (\(summary)\(bytes ?? ""))"
    }
    let rest = kinds.dropFirst(Self.kindLimit)
    if !rest.isEmpty {
      let count = rest.reduce(otherCount) { $0 + $1.value.count }
      lines.append(
        "\(count) inputs of \(otherCount > 0 ? "more than " : "")\(rest.count) other kinds; "
          + "--verbose lists every input")
    }
    if comparedCount > 0 {
      lines.append(
        "\(comparedCount) of the outputs \(comparedCount == 1 ? "exists" : "exist") already: "
          + "what they hold must be what would be written")
    }
    return lines
  }
}

extension Item {
  /// The name, and the view where there are several.
  fileprivate var words: String { name.printable + (view.map { ", view \($0)" } ?? "") }
}
