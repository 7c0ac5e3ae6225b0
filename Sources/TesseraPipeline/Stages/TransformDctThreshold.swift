import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Denoises patches: cosine coefficients that noise explains are let go.
///
/// Input and output: patches (C·kH·kW) × L, the output in float32. Source: G. Yu, G. Sapiro, "DCT image
/// denoising: a simple and effective image denoising algorithm", IPOL 2011.
public struct TransformDctThreshold: Stage {
  /// `transform.dct_threshold`.
  public static let name = "transform.dct_threshold"
  /// What lists of stages say of it: one line.
  public static let summary = "Denoises patches by letting go of small cosine coefficients."
  /// What the stage's page says before its keys.
  public static let discussion = """
    The orthonormal DCT of each patch, in which coefficients of a magnitude below lambda · sigma become 0 \
    (hard) or all come nearer to 0 by that much (soft), and back; means stay. `sigma` is the \
    deviation of the noise in the units of the file, whatever normalize made of them. Best with an \
    unfold of 8 or 16 pixels at stride 1 and a fold by count. Three colours are parted into brightness \
    and two differences first, unless `decorrelate` says no: the means of differences are let go like other coefficients. Opacity stays as it is. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// What becomes of coefficients that stay.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// Nothing.
    case hard
    /// They come nearer to 0 by the threshold.
    case soft
  }

  /// What blocks weigh where they overlap.
  public enum Weights: String, Hashable, Sendable, CaseIterable {
    /// All the same.
    case uniform
    /// The less, the more coefficients stay: 1 / how many.
    case adaptive
  }

  /// Standard deviation of the noise, in the units of the file.
  public var sigma = 1.0
  /// What becomes of coefficients that stay.
  public var kind = Kind.hard
  /// Deviations that a coefficient needs to stay; `nil` is 3, or 1.5 for soft.
  public var lambda: Double?
  /// What blocks weigh where they overlap.
  public var weights = Weights.uniform
  /// Whether three colours are parted into brightness and differences.
  public var decorrelate = true

  /// Still needs a sigma.
  public init() {}
}

extension TransformDctThreshold: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "sigma", \.sigma, .number(.positive), required: true,
      "Standard deviation of the noise, in the units of the file: of 0 … 255 for 8 bits."),
    Parameter("kind", \.kind, .word, "What becomes of coefficients that stay."),
    Parameter(
      "lambda", optional: \.lambda, .number(.positive), otherwise: "3, or 1.5 for soft",
      "How many deviations a coefficient needs to stay."),
    Parameter(
      "weights", \.weights, .word,
      "What blocks weigh where they overlap; adaptive is 1 / (coefficients that stay)."),
    Parameter(
      "decorrelate", \.decorrelate, .bool,
      "Whether three colours are parted into brightness and two differences first."),
  ]
}

extension TransformDctThreshold {
  /// Bounds in the units in force, which stay what they are.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let size = try input.cosinePatchSize(for: Self.name)
    guard case .affine(let maps) = input.inverse else {
      throw StageError(Refusal.unitsLost(input.inverse.loss?.name))
    }
    let scales = maps.prefix(input.colorChannels).map { abs($0.scale) }
    let bound = sigma * (lambda ?? (kind == .hard ? 3 : 1.5))
    var bounds = scales.map { bound / $0 }
    var mixes: ShrinkCosines.Mixes?
    if decorrelate, input.colorChannels == 3, input.colorModel != .cmyk {
      bounds = [bound, bound, bound]
      mixes = Self.mixes(of: maps.prefix(3).map(\.scale))
    }
    var layout = input
    layout.elementType = .float32
    // The vector of all values, each in units of the file, does not become longer.
    let spread = (scales.max() ?? 1) / (scales.min() ?? 1)
    let gain = Double(size.height * size.width * input.colorChannels).squareRoot() * spread
    if layout.values.isBounded { layout.values = layout.values.reach(times: gain) }
    layout.straightValues = .unbounded
    if weights == .adaptive { layout.weighsBlocks = true }
    return Lowered(
      layout: layout,
      operators: [
        ShrinkCosines(
          patchSize: size,
          bounds: bounds.map { max(Float($0), .leastNormalMagnitude) },
          isSoft: kind == .soft, mixes: mixes, weighsBlocks: weights == .adaptive)
      ])
  }

  /// The orthonormal mixes of three colours in units of the file: their sum, the difference of the
  /// first and the last, and what the middle one has more than both.
  private static func mixes(of scales: [Double]) -> ShrinkCosines.Mixes {
    let rows = [[1.0, 1, 1], [1, 0, -1], [1, -2, 1]].map { row in
      let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return row.map { $0 / length }
    }
    let matrix = rows.flatMap { row in zip(row, scales).map { Float($0 * $1) } }
    let inverse = (0..<3).flatMap { channel in rows.map { Float($0[channel] / scales[channel]) } }
    return ShrinkCosines.Mixes(matrix: matrix, inverse: inverse)
  }

  /// Values whose noise nobody knows.
  enum Refusal: StageRefusal {
    case unitsLost(String?)

    var key: String? { "sigma" }

    var description: String {
      switch self {
      case .unitsLost(let stage?):
        "is in the units of the file, and what flows here is what \(stage) made of them; put the stage before it"
      case .unitsLost(nil):
        "is in the units of the file, and what flows here hangs on the image by \"per_image\"; put the stage before it"
      }
    }
  }
}
