import TesseraConfiguration
import TesseraThreads

/// Stages that code has written as a pipeline file would: those for the images of a folder are few.
final class WrittenStages: Sendable {
  /// Stages that are kept; when there are more, all are forgotten.
  private static let limit = 64

  private let kept = Locked<[String: any Stage]>([:])

  /// The stage that a value describes, which is right; `text` is the value as text.
  func stage(_ value: JSONValue, _ text: String) -> any Stage {
    if let stage = kept.withLock({ $0[text] }) { return stage }
    let stage = StageCatalogue.stage(value)
    kept.withLock { kept in
      if kept.count == Self.limit { kept = [:] }
      kept[text] = stage
    }
    return stage
  }
}
