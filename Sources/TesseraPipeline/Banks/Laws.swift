import TesseraConfiguration

/// The 25 masks of Laws: level, edge, spot, wave and ripple down the columns and along the rows.
///
/// Outer products of five vectors of integers, as they stand. Their texture energy is the mean magnitude
/// of the response in a window.
public struct Laws: KernelBank {
  /// `laws`.
  public static let name = "laws"
  /// What lists of banks say of it: one line.
  public static let summary = "Laws' 25 masks, 5 × 5: level, edge, spot, wave, ripple each way."

  /// The masks have no parameters.
  public init() {}

  private static let vectors: [(name: String, values: [Double])] = [
    ("l5", [1, 4, 6, 4, 1]), ("e5", [-1, -2, 0, 2, 1]), ("s5", [-1, 0, 2, 0, -1]),
    ("w5", [-1, 2, 0, -2, 1]), ("r5", [1, -4, 6, -4, 1]),
  ]

  /// The masks: down the columns L5, E5, S5, W5, R5, and for each of these the same along the rows.
  public var kernels: KernelArray {
    KernelArray(
      height: 5, width: 5,
      kernels: Self.vectors.flatMap { column in
        Self.vectors.map { Separable.outer(column.values, $0.values) }
      })
  }

  /// `laws_l5e5` is L5 down the columns and E5 along the rows.
  public var kernelNames: [String] {
    Self.vectors.flatMap { column in
      Self.vectors.map { "\(Self.name)_\(column.name)\($0.name)" }
    }
  }
}

extension Laws: Configurable {
  package static let parameters: [Parameter<Self>] = []
}
