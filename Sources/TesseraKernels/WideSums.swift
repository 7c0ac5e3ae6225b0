/// Convolutions and products whose sums run in double precision and are rounded once.
///
/// For integers whose sums floats do not hold: below 2⁵³ every one is exact. They are compiled once, for
/// any processor: what they round is the same in every variant.

/// What becomes of sums in double precision.
public struct WideRounding: Hashable, Sendable {
  /// What each sum is divided by, bias included.
  public var divisor: Double
  /// Whether the quotient becomes an integer, half to even, before it is stored as a float: from a
  /// rounded float the integer would be rounded twice.
  public var isToIntegers: Bool

  /// Divides by a number, and rounds to floats or to integers.
  public init(divisor: Double = 1, isToIntegers: Bool = false) {
    self.divisor = divisor
    self.isToIntegers = isToIntegers
  }
}

/// Values that are summed up side by side: their sums stay in the first-level cache.
private var wideChunk: Int { 256 }

/// Convolves one channel with one kernel, and divides the sums.
///
/// - Parameters:
///   - job: one channel, one filter.
///   - factor: a column and a row whose product the kernel is; `nil` for its weights.
///   - rounding: what becomes of each sum.
@usableFromInline
func convolveWide(
  _ job: Convolution, _ factor: SeparableKernel?, _ rounding: WideRounding
) {
  let extent = (job.kernelWidth &- 1) &* job.dilationWidth
  // Two passes over far more than a piece would be more work than one.
  let factor = extent <= 16 &* wideChunk ? factor : nil
  let lineCount = factor == nil ? 0 : wideChunk &+ extent
  withUnsafeTemporaryAllocation(of: Double.self, capacity: wideChunk + lineCount) { buffer in
    let sums = buffer.first
    let line = sums + wideChunk
    for row in 0..<job.outputRows {
      var first = 0
      while first < job.width {
        let count = min(wideChunk, job.width &- first)
        fill(sums, count, Double(job.bias?.pointee ?? 0))
        if let factor {
          fill(line, count &+ extent, 0)
          for i in 0..<job.kernelHeight {
            let source = job.rows[row &+ i &* job.dilationHeight] + first
            addProducts(Double(factor.column[i]), source, to: line, count &+ extent)
          }
          for j in 0..<job.kernelWidth {
            addProducts(Double(factor.row[j]), line + j &* job.dilationWidth, to: sums, count)
          }
        } else {
          for i in 0..<job.kernelHeight {
            let source = job.rows[row &+ i &* job.dilationHeight] + first
            for j in 0..<job.kernelWidth {
              let weight = Double(job.weights[i &* job.kernelWidth &+ j])
              addProducts(weight, source + j &* job.dilationWidth, to: sums, count)
            }
          }
        }
        round(sums, rounding, to: job.outputs[row] + first, count)
        first &+= wideChunk
      }
    }
  }
}

/// Multiplies a matrix and a tile, and rounds each row of the result in a way of its own.
@usableFromInline
func multiplyWide(
  _ job: TileProduct, _ rounding: (Int) -> WideRounding
) {
  withUnsafeTemporaryAllocation(of: Double.self, capacity: wideChunk) { buffer in
    let sums = buffer.first
    for row in 0..<job.rows {
      var first = 0
      while first < job.columns {
        let count = min(wideChunk, job.columns &- first)
        fill(sums, count, Double(job.bias?[row] ?? 0))
        for index in 0..<job.depth {
          addProducts(
            Double(job.weights[row &* job.depth &+ index]),
            job.tile + index &* job.tilePitch + first, to: sums, count)
        }
        round(
          sums, rounding(row), to: job.destination + row &* job.destinationPitch + first,
          count)
        first &+= wideChunk
      }
    }
  }
}

private func fill(_ destination: UnsafeMutablePointer<Double>, _ count: Int, _ value: Double) {
  var x = 0
  while x < count {
    destination[x] = value
    x &+= 1
  }
}

/// Adds weight · value, exactly where both are integers.
private func addProducts(
  _ weight: Double, _ source: UnsafePointer<Float>, to sums: UnsafeMutablePointer<Double>,
  _ count: Int
) {
  var x = 0
  while x < count {
    sums[x] += weight * Double(source[x])
    x &+= 1
  }
}

private func addProducts(
  _ weight: Double, _ source: UnsafePointer<Double>, to sums: UnsafeMutablePointer<Double>,
  _ count: Int
) {
  var x = 0
  while x < count {
    sums[x] += weight * source[x]
    x &+= 1
  }
}

private func round(
  _ sums: UnsafePointer<Double>, _ rounding: WideRounding,
  to destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  let divisor = rounding.divisor
  var x = 0
  if rounding.isToIntegers {
    while x < count {
      destination[x] = Float((sums[x] / divisor).rounded(.toNearestOrEven))
      x &+= 1
    }
    return
  }
  while x < count {
    destination[x] = Float(sums[x] / divisor)
    x &+= 1
  }
}
