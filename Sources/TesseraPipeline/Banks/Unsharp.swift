import TesseraConfiguration

/// The image plus a share of what a Gaussian takes away from it.
///
/// scikit-image's `unsharp_mask`: (1 + amount) times the image minus amount times its blur.
public struct Unsharp: SampledBank {
  /// `unsharp`.
  public static let name = "unsharp"
  /// What lists of banks say of it: one line.
  public static let summary = "Sharpens by what a Gaussian blur takes away; sums to 1."

  /// Deviation of the Gaussian [px].
  public var sigma = 1.0
  /// The share.
  public var amount = 1.0
  /// Height and width [px]; `nil` reaches 4 σ to each side.
  public var kernelSize: Int?

  /// All of what a blur of σ = 1 takes away.
  public init() {}

  /// A share of what a blur takes away.
  public init(sigma: Double, amount: Double) {
    self.sigma = sigma
    self.amount = amount
  }

  var side: Int { kernelSize ?? KernelPlane.side(reaching: 4, sigma: sigma) }

  var recipes: [KernelRecipe] {
    [
      KernelRecipe(Self.name) {
        var kernel = KernelPlane(side: side).bell(sigma: sigma).map { -amount * $0 }
        kernel[kernel.count / 2] += 1 + amount
        return kernel
      }
    ]
  }
}

extension Unsharp: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter("sigma", \.sigma, .number(.closed(0.1, 30)), "Deviation of the Gaussian [px]."),
    Parameter("amount", \.amount, .number(.closed(0, 100)), "The share that is added."),
    Parameter(
      "kernel_size", optional: \.kernelSize, .oddInteger(in: Limits.manySide),
      otherwise: "4 σ to each side", "Height and width [px]."),
  ]
}
