import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Compares what has become of an image with what was loaded.
///
/// Input: image C × H × W of the loaded shape, which goes through unchanged. `normalize` is undone,
/// values are quantised as `encode` would. Source: the definitions of scikit-image.
public struct Compare: Stage {
  /// `compare`.
  public static let name = "compare"
  /// What lists of stages say of it: one line.
  public static let summary = "Compares an image with what was loaded, and may fail it."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Undoes `normalize`, quantises as `encode` would, and compares with what `load` gave. The figures \
    go to the report. An input that misses a bound of `require` fails and leaves no output. ssim is \
    that of Wang 2004 with a Gaussian of σ 1.5; sides under 11 are errors for it. Identical images \
    have psnr "inf".
    """
  /// Image to image.
  public static let role = StageRole.image
  /// Figures are something to show.
  public static let givesResult = true

  /// What is measured.
  public typealias Metric = MetricKind

  /// What is measured beside what is required.
  public var metrics: [Metric] = [.psnr, .maxAbs, .meanAbs]
  /// Bounds that an input must meet.
  public var require: [Metric: Double] = [:]
  /// The largest difference that two values can have; `nil` is that of an integer type.
  public var dataRange: Double?

  /// Measures, and requires nothing.
  public init() {}

  /// Fails an input that misses a bound.
  public init(require: [Metric: Double]) { self.require = require }

  /// Everything to be measured, each once.
  public var measured: [Metric] {
    Metric.allCases.filter { metrics.contains($0) || require[$0] != nil }
  }
}

extension Compare: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "metrics", \.metrics,
      .list(of: .word, expected: "a list of metrics, such as [\"psnr\", \"ssim\"]"),
      "What is measured, beside what is required."),
    Parameter(
      "require", \.require, .bounds,
      "Bounds by metric: minima of psnr [dB] and ssim, maxima of max_abs and mean_abs."),
    Parameter(
      "data_range", optional: \.dataRange, .number(.positive),
      otherwise: "255 or 65535; needed for float images",
      "The largest difference that two values can have."),
  ]
}

extension Compare {
  /// A look at the rows beside those that were loaded.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    let loaded = context.loaded
    guard input.shape == loaded.shape else {
      throw StageError(Refusal.shapesDiffer(input.shape, loaded: loaded.shape))
    }
    let measured = measured
    if measured.contains(.ssim), min(input.size.height, input.size.width) < 11 {
      throw StageError(Refusal.tooSmallForSSIM(input.size))
    }
    if dataRange == nil, loaded.elementType == .float32, measured.contains(where: \.isSimilarity) {
      throw StageError(Refusal.noDataRange)
    }
    if let loss = input.inverse.loss {
      throw StageError(Refusal.inverseLost(stage: loss.stage, name: loss.name))
    }
    let range = dataRange ?? loaded.sourceMaximum
    return Lowered(
      layout: input,
      operators: [
        CompareRows(
          metrics: measured, requirements: require, dataRange: range,
          quantization: try input.quantization(to: loaded.elementType, range: .restore))
      ])
  }
}

extension Compare {
  /// Images that cannot be compared with what was loaded.
  enum Refusal: StageRefusal {
    case shapesDiffer(ImageShape, loaded: ImageShape)
    case tooSmallForSSIM(Size)
    case noDataRange
    case inverseLost(stage: Int, name: String)

    var key: String? {
      switch self {
      case .shapesDiffer, .inverseLost: nil
      case .tooSmallForSSIM: "metrics"
      case .noDataRange: "data_range"
      }
    }

    var description: String {
      switch self {
      case .shapesDiffer(let shape, let loaded):
        "an image \(shape) cannot be compared with the loaded one, which is \(loaded)"
      case .tooSmallForSSIM(let size):
        "ssim needs at least 11 rows and columns, and the image is \(size)"
      case .noDataRange:
        "psnr and ssim of a float image need the distance between black and white"
      case .inverseLost(let stage, let name):
        "after stages[\(stage)] (\(name)) values no longer turn back into those of the file, so "
          + "there is nothing to compare them with; compare before it"
      }
    }
  }
}
