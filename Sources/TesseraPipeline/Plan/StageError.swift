/// Why a stage cannot work on what reaches it: found before a pixel is read.
///
/// The data are in the cases of its reason; the planner adds which stage it was.
public struct StageError: Error, Sendable {
  /// What does not fit.
  public let reason: any StageRefusal

  /// Gives a reason of the stage's own, or one that stages share.
  public init(_ reason: some StageRefusal) { self.reason = reason }

  /// The key at fault, where one is.
  public var key: String? { reason.key }
}

/// A reason to refuse what reaches a stage, with its data.
///
/// Reasons of one stage alone are an enumeration in its own file.
public protocol StageRefusal: Hashable, Sendable, CustomStringConvertible {
  /// The key at fault, where one is.
  var key: String? { get }
}

extension StageError: Hashable {
  /// Same reason, same data.
  public static func == (left: Self, right: Self) -> Bool {
    AnyHashable(left.reason) == AnyHashable(right.reason)
  }

  /// Feeds the reason.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(reason)) }
}

extension StageError: CustomStringConvertible {
  /// One sentence, with both shapes where shapes do not fit.
  public var description: String { reason.description }
}

/// A `StageError` with its place in the pipeline.
public struct PlanningError: Error, Hashable, Sendable {
  /// Index of the stage in the pipeline.
  public var stageIndex: Int
  /// Name of the stage.
  public var stageName: String
  /// What the stage refuses.
  public var error: StageError

  /// The key at fault, where one is.
  public var key: String? { error.key }
  /// One sentence, without the place.
  public var message: String { error.description }
  /// Whether neither the pipeline nor the image is to blame, but Tessera itself.
  public var isBug: Bool { error.reason as? SharedRefusal == .noOrder }
  /// Whether planning was asked to end.
  package var isCancelled: Bool { error.reason as? SharedRefusal == .cancelled }
}

extension PlanningError: CustomStringConvertible {
  /// The place and the sentence: `stages[2] (unfold).kernel_size: …`; no stage stands for a mistake of
  /// Tessera.
  public var description: String {
    isBug ? message : place + ": " + message
  }

  private var place: String {
    "stages[\(stageIndex)] (\(stageName))\(key.map { "." + $0 } ?? "")"
  }
}
