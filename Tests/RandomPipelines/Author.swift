/// Writes a pipeline stage by stage, and knows what flows.
struct Author {
  var random: SplitMix64
  let image: SmallImage
  let generation: Int
  /// Whether it mostly writes what most people would: one kernel, no bias, every pixel, a picture.
  let isPlain: Bool
  var flow: Flow
  private(set) var stages: [String] = []
  private(set) var arrays: [ArrayFile] = []
  private(set) var encodeCount = 0

  init(random: SplitMix64, image: SmallImage, generation: Int, isPlain: Bool) {
    self.random = random
    self.image = image
    self.generation = generation
    self.isPlain = isPlain
    flow = Flow(
      channels: image.channels, model: image.model, hasAlpha: image.hasAlpha, kind: image.kind,
      sourceKind: image.kind, height: image.height, width: image.width,
      isBounded: image.kind != .float32)
  }

  private var makers: [StageMaker] { StageMaker.all.filter { $0.generation <= generation } }

  /// Writes `load`.
  mutating func load() {
    let stage = loadStage()
    stages.append(stage.text)
    flow.loaded = [flow.channels, flow.height, flow.width]
  }

  /// Writes a stage where it can stand.
  mutating func add(_ name: String) {
    guard let maker = makers.first(where: { $0.name == name }), maker.suits(flow) else { return }
    let stage = maker.write(&self)
    stages.append(stage.text)
    if name == "encode" { encodeCount += 1 }
  }

  /// Writes any transform of patches.
  mutating func addTransform() {
    let flow = flow
    let transforms = makers.filter { ($0.isTransform || $0.name == "convolve") && $0.suits(flow) }
    guard !transforms.isEmpty else { return }
    add(random.pick(transforms) { $0.weight }.name)
  }

  /// Writes any stage.
  mutating func addAny() {
    let flow = flow
    let possible = makers.filter { $0.suits(flow) }
    add(random.pick(possible) { $0.weight }.name)
  }

  /// Keeps an array beside the pipeline.
  ///
  /// - Parameters:
  ///   - shape: Its sides.
  ///   - tensor: Its name in a .safetensors file; `nil` for a .npy file.
  /// - Returns: Its path, as JSON.
  mutating func array(_ shape: [Int], tensor: String? = nil) -> String {
    let name = "array-\(arrays.count).\(tensor == nil ? "npy" : "safetensors")"
    // Multiples of 2⁻⁶: sums of a few are exact, sums of many are not.
    let values = (0..<shape.reduce(1, *)).map { _ in Float(random.number(-96...96)) / 64 }
    var file = ArrayFile(name: name, shape: shape, values: values)
    file.tensor = tensor
    arrays.append(file)
    return StageText.quoted(name)
  }
}
