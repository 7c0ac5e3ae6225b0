import TesseraConfiguration
import TesseraThreads

/// Stages that code has written as a pipeline file would: those for the images of a folder are few.
final class WrittenStages: Sendable {
  /// A stage, and how a pipeline file has it.
  typealias Written = (stage: any Stage, text: String)

  /// Stages that are kept; when there are more, all are forgotten.
  private static let limit = 64

  private let kept = Locked<[JSONValue: Written]>([:])

  /// The stage that a value describes; the value is right.
  func stage(_ value: JSONValue) -> Written {
    if let written = kept.withLock({ $0[value] }) { return written }
    let written = (StageCatalogue.stage(value), JSONWriter.compact(value))
    kept.withLock { kept in
      if kept.count == Self.limit { kept = [:] }
      kept[value] = written
    }
    return written
  }
}
