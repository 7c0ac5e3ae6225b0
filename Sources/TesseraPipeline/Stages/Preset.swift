import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Prepares an image as the processor of a vision model does.
///
/// Input: image of any colours. Output: image 3 × H × W in float32, or with `"patches": "model"` the
/// model's own patches. Source: the PIL-backed image processors of Hugging Face transformers, and
/// torchvision on PIL images.
public struct Preset: Stage {
  /// `preset`.
  public static let name = "preset"
  /// What lists of stages say of it: one line.
  public static let summary = "Prepares images as a vision model's own processor does, to the bit."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Takes exactly one of `name` and `config`. It comes down to other stages, which explain lists: \
    opacity of any kind is laid onto white, gray is repeated, CMYK becomes RGB; then resize, crop, \
    normalize; with `patches` model also unfold, along the model's own patches. `size` and \
    `patch_size` choose among the models of a family. `config` is the path of a \
    preprocessor_config.json of Hugging Face; a key of it that changes pixels in a way that is not \
    known here is a mistake, told with its place. Leave `color` of load at keep, so that opacity is \
    not dropped before.
    """
  /// Image to image; with patches, image to patches.
  public static let role = StageRole.image

  /// What comes out.
  public enum Patches: String, Hashable, Sendable, CaseIterable {
    /// An image.
    case none
    /// The patches that the model begins with.
    case model
  }

  /// The model.
  public var model: PresetModel?
  /// The path of a `preprocessor_config.json`.
  public var config: String?
  /// Height and width of what comes out.
  public var size: Int?
  /// Height and width of the model's patches.
  public var patchSize: Int?
  /// The least area of an image.
  public var minPixels: Int?
  /// The largest area of an image.
  public var maxPixels: Int?
  /// What comes out.
  public var patches = Patches.none

  /// Makes a stage that still needs to know a model.
  public init() {}

  /// Prepares images for a model.
  public init(_ model: PresetModel, patches: Patches = .none) {
    self.model = model
    self.patches = patches
  }
}

extension Preset: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter("name", optional: \.model, .word, "The model, or the family of models."),
    Parameter(
      "config", optional: \.config, .path("the path of a preprocessor_config.json"),
      "The processor of a model, as Hugging Face stores it."),
    Parameter(
      "size", optional: \.size, .integer(in: Limits.window), otherwise: "the family's usual one",
      "Height and width of what comes out [px]."),
    Parameter(
      "patch_size", optional: \.patchSize, .integer(in: Limits.window),
      otherwise: "the family's usual one", "Height and width of the model's patches [px]."),
    Parameter(
      "min_pixels", optional: \.minPixels, .integer(in: 1...1_000_000_000),
      otherwise: "3136 with qwen2vl", "The least area that an image gets [px]."),
    Parameter(
      "max_pixels", optional: \.maxPixels, .integer(in: 1...1_000_000_000),
      otherwise: "12845056 with qwen2vl", "The largest area that an image gets [px]."),
    Parameter(
      "patches", \.patches, .word,
      "model cuts the patches that the model begins with, and encode writes them in its order."),
  ]

  package static let rules: [KeyRule] = [
    .exactlyOne(["name", "config"]),
    .atMostOne(["config", "size"]),
    .only(
      ["min_pixels", "max_pixels"], with: "name", words: [PresetModel.qwen2VL.rawValue]),
  ]

  package func problems(given: Set<String>) -> [KeyProblem] {
    guard let model else { return [] }
    let recipe = PresetRecipe(model, self)
    var problems: [KeyProblem] = []
    if size != nil, model.side == nil {
      problems.append(
        KeyProblem("size", "\(model.rawValue) takes the size of each image from its aspect"))
    }
    guard let patch = recipe.patchSize else {
      let keys = ["patch_size"].filter(given.contains) + (patches == .model ? ["patches"] : [])
      return problems
        + keys.map { KeyProblem($0, "\(model.rawValue) has no patches: it is no transformer") }
    }
    if given.contains("patch_size"), patches == .none, model.side != nil {
      problems.append(KeyProblem("patch_size", "applies only with \"patches\": \"model\""))
    }
    if patches == .model, let side = recipe.side, patch > side {
      problems.append(
        KeyProblem(
          "patch_size", "patches of \(patch) × \(patch) do not fit an image of \(side) × \(side)"))
    }
    if let least = recipe.areas, least.isEmptyRange {
      problems.append(
        KeyProblem("min_pixels", "\(least.least) is more than \"max_pixels\", \(least.most)"))
    }
    return problems
  }
}

extension Preset {
  /// The file that `config` names.
  public var documentPaths: [(key: String, path: String)] { config.map { [("config", $0)] } ?? [] }

  /// What the file that `config` names has that is not known here.
  package func problems(inDocument root: JSONValue, key: String) -> Findings {
    var findings = Findings()
    _ = PresetRecipe(reading: root, self, &findings)
    return findings
  }

  /// Patches where they are asked for.
  public var flowRole: StageRole { patches == .model ? .cut : .image }

  /// The stages that prepare an image, one after the other.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    var lowered = Lowered(layout: input, operators: [])
    let recipe = recipe(in: context)
    for step in try recipe.steps(on: input, cutsPatches: patches == .model) {
      try step.append(to: &lowered, in: context)
    }
    lowered.layout.preset = recipe.name
    lowered.layout.hasFixedSize =
      recipe.fixesSize || recipe.resizing == .none && input.hasFixedSize
    if patches == .model {
      lowered.layout.modelOrder = recipe.order
      lowered.layout.paddedBlockCount = recipe.paddedBlockCount
    }
    return lowered
  }

  private func recipe(in context: StageContext) -> PresetRecipe {
    if let model { return PresetRecipe(model, self) }
    guard let config else { preconditionFailure("a stage that was checked has name or config") }
    var findings = Findings()
    let recipe = PresetRecipe(reading: context.document(config), self, &findings)
    precondition(findings.count == 0, "planning begins with reading the file")
    return recipe
  }
}
