import TesseraCore
import TesseraKernels

/// A convolution of pixels by integers, or integers over a power of two, in 16-bit integers: where
/// floats are exact, and where the error of a normalization that the file undoes is provably so small
/// that the same integers come out.
struct IntegerStrips: Rewrite {
  let name = "integer_strips"

  func apply(to graph: inout Graph) -> Bool {
    guard graph.source.elementType == .uint8 else { return false }
    for index in graph.links.indices {
      guard var work = graph.links[index].work as? FilterPixels, work.elementType == .uint8,
        let kernel = work.integerKernel
      else { continue }
      work.integers = kernel
      graph.links[index].work = work
      return true
    }
    return false
  }
}

extension FilterPixels {
  /// The kernel in integers, where it gives what floats give.
  fileprivate var integerKernel: IntegerKernel? {
    guard let convolution, convolution.map.divisors.isEmpty, convolution.map.keptRow == nil,
      let kernel = IntegerKernel(
        weights: Array(convolution.map.weights.prefix(convolution.map.depth)),
        height: convolution.kernelSize.height, width: convolution.kernelSize.width,
        bias: convolution.map.bias?.first ?? 0,
        takesAbsolute: convolution.response == .absolute),
      isSplitExactly(convolution, kernel)
    else { return nil }
    let isPlain = zip(normalizations, maps).allSatisfy {
      $0 == Normalization() && $1 == .identity
    }
    if isPlain { return kernel }
    // A result that stands on a tie would go wherever the floats' error leads.
    guard kernel.exponent == 0, convolution.map.bias?.first ?? 0 == 0,
      zip(normalizations, maps).allSatisfy({ roundsAlike($0, $1, convolution) })
    else { return nil }
    return kernel
  }

  /// Whether two passes, where floats take them, multiply by integers too.
  private func isSplitExactly(_ convolution: ConvolveRows, _ kernel: IntegerKernel) -> Bool {
    guard let factor = convolution.map.factors().first ?? nil else { return true }
    let scale = Float(1 << kernel.exponent)
    return factor.row.allSatisfy { $0 == $0.rounded() }
      && factor.column.allSatisfy { $0 * scale == ($0 * scale).rounded() }
  }

  /// Whether the floats of one channel end within a quarter of the integers that they stand for.
  private func roundsAlike(
    _ before: Normalization, _ after: Affine, _ convolution: ConvolveRows
  ) -> Bool {
    let weights = convolution.map.weights.prefix(convolution.map.depth).map(Double.init)
    let sum = weights.reduce(0, +)
    let magnitudes = weights.reduce(0) { $0 + abs($1) }
    let (scale, mean, std) = (before.scale, Double(before.mean), Double(before.std))
    // Zeros in the padding are no integers where a mean was subtracted.
    guard std != 0, mean == 0 || !convolution.padsZeros else { return false }
    // |a·x + b| is a·|x| where a is positive and b is nothing.
    if convolution.response == .absolute {
      guard mean * sum == 0, scale / std > 0 else { return false }
    }
    // What the map and its inverse make of a sum of stored values, in real numbers.
    let factorError = abs(scale / std * after.scale - 1) * 255 * magnitudes
    let offset = abs(after.offset - mean / std * after.scale * sum)
    // Rounding: three times per value, once per product and sum, and on the way back.
    let unit = Double(Float.ulpOfOne) / 2
    let largest = (255 * abs(scale) + abs(mean)) / abs(std)
    let back = magnitudes * largest * abs(after.scale)
    let rounding =
      unit * (Double(2 * weights.count + 4) * back + 4 * (back + abs(after.offset)))
    return factorError + offset + rounding < 0.25
  }
}

extension ConvolveRows {
  /// Whether a window reaches into padding of zeros.
  fileprivate var padsZeros: Bool {
    guard unfold.paddingMode == .zeros else { return false }
    let (rows, columns) = (unfold.grid.rows, unfold.grid.columns)
    return rows.reachBefore + rows.reachAfter + columns.reachBefore + columns.reachAfter > 0
  }
}
