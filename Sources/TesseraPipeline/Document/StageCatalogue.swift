import TesseraConfiguration

/// Every stage, one line each.
enum StageCatalogue {
  static let types: [StageType] = [
    StageType(Load.self),
    StageType(Normalize.self),
    StageType(Resize.self),
    StageType(Pad.self),
    StageType(Crop.self),
    StageType(RandomResizedCrop.self),
    StageType(Flip.self),
    StageType(Preset.self),
    StageType(Unfold.self),
    StageType(Select.self),
    StageType(Sample.self),
    StageType(Mask.self),
    StageType(TransformStandardize.self),
    StageType(TransformMeanRemoval.self),
    StageType(TransformConvolve.self),
    StageType(TransformMedian.self),
    StageType(TransformClip.self),
    StageType(TransformContrastNormalize.self),
    StageType(TransformReduce.self),
    StageType(TransformLinear.self),
    StageType(TransformPca.self),
    StageType(TransformZca.self),
    StageType(TransformQuantize.self),
    StageType(TransformDct.self),
    StageType(TransformIdct.self),
    StageType(TransformDctThreshold.self),
    StageType(TransformCommand.self),
    StageType(Convolve.self),
    StageType(ConvolveTranspose.self),
    StageType(Median.self),
    StageType(Rank.self),
    StageType(Fold.self),
    StageType(Compare.self),
    StageType(Encode.self),
  ]

  /// A stage that code has written as a pipeline file would.
  static func stage(_ value: JSONValue) -> any Stage {
    var findings = Findings()
    let type = types.first { $0.name == value["stage"]?.string }
    guard let read = type?.configuration.read(value, &findings), read.isRight else {
      preconditionFailure("stages that code writes are right: \(JSONWriter.compact(value))")
    }
    return read.configuration
  }

  /// The names of the stages of a role.
  static func names(of role: StageRole) -> [String] {
    types.filter { $0.role == role }.map(\.name)
  }

  /// The stages of which a pipeline needs one; those that write files come first.
  static var resultNames: [String] {
    let results = types.filter(\.givesResult)
    return (results.filter { $0.role == .output } + results.filter { $0.role != .output })
      .map(\.name)
  }
}

/// A stage's type, erased.
struct StageType: Sendable {
  /// Its keys, and how it is read.
  let configuration: ConfigurationType<any Stage>
  /// What it does to the layout.
  let role: StageRole
  /// Whether a pipeline with it has something to show.
  let givesResult: Bool
  /// What is wrong with a stage of this type where an image or patches come in.
  let problems:
    @Sendable (_ stage: any Stage, _ given: Set<String>, _ flow: StageFlow) -> [KeyProblem]

  init<Root: ConfigurableStage>(_ type: Root.Type) {
    configuration = ConfigurationType(type, discriminator: "stage", discussion: Root.discussion) {
      $0
    }
    role = Root.role
    givesResult = Root.givesResult
    problems = { stage, given, flow in
      (stage as? Root)?.problems(given: given, taking: flow) ?? []
    }
  }

  /// The word in the pipeline file.
  var name: String { configuration.name }
}
