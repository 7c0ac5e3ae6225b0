/// A kernel of rank 1: the outer product of a column and a row.
public struct SeparableKernel: Hashable, Sendable {
  /// One weight per kernel row.
  public var column: [Float]
  /// One weight per kernel column.
  public var row: [Float]

  /// Creates a kernel from its factors.
  public init(column: [Float], row: [Float]) {
    self.column = column
    self.row = row
  }

  /// Factors a kernel, if it has rank 1 to rounding.
  ///
  /// Integers, and integers over a power of two, become a column and a row of such: on integer images
  /// both passes are exact then, as long as sums stay below 2²⁴. Of other kernels no product differs
  /// from its weight by more than 4 units in the last place of the largest weight.
  ///
  /// - Parameters:
  ///   - weights: `height` × `width` weights, row after row.
  ///   - height: rows of the kernel.
  ///   - width: columns of the kernel.
  public init?(factoring weights: ArraySlice<Float>, height: Int, width: Int) {
    precondition(weights.count == height * width, "a kernel has height × width weights")
    guard let pivot = weights.indices.max(by: { weights[$0].magnitude < weights[$1].magnitude }),
      weights.allSatisfy(\.isFinite), weights[pivot] != 0
    else { return nil }
    let (pivotRow, pivotColumn) = (pivot - weights.startIndex).quotientAndRemainder(
      dividingBy: width)
    func weight(_ row: Int, _ column: Int) -> Float {
      weights[weights.startIndex + row * width + column]
    }
    let largest = (0..<width).map { weight(pivotRow, $0) }
    if let exponent = Self.integerExponent(of: weights) {
      let factor = Float(sign: .plus, exponent: exponent, significand: 1)
      let divisor = largest.reduce(0) { Self.greatestDivisor($0, Int($1 * factor)) }
      let integers = largest.map { $0 * factor / Float(divisor) }
      row = integers
      column = (0..<height).map { weight($0, pivotColumn) / integers[pivotColumn] }
      for (i, c) in column.enumerated() {
        for (j, r) in row.enumerated() where Double(c) * Double(r) != Double(weight(i, j)) {
          return nil
        }
      }
      return
    }
    let scale = Double(weights[pivot])
    row = largest
    column = (0..<height).map { Float(Double(weight($0, pivotColumn)) / scale) }
    let tolerance = 4 * Double(weights[pivot].ulp)
    for (i, c) in column.enumerated() {
      for (j, r) in row.enumerated() {
        let product = Double(c) * Double(r)
        guard (product - Double(weight(i, j))).magnitude <= tolerance else { return nil }
      }
    }
  }

  /// The least power of two that makes integers of all weights; `nil` where none does.
  ///
  /// Integers are of 22 bits at most: with the 24 that floats have, any weights of like size would be
  /// integers.
  package static func integerExponent(of weights: ArraySlice<Float>) -> Int? {
    (0...40).first { exponent in
      let factor = Float(sign: .plus, exponent: exponent, significand: 1)
      return weights.allSatisfy {
        ($0 * factor).rounded() == $0 * factor && ($0 * factor).magnitude <= 4_194_304
      }
    }
  }

  private static func greatestDivisor(_ first: Int, _ second: Int) -> Int {
    var (a, b) = (abs(first), abs(second))
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }
}

/// A convolution of one channel with a separable kernel, in two 1-D passes.
///
/// Rows are as in `Convolution`. The vertical pass comes first and its 4 rows of sums stay in the
/// cache for the horizontal pass.
public struct SeparableConvolution {
  /// Input rows; `outputRows` + vertical extent − 1 pointers to `width` + horizontal extent − 1
  /// values.
  public var rows: UnsafePointer<UnsafePointer<Float>>
  /// Output rows; `outputRows` pointers to `width` values.
  public var outputs: UnsafePointer<UnsafeMutablePointer<Float>>
  /// Rows to compute.
  public var outputRows: Int
  /// Columns to compute.
  public var width: Int
  /// `kernelHeight` weights of the vertical pass.
  public var column: UnsafePointer<Float>
  /// `kernelWidth` weights of the horizontal pass.
  public var row: UnsafePointer<Float>
  /// Rows of the kernel.
  public var kernelHeight: Int
  /// Columns of the kernel.
  public var kernelWidth: Int
  /// Distance between neighbouring kernel rows in the image.
  public var dilationHeight: Int
  /// Distance between neighbouring kernel columns in the image.
  public var dilationWidth: Int
  /// Added to every output.
  public var bias: Float
  /// Room for `scratchCount` values.
  public var scratch: UnsafeMutablePointer<Float>

  /// Describes a separable convolution.
  public init(
    rows: UnsafePointer<UnsafePointer<Float>>,
    outputs: UnsafePointer<UnsafeMutablePointer<Float>>, outputRows: Int, width: Int,
    column: UnsafePointer<Float>, row: UnsafePointer<Float>, kernelHeight: Int, kernelWidth: Int,
    dilationHeight: Int = 1, dilationWidth: Int = 1, bias: Float = 0,
    scratch: UnsafeMutablePointer<Float>
  ) {
    self.rows = rows
    self.outputs = outputs
    self.outputRows = outputRows
    self.width = width
    self.column = column
    self.row = row
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.dilationHeight = dilationHeight
    self.dilationWidth = dilationWidth
    self.bias = bias
    self.scratch = scratch
  }

  /// Columns of the vertical pass.
  @inlinable @inline(__always)
  var extendedWidth: Int { width &+ dilationWidth &* (kernelWidth &- 1) }

  /// Values of scratch memory that the passes need.
  ///
  /// - Parameters:
  ///   - width: columns to compute.
  ///   - kernelWidth: columns of the kernel.
  ///   - dilation: distance between neighbouring kernel columns.
  /// - Returns: a number of floats.
  public static func scratchCount(width: Int, kernelWidth: Int, dilation: Int) -> Int {
    4 * (width + dilation * (kernelWidth - 1))
  }
}

/// Convolves with a separable kernel.
@inlinable @inline(__always)
func convolveSeparable<V: Variant>(_ variant: V.Type, _ job: SeparableConvolution) {
  let pitch = job.extendedWidth
  withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Float>.self, capacity: 4) { lines in
    for line in 0..<4 { lines.initializeElement(at: line, to: job.scratch + line &* pitch) }
    let targets = lines.first
    var first = 0
    while first < job.outputRows {
      let count = min(4, job.outputRows &- first)
      convolveDepthwise(
        variant,
        Convolution(
          rows: job.rows + first, rowsPerChannel: 0, outputs: UnsafePointer(targets),
          outputRows: count, width: pitch, weights: job.column, kernelHeight: job.kernelHeight,
          kernelWidth: 1, dilationHeight: job.dilationHeight))
      for line in 0..<count {
        convolveLine(variant, job, UnsafePointer(targets[line]), job.outputs[first &+ line])
      }
      first &+= 4
    }
  }
}

/// The horizontal pass over one row.
@inlinable @inline(__always)
func convolveLine<V: Variant>(
  _ variant: V.Type, _ job: SeparableConvolution, _ source: UnsafePointer<Float>,
  _ target: UnsafeMutablePointer<Float>
) {
  var x = 0
  if job.width >= 2 &* V.Wide.count {
    while x < job.width {
      convolveLine(
        Joined<V.Wide, V.Wide>.self, job, source, target, min(x, job.width &- 2 &* V.Wide.count))
      x &+= 2 &* V.Wide.count
    }
  } else {
    sweep(
      variant, job.width,
      wide: { convolveLine(V.Wide.self, job, source, target, $0) },
      vector: { convolveLine(Single<V>.self, job, source, target, $0) },
      lone: { convolveLine(Lone<V>.self, job, source, target, $0) })
  }
}

/// The horizontal pass over one block.
@inlinable @inline(__always)
func convolveLine<B: ValueBlock>(
  _ block: B.Type, _ job: SeparableConvolution, _ source: UnsafePointer<Float>,
  _ target: UnsafeMutablePointer<Float>, _ x: Int
) {
  var sum = B(repeating: job.bias)
  var position = source + x
  var j = 0
  while j < job.kernelWidth {
    sum.add(B(at: position), times: job.row[j])
    position += job.dilationWidth
    j &+= 1
  }
  sum.store(to: target + x)
}
