import TesseraCore

/// Reasons that several stages have, or that none has by itself.
public enum CommonRefusal: StageRefusal {
  /// Patches reach a stage that works on an image.
  case needsImage(stage: String, found: FlowShape)
  /// An image reaches a stage that works on patches.
  case needsPatches(stage: String, found: ImageShape)
  /// There are more values than can be counted.
  case uncountable(FlowShape)
  /// The window does not fit the image.
  case window(GeometryError)
  /// Neither coefficients, nor a bank, nor a file of weights was given.
  case noKernels
  /// An array that is to hold kernels has sides of something else.
  case kernelSides([Int])
  /// An array that a key names was not read when planning began.
  case arrayNotLoaded(path: String, key: String)
  /// There are neither one bias nor as many as outputs.
  case biasCount(Int, outputs: Int)
  /// A stage before has made values that do not turn back into those of the file.
  case inverseLost(stage: Int, name: String)
  /// A range is to be that of the values, whose bounds are not known.
  case noBounds
  /// The operators wait for each other.
  case noOrder
}

extension CommonRefusal {
  /// The key at fault, where one is.
  public var key: String? {
    switch self {
    case .needsImage, .needsPatches, .uncountable, .noKernels, .noOrder: nil
    case .window(.uncovered): "edge"
    case .window(.windowTooLarge), .window(.overflow): "kernel_size"
    case .window(.outOfRange(_, let quantity, _)): quantity
    case .kernelSides: "weights"
    case .arrayNotLoaded(_, let key): key
    case .biasCount: "bias"
    case .inverseLost, .noBounds: "range"
    }
  }

  /// One sentence, with what reaches the stage.
  public var description: String {
    switch self {
    case .needsImage(let stage, let found):
      "\(stage) works on an image, and patches \(found) reach it; fold them first"
    case .needsPatches(let stage, let found):
      "\(stage) works on patches, and an image \(found) reaches it; unfold it first"
    case .uncountable(let shape):
      "\(shape) is more than can be counted"
    case .window(let error):
      error.description
    case .noKernels:
      "expected one of \"kernels\", \"bank\" and \"weights\""
    case .kernelSides(let sides):
      "expected an array (kH, kW), (M, kH, kW) or (M, C/groups, kH, kW), found \(sides)"
    case .arrayNotLoaded(let path, _):
      "the array \(path) was not loaded"
    case .biasCount(let count, let outputs):
      "\(count) values for \(outputs) outputs"
    case .inverseLost(let stage, let name):
      "after stages[\(stage)] (\(name)) values no longer turn back into those of the file; say "
        + "what becomes 0 and what the maximum: auto, bounds, symmetric, clip or [low, high]"
    case .noBounds:
      "no bounds of the values are known here; use auto or [low, high]"
    case .noOrder:
      "the stages cannot be put in an order that works"
    }
  }
}
