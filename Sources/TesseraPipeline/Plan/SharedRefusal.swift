import TesseraCodecs
import TesseraCore

/// Reasons that several stages have, or that none has by itself.
public enum SharedRefusal: StageRefusal {
  /// There are more values than can be counted.
  case uncountable(FlowShape)
  /// The window does not fit the image.
  case window(GeometryError)
  /// An array that is to hold kernels has sides of something else.
  case kernelSides([Int])
  /// There are neither one bias nor as many as outputs.
  case biasCount(Int, outputs: Int)
  /// A stage before has made values that do not turn back into those of the file.
  case inverseLost(stage: Int, name: String)
  /// A range is to be that of the values, whose bounds are not known.
  case noBounds
  /// Opacity is to be kept where colours were multiplied by it.
  case opacityIsMultiplied
  /// The operators wait for each other: a mistake of Tessera.
  case noOrder
  /// There are more channels than an image has.
  case channels(Int)
  /// A stage needs to know how many blocks there are, which only the values tell.
  case notCounted(String)
  /// Arrays of patches are asked for, and here is an image.
  case notPatches
  /// Patches are larger than a transform takes.
  case patchesTooLarge(Size, limit: Int)
  /// Nobody wants the plan any more.
  case cancelled
}

extension SharedRefusal {
  /// The key at fault, where one is.
  public var key: String? {
    switch self {
    case .uncountable, .noOrder, .channels, .notCounted: nil
    case .notPatches, .patchesTooLarge, .cancelled: nil
    case .window(.uncovered): "edge"
    case .window(.windowTooLarge), .window(.overflow): "kernel_size"
    case .window(.nothingLeft): "padding"
    case .window(.outOfRange(_, let quantity, _)): quantity
    case .kernelSides: "weights"
    case .opacityIsMultiplied: "alpha"
    case .biasCount: "bias"
    case .inverseLost, .noBounds: "range"
    }
  }

  /// One sentence, with what reaches the stage.
  public var description: String {
    switch self {
    case .cancelled: "it was asked to end"
    case .patchesTooLarge(let size, let limit):
      "patches of \(size) reach the stage, which takes up to \(limit) a side"
    case .notPatches:
      "inputs are arrays of patches here, and this is an image; only such arrays tell what they are made of"
    case .notCounted(let stage):
      "after select only the values tell how many blocks there are, and \(stage) takes a share of them; put it "
        + "before select"
    case .uncountable(let shape):
      "\(shape) is more than can be counted"
    case .window(let error):
      error.description
    case .kernelSides(let sides):
      "expected an array (kH, kW), (M, kH, kW) or (M, C/groups, kH, kW), found \(sides)"
    case .biasCount(let count, let outputs):
      "\(count) values for \(outputs) outputs"
    case .inverseLost(let stage, let name):
      "after stages[\(stage)] (\(name)) values no longer turn back into those of the file; say "
        + "what becomes 0 and what the maximum: auto, bounds, symmetric, clip or [low, high]"
    case .noBounds:
      "no bounds of the values are known here; use auto or [low, high]"
    case .opacityIsMultiplied:
      "\"alpha\": \"premultiply\" in load has colours and opacity filtered alike, so that opacity "
        + "cannot be kept; leave one of the two out"
    case .noOrder:
      "the stages cannot be put in an order that works, which is a mistake of Tessera"
    case .channels(let count):
      "the image has \(count) channels, more than \(ImageHeader.largestChannelCount)"
    }
  }
}
