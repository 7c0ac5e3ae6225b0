import TesseraEngine

/// Ends a pipeline whose patches are learned from; no file names it.
struct LearningStage: Stage {
  static let name = "fit"
  static let summary = "Learns from patches."
  static let discussion = "Takes patches and learns their mean and covariance."
  static let role = StageRole.patches

  func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    _ = input.requirePatches(for: Self.name)
    return Lowered(layout: input, operators: [PatchFigures()])
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
