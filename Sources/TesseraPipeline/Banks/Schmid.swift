import Glibc
import TesseraConfiguration

/// The 13 rings of Schmid, which look the same from every direction.
///
/// cos(πτr/σ) · exp(−r²/2σ²), each with mean 0 and absolute sum 1. Source: makeSfilters.m of the Visual
/// Geometry Group, Oxford.
public struct Schmid: SampledBank {
  /// `schmid`.
  public static let name = "schmid"
  /// What lists of banks say of it: one line.
  public static let summary = "Schmid's 13 rings, which look the same from every direction."

  /// Height and width [px].
  public var kernelSize = 49

  /// 49 × 49.
  public init() {}

  /// Rings of a size.
  public init(kernelSize: Int) { self.kernelSize = kernelSize }

  private static let rings = [
    (2, 1), (4, 1), (4, 2), (6, 1), (6, 2), (6, 3), (8, 1), (8, 2), (8, 3), (10, 1), (10, 2),
    (10, 3), (10, 4),
  ]

  var side: Int { kernelSize }
  var recipes: [KernelRecipe] {
    let plane = KernelPlane(side: side)
    return Self.rings.map { sigma, tau in
      KernelRecipe("\(Self.name)_sigma\(sigma)_tau\(tau)") {
        let (sigma, tau) = (Double(sigma), Double(tau))
        return plane.samples { x, y in
          let r = (x * x + y * y).squareRoot()
          return cos(.pi * tau * r / sigma) * exp(-r * r / (2 * sigma * sigma))
        }.balanced
      }
    }
  }
}

extension Schmid: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "kernel_size", \.kernelSize, .oddInteger(in: Limits.manySide), "Height and width [px].")
  ]
}
