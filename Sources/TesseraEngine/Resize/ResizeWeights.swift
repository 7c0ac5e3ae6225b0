/// What each pixel that is kept of a resized axis is made of: neighbouring pixels, and their weights.
///
/// Source: Pillow's `precompute_coeffs`, and torch's for single precision.
package struct ResizeWeights: Sendable {
  /// The first pixel of each sum, counted from the first that is given.
  package private(set) var starts: [Int] = []
  /// Where the weights of each sum begin, and where the last ones end.
  package private(set) var offsets = [0]
  /// Weights of every sum, one sum after the other.
  package private(set) var values: [Double] = []

  private let given: Int

  package init(_ axis: ResizeAxis) {
    given = axis.first
    starts.reserveCapacity(axis.kept.count)
    offsets.reserveCapacity(axis.kept.count + 1)
    if axis.filter == .nearest {
      addNearest(axis)
    } else if axis.precision == .single {
      addSingle(axis)
    } else {
      addDouble(axis)
    }
  }

  /// The pixels that a sum is made of.
  package func sources(of sum: Int) -> Range<Int> {
    starts[sum]..<starts[sum] + offsets[sum + 1] - offsets[sum]
  }

  /// The weights of a sum.
  package func weights(of sum: Int) -> ArraySlice<Double> {
    values[offsets[sum]..<offsets[sum + 1]]
  }

  /// The pixels that some sums are made of.
  package func sources(of sums: Range<Int>) -> Range<Int> {
    guard let last = sums.last else { return 0..<0 }
    return starts[sums.lowerBound]..<sources(of: last).upperBound
  }

  var byteCount: Int {
    (starts.count + offsets.count) * MemoryLayout<Int>.stride
      + values.count * MemoryLayout<Double>.stride
  }

  /// The largest sum of what is below 0 among the weights of one pixel, as a magnitude.
  package var largestNegativeSum: Double {
    starts.indices.map { sum in weights(of: sum).reduce(0) { $0 - min($1, 0) } }.max() ?? 0
  }

  private mutating func append(_ start: Int, _ weights: some Sequence<Double>) {
    starts.append(start - given)
    values += weights
    offsets.append(values.count)
  }

  private mutating func addNearest(_ axis: ResizeAxis) {
    let scale = axis.extent / Double(axis.target)
    // Adding up, as Pillow does, gives another pixel here and there than a product would.
    var place = scale * 0.5
    for pixel in 0..<axis.target {
      if axis.kept.contains(pixel) { append(min(Int(place), axis.source - 1), [1]) }
      place += scale
    }
  }

  private mutating func addDouble(_ axis: ResizeAxis) {
    let scale = axis.extent / Double(axis.target)
    let reach = max(scale, 1)
    let support = axis.filter.support * reach
    let inverse = 1 / reach
    for pixel in axis.kept {
      let center = axis.origin + (Double(pixel) + 0.5) * scale
      let first = max(Int(center - support + 0.5), 0)
      let end = min(Int(center + support + 0.5), axis.source)
      var weights = (first..<max(end, first)).map {
        axis.filter.weight(at: (Double($0) - center + 0.5) * inverse)
      }
      let sum = weights.reduce(0, +)
      if sum != 0 { for index in weights.indices { weights[index] /= sum } }
      append(first, weights)
    }
  }

  private mutating func addSingle(_ axis: ResizeAxis) {
    let scale = Float(axis.extent) / Float(axis.target)
    let support = max(scale, 1) * Float(axis.filter.support)
    let inverse = scale >= 1 ? 1 / scale : 1
    for pixel in axis.kept {
      let center = Float(axis.origin + Double(scale) * (Double(pixel) + 0.5))
      let first = max(Int(Double(center - support) + 0.5), 0)
      let end = min(Int(Double(center + support) + 0.5), axis.source)
      var weights = (first..<max(end, first)).map { source in
        let distance = Float((Double(Float(source) - center) + 0.5) * Double(inverse))
        return Float(axis.filter.weight(at: Double(distance)))
      }
      let sum = weights.reduce(0, +)
      if sum != 0 { for index in weights.indices { weights[index] /= sum } }
      append(first, weights.map(Double.init))
    }
  }
}
