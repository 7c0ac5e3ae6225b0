import Glibc
import TesseraConfiguration

/// The basis of the discrete cosine transform of a square.
///
/// The orthonormal DCT-II: a product with kernel u·n + v is coefficient (u, v) of the square, where u
/// counts half waves down the columns and v along the rows.
public struct CosineBasis: KernelBank {
  /// `dct`.
  public static let name = "dct"
  /// What lists of banks say of it: one line.
  public static let summary = "The basis of an n × n cosine transform: orthonormal DCT-II."

  /// Height and width n of the square [px]; there are n² kernels.
  public var kernelSize = 8

  /// 8 × 8.
  public init() {}

  /// The basis of a square of a side.
  public init(kernelSize: Int) { self.kernelSize = kernelSize }

  /// n² kernels.
  public var kernels: KernelArray {
    let waves = (0..<kernelSize).map(wave)
    return KernelArray(
      height: kernelSize, width: kernelSize,
      kernels: waves.flatMap { column in waves.map { Separable.outer(column, $0) } })
  }

  /// So many half waves along a side.
  private func wave(_ frequency: Int) -> [Double] {
    let step = Double.pi * Double(frequency) / Double(kernelSize)
    let norm = (Double(frequency == 0 ? 1 : 2) / Double(kernelSize)).squareRoot()
    return (0..<kernelSize).map { norm * cos(step * (Double($0) + 0.5)) }
  }

  /// `dct_u0_v1` has one half wave along the rows.
  public var kernelNames: [String] {
    (0..<kernelSize * kernelSize).map {
      "\(Self.name)_u\($0 / kernelSize)_v\($0 % kernelSize)"
    }
  }
}

extension CosineBasis: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "kernel_size", \.kernelSize, .integer(in: 1...32),
      "Height and width n of the square [px]; there are n² kernels.")
  ]
}
