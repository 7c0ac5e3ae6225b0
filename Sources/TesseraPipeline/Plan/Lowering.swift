import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraKernels

/// What a stage comes down to.
///
/// The executor knows these forms and no stage.
public enum Lowering: Sendable {
  /// Every value alone: a table for integers, a computation for floats.
  case pointwise(PointwiseMap)
  /// Statistics of the whole image first, then every value alone.
  case statistics(ImageStatisticsMap)
  /// Image → patches.
  case unfold(UnfoldGeometry)
  /// Patches → patches, block by block.
  case tile(TileTransform)
  /// Patches → image.
  case fold(FoldGeometry)
  /// Reads the rows and changes nothing.
  case tap(Tap)
}

/// Where blocks lie, and what stands around the image.
public struct UnfoldGeometry: Hashable, Sendable {
  /// The blocks.
  public var grid: BlockGrid
  /// What stands in the padding.
  public var paddingMode: PaddingMode
}

/// How patches come back together.
public struct FoldGeometry: Hashable, Sendable {
  /// The blocks on the image that is made.
  public var grid: BlockGrid
  /// Planes of that image.
  public var channels: Int
  /// Whether sums are divided by how many blocks touch a pixel.
  public var dividesByCount: Bool
}

/// A per-value map from the layout's type to float32.
public struct PointwiseMap: Hashable, Sendable {
  /// One map per channel.
  public var channels: [Normalization]
  /// Colour channels are multiplied by the last channel over its maximum.
  public var premultiplies = false

  /// The map that only turns integers into floats.
  public static func conversion(channels: Int) -> PointwiseMap {
    PointwiseMap(channels: Array(repeating: Normalization(), count: channels))
  }
}

/// Normalization by an image's own statistics.
public struct ImageStatisticsMap: Hashable, Sendable {
  /// Which statistics.
  public enum Kind: Hashable, Sendable {
    /// (x − mean) / max(σ, 1/√N) over all colour channels together.
    case standardize
    /// (x − minimum) / (maximum − minimum).
    case minmax
  }

  /// Which statistics.
  public var kind: Kind
  /// Multiplied before.
  public var scale: Double
  /// Channels that take part; those after it (opacity) take the scale only.
  public var colorChannels: Int
}

/// A transform of patches: D rows of one value per block in, D′ rows out.
public enum TileTransform: Hashable, Sendable {
  /// Subtracts the mean of each group of rows.
  case subtractMean(groups: Int)
  /// (x − mean) / √(variance + 1e-6) of each group of rows.
  case standardize(groups: Int)
  /// Filters inside each patch.
  case filter(PatchFilter)
  /// One matrix per group of rows, with a bias.
  case linear(LinearMap)
  /// |x|.
  case absolute
  /// √(a² + b²) of rows 2i and 2i + 1.
  case magnitude

  /// Length of a patch after the transform.
  public func outputLength(from input: Int) -> Int {
    switch self {
    case .subtractMean, .standardize, .filter, .absolute: input
    case .linear(let map): map.outputs
    case .magnitude: input / 2
    }
  }
}

/// A convolution inside each patch that keeps its size.
public struct PatchFilter: Hashable, Sendable {
  /// Planes of a patch.
  public var channels: Int
  /// Height and width of a patch.
  public var patchSize: Size
  /// Height and width of the kernel.
  public var kernelSize: Size
  /// channels × kernel height × kernel width.
  public var weights: [Float]
  /// What stands around a patch.
  public var paddingMode: PaddingMode
}

/// `groups` matrices that together turn `inputs` rows into `outputs` rows.
///
/// Weights are outputs × (inputs / groups), row-major: output rows of group g read only the input
/// rows of group g, as in torch.
public struct LinearMap: Hashable, Sendable {
  /// Rows in.
  public var inputs: Int
  /// Rows out.
  public var outputs: Int
  /// Independent parts.
  public var groups: Int
  /// outputs × (inputs / groups).
  public var weights: [Float]
  /// One per output, or none.
  public var bias: [Float]?
  /// Window that the weights of one input channel form, where the map is a convolution.
  public var kernelSize: Size?
}

/// What a stage takes from the flow.
public enum Tap: Sendable {
  /// Files are written.
  case encode(EncodeTap)
  /// The rows are compared with what was loaded.
  case compare(CompareTap)
}

/// Files that a stage writes for each input.
public struct EncodeTap: Hashable, Sendable {
  /// What the files are.
  public var content: Content
  /// Whether each file is read back before it gets its name.
  public var verifies: Bool

  /// What the files are.
  public enum Content: Hashable, Sendable {
    /// Pictures or arrays of rows: one file, or one for each channel.
    case image(ImageFile)
    /// An array of patches.
    case patches(PatchFile)
  }
}

/// How an image is written.
public struct ImageFile: Hashable, Sendable {
  /// The stage with the format and its settings.
  public var settings: Encode
  /// How values become those of the file.
  public var quantization: Quantization
  /// Whether every channel gets a file of its own.
  public var splitsChannels: Bool
  /// What the planes of one file mean.
  public var colorModel: ColorModel
  /// Whether the last plane of a file is opacity.
  public var hasAlpha: Bool
}

/// How patches are written.
public struct PatchFile: Hashable, Sendable {
  /// Order of the axes.
  public var layout: Encode.PatchLayout
  /// How values become those of the file.
  public var quantization: Quantization
}

/// How values in force become those of a file.
public struct Quantization: Hashable, Sendable {
  /// The map before rounding.
  public enum Map: Hashable, Sendable {
    /// Values are written as they are.
    case none
    /// One map per channel.
    case affine([Affine])
    /// Undoes the statistics of this image, which a stage keeps by its channels, and then maps.
    case perImage(stage: Int, channels: [Int], then: Affine)
    /// The smallest value of this image becomes 0, the largest the type's maximum.
    case automatic
  }

  /// Type of the values in the file.
  public var elementType: ElementType
  /// The map before rounding.
  public var map: Map
  /// Value of full opacity after the map, where colours are to be divided by opacity.
  public var opaqueValue: Double?
  /// The map of the last channel under `Map.automatic`, where that is opacity, which no image
  /// stretches.
  public var opacityMap: Affine?
}

/// A comparison with the image as it was loaded.
public struct CompareTap: Hashable, Sendable {
  /// What is measured.
  public var metrics: [Compare.Metric]
  /// Bounds that an image must meet.
  public var requirements: [Compare.Metric: Double]
  /// Distance between black and white.
  public var dataRange: Double
  /// How values in force become those that were loaded.
  public var quantization: Quantization
}
