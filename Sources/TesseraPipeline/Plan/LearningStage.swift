import TesseraEngine

/// Ends a pipeline whose patches are learned from; no file names it.
struct LearningStage: Stage {
  static let name = "fit"
  static let summary = "Learns from patches."
  static let discussion = "Takes patches and learns their mean and covariance."
  static let role = StageRole.patches

  func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    _ = input.requirePatches(for: Self.name)
    guard input.patchLength <= Self.longest else {
      throw StageError(Refusal.tooLong(input.patchLength, limit: Self.longest))
    }
    return Lowered(layout: input, operators: [PatchFigures()])
  }
}

extension LearningStage {
  /// The longest patch that LAPACK's integers count the covariances of, with room to spare.
  private static let longest = 16_384

  /// Patches whose covariances are too many.
  enum Refusal: StageRefusal {
    case tooLong(Int, limit: Int)

    var key: String? { nil }

    var description: String {
      switch self {
      case .tooLong(let length, let limit):
        "a patch has \(length) values, and statistics are learned of at most \(limit)"
      }
    }
  }
}

extension Pipeline {
  /// The stages whose patches are learned from: those before the first that uses what is learned, or
  /// else before the first that takes patches out of the flow.
  ///
  /// - Returns: a pipeline that ends in learning; `nil` where no patches come to such a stage.
  package func learning() -> Pipeline? {
    var flowsPatches = false
    for (index, stage) in stages.enumerated() {
      if type(of: stage).usesStatistics { return flowsPatches ? prefix(index) : nil }
      switch stage.flowRole {
      case .cut: flowsPatches = true
      case .join: if flowsPatches { return prefix(index) }
      case .either, .output: if flowsPatches { return prefix(index) }
      case .source, .image, .patches: break
      }
    }
    return flowsPatches ? prefix(stages.count) : nil
  }

  private func prefix(_ count: Int) -> Pipeline {
    Pipeline(of: self, stages: Array(stages.prefix(count)) + [LearningStage()])
  }
}
