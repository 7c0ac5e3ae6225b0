import TesseraCore

/// A family of kernels known by name, with its parameters.
public protocol KernelBank: Hashable, Sendable {
  /// The word in the pipeline file, such as `gaussian`.
  static var name: String { get }
  /// What the kernels are for, in a line of a list.
  static var summary: String { get }
  /// The coefficients, for correlation: not flipped.
  ///
  /// The parameters must lie within the ranges of the documentation, as those of every pipeline do.
  var kernels: KernelArray { get }
  /// What the kernels are called, one name each: a letter, then small letters, digits and `_`.
  var kernelNames: [String] { get }
  /// How many neighbouring kernels give one output, their maximum, run by run; `nil` where every kernel
  /// gives one.
  var maximumRuns: [Int]? { get }
}

extension KernelBank {
  /// The bank's name, with a number where there are several kernels.
  public var kernelNames: [String] {
    let count = kernels.count
    return count == 1 ? [Self.name] : (0..<count).map { "\(Self.name)_\($0)" }
  }

  /// Every kernel gives an output.
  public var maximumRuns: [Int]? { nil }
}

/// Any kernel bank, comparable with any other.
public struct AnyKernelBank: Hashable, Sendable {
  /// The bank itself.
  public let bank: any KernelBank

  /// Wraps a bank.
  public init(_ bank: some KernelBank) { self.bank = bank }

  /// Same type, same parameters.
  public static func == (left: Self, right: Self) -> Bool {
    AnyHashable(left.bank) == AnyHashable(right.bank)
  }

  /// Feeds the bank.
  public func hash(into hasher: inout Hasher) { hasher.combine(AnyHashable(bank)) }
}

/// The directions in which a bank of derivatives looks.
public enum DerivativeDirection: String, Hashable, Sendable, CaseIterable {
  /// Two kernels: along the width, then along the height.
  case both = "xy"
  /// Along the width: the response to vertical edges.
  case x
  /// Along the height: the response to horizontal edges.
  case y
}

extension DerivativeDirection {
  /// What the kernels of a bank are called.
  func kernelNames(of bank: String) -> [String] {
    (self == .both ? ["x", "y"] : [rawValue]).map { "\(bank)_\($0)" }
  }
}

/// Kernels that are the outer product of two vectors.
enum Separable {
  /// The kernel `column · rowᵀ` in raster order.
  static func outer(_ column: [Double], _ row: [Double]) -> [Double] {
    column.flatMap { c in row.map { c * $0 } }
  }

  /// The derivative kernels of a smoothing and a differentiating vector of the same odd length.
  static func derivatives(
    smooth: [Double], difference: [Double], _ direction: DerivativeDirection
  ) -> KernelArray {
    let x = outer(smooth, difference)
    let y = outer(difference, smooth)
    let kernels =
      switch direction {
      case .both: [x, y]
      case .x: [x]
      case .y: [y]
      }
    return KernelArray(height: smooth.count, width: smooth.count, kernels: kernels)
  }

  /// The vector [1] after `sums` additions and `differences` subtractions of neighbours.
  ///
  /// These are the vectors of OpenCV's `getDerivKernels`, which all Sobel and Laplacian kernels
  /// are made of.
  static func binomial(sums: Int, differences: Int) -> [Double] {
    var vector = [1.0]
    func convolve(_ sign: Double) {
      let left = [0] + vector
      let right = vector + [0]
      vector = zip(left, right).map { $0 + sign * $1 }
    }
    for _ in 0..<sums { convolve(1) }
    for _ in 0..<differences { convolve(-1) }
    return vector
  }
}
