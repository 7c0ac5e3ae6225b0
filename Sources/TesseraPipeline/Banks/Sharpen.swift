import TesseraConfiguration

/// The image minus a share of its Laplacian.
public struct Sharpen: KernelBank {
  /// `sharpen`.
  public static let name = "sharpen"
  /// What lists of banks say of it: one line.
  public static let summary = "The image minus a share of its Laplacian, 3 × 3."

  /// The share: 1 has a centre of 5 and four neighbours of −1.
  public var amount = 1.0

  /// Takes away the Laplacian once.
  public init() {}

  /// Takes away `amount` of the Laplacian.
  public init(amount: Double) { self.amount = amount }

  /// One kernel whose coefficients sum to 1.
  public var kernels: KernelArray {
    let side = -amount
    return KernelArray(
      height: 3, width: 3, kernels: [[0, side, 0, side, 1 + 4 * amount, side, 0, side, 0]])
  }
}

extension Sharpen: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "amount", \.amount, .number(.closed(0, 100)),
      "The share; 1 has a centre of 5 and four neighbours of −1.")
  ]
}
