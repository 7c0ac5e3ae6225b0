/// How one input ended, for whoever follows a run.
public struct EndedInput: Hashable, Sendable {
  /// How an input ends.
  public enum Status: Hashable, Sendable {
    /// Its outputs are in place.
    case done
    /// An earlier run had done it.
    case doneBefore
    /// It gave nothing, for the reason that a sentence gives.
    case failed(String)
  }

  /// Its path, as the report has it.
  public let source: String
  /// How it ended.
  public let status: Status
  /// Sentences on what was odd but accepted.
  public let warnings: [String]
  /// Time that its work took [s].
  public let seconds: Double

  init?(_ item: Item, _ outcome: InputOutcome, for audience: Audience) {
    switch outcome.status {
    case .ok: status = .done
    case .skipped: status = .doneBefore
    case .failed: status = .failed(outcome.error?.message(for: audience) ?? "")
    case .notRun: return nil
    }
    source = item.name
    warnings = outcome.warnings
    seconds = outcome.seconds
  }
}
