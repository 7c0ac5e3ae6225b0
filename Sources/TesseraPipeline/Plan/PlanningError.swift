/// Why a stage cannot work on what reaches it: found before a pixel is read.
///
/// The planner adds which stage it was.
public struct StageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The key at fault, where one is.
  public var key: String?
  /// One sentence, with both shapes where shapes do not fit.
  public var message: String

  /// Creates an error.
  public init(key: String? = nil, _ message: String) {
    self.key = key
    self.message = message
  }

  /// The sentence.
  public var description: String { message }
}

/// A `StageError` with its place in the pipeline.
public struct PlanningError: Error, Hashable, Sendable {
  /// Index of the stage in the pipeline.
  public var stageIndex: Int
  /// Name of the stage.
  public var stageName: String
  /// The key at fault, where one is.
  public var key: String?
  /// One sentence.
  public var message: String
}

extension PlanningError: CustomStringConvertible {
  /// The place and the sentence: `stages[2] (unfold).kernel_size: …`.
  public var description: String {
    "stages[\(stageIndex)] (\(stageName))\(key.map { "." + $0 } ?? ""): \(message)"
  }
}
