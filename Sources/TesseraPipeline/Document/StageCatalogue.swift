import TesseraConfiguration

/// Every stage, one line each.
enum StageCatalogue {
  static let types: [StageType] = [
    StageType(Load.self),
    StageType(Normalize.self),
    StageType(Pad.self),
    StageType(Unfold.self),
    StageType(TransformStandardize.self),
    StageType(TransformMeanRemoval.self),
    StageType(TransformConvolve.self),
    StageType(TransformLinear.self),
    StageType(TransformQuantize.self),
    StageType(Convolve.self),
    StageType(Fold.self),
    StageType(Compare.self),
    StageType(Encode.self),
  ]
}

/// A stage's type, erased.
struct StageType: Sendable {
  /// Its keys, and how it is read.
  let configuration: ConfigurationType<any Stage>
  /// What it does to the layout.
  let role: StageRole
  /// What is wrong with a stage of this type where an image or patches come in.
  let problems:
    @Sendable (_ stage: any Stage, _ given: Set<String>, _ flow: StageFlow) -> [KeyProblem]

  init<Root: ConfigurableStage>(_ type: Root.Type) {
    configuration = ConfigurationType(type, discriminator: "stage", discussion: Root.discussion) {
      $0
    }
    role = Root.role
    problems = { stage, given, flow in
      (stage as? Root)?.problems(given: given, taking: flow) ?? []
    }
  }

  /// The word in the pipeline file.
  var name: String { configuration.name }
}
