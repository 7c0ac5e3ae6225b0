import Glibc
import TesseraCore

/// What the values of a block weigh by their place in it, where blocks overlap.
package enum FoldWindow: Hashable, Sendable {
  /// ½ − ½·cos(2π(i + 1)/(n + 1)) along each axis. Source: TorchIO's `hann`.
  case hann
  /// min(i + 1, n − i) along each axis.
  case triangle
  /// exp(−x²/(2·(n/8)²)) along each axis, x from the middle; products below 0.001, or below the least,
  /// are raised to the larger of the two. Source: MONAI's `gaussian`, `sigma_scale` 0.125.
  case gaussian
  /// NumPy's symmetric `kaiser` along each axis.
  case kaiser(beta: Double)
  /// E/(D + E), where D is the distance from the middle and E the one from the nearest edge. Source:
  /// pytorch-toolbelt.
  case pyramid
  /// 1 in the middle and 0 where a neighbour is nearer to its own. Source: TorchIO's `crop`.
  case crop

  /// The weights along an axis of so many elements; `nil` where two axes do not tell a weight.
  private func axis(_ count: Int) -> [Double]? {
    let middle = Double(count - 1) / 2
    switch self {
    case .hann:
      return (0..<count).map { 0.5 - 0.5 * cos(2 * .pi * Double($0 + 1) / Double(count + 1)) }
    case .triangle:
      return (0..<count).map { Double(min($0 + 1, count - $0)) }
    case .kaiser(let beta):
      return (0..<count).map { index in
        let place = middle == 0 ? 0 : (Double(index) - middle) / middle
        return Self.bessel(beta * max(1 - place * place, 0).squareRoot()) / Self.bessel(beta)
      }
    case .gaussian, .pyramid, .crop:
      return nil
    }
  }

  /// The modified Bessel function of the first kind and order 0, by its power series.
  ///
  /// Every term is positive, so nothing cancels: exact to some units in the last place.
  private static func bessel(_ value: Double) -> Double {
    let quarter = value * value / 4
    var (sum, term, index) = (1.0, 1.0, 1.0)
    while term > sum * 1e-17 {
      term *= quarter / (index * index)
      sum += term
      index += 1
    }
    return sum
  }

  /// What values weigh along both axes, where every weight is a product of the two.
  func axes(_ kernelSize: Size) -> (rows: [Double], columns: [Double])? {
    guard let rows = axis(kernelSize.height), let columns = axis(kernelSize.width) else {
      return nil
    }
    return (rows, columns)
  }

  /// What each value of a window weighs, row after row: all above 0.
  ///
  /// - Precondition: Not `crop`, whose weights hang on the neighbours.
  package func weights(_ kernelSize: Size) -> [Double] {
    if let axes = axes(kernelSize) {
      return axes.rows.flatMap { row in axes.columns.map { row * $0 } }
    }
    let (height, width) = (kernelSize.height, kernelSize.width)
    switch self {
    case .gaussian:
      let bell = { (count: Int) in
        (0..<count).map { index in
          let distance = (Double(index) - Double(count - 1) / 2) / (0.125 * Double(count))
          return exp(-distance * distance / 2)
        }
      }
      let columns = bell(width)
      let products = bell(height).flatMap { row in columns.map { row * $0 } }
      let least = max(products.min() ?? 0, 1e-3)
      return products.map { max($0, least) }
    case .pyramid:
      return (0..<height * width).map { place in
        let (row, column) = place.quotientAndRemainder(dividingBy: width)
        let (y, x) = (Double(row) + 0.5, Double(column) + 0.5)
        let centre = hypot(y - Double(height) / 2, x - Double(width) / 2)
        let edge = min(y, Double(height) - y, x, Double(width) - x)
        let distance = (edge * edge + 0.25).squareRoot()
        return distance / (centre + distance)
      }
    case .hann, .triangle, .kaiser, .crop:
      preconditionFailure("other windows are products, or hang on the neighbours")
    }
  }
}

extension AxisGrid {
  /// The rows or columns of the image that belong to each block alone where patches are cropped.
  ///
  /// Half of what neighbours overlap by is trimmed off each side, but for the first block's beginning
  /// and the last one's end; where two blocks are left with the same place it is the later one's, for
  /// TorchIO writes them one after the other.
  ///
  /// - Precondition: Elements of a window are neighbours.
  package var croppedBlocks: [Range<Int>] {
    precondition(dilation == 1, "elements of a window are neighbours")
    let trimmed = max(kernel - stride, 0) / 2
    var ranges = starts.enumerated().map { index, start in
      let first = index == 0 ? start : start + trimmed
      let end = index == count - 1 ? start + kernel : start + kernel - trimmed
      return max(first, 0)..<max(min(end, size), max(first, 0))
    }
    for index in ranges.indices.dropLast().reversed() {
      let next = ranges[index + 1].isEmpty ? size : ranges[index + 1].lowerBound
      let end = min(ranges[index].upperBound, next)
      ranges[index] = min(ranges[index].lowerBound, end)..<end
    }
    return ranges
  }
}
