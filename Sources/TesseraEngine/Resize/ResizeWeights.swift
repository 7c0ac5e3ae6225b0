/// What each pixel that is kept of a resized axis is made of: neighbouring pixels, and their weights.
package struct ResizeWeights: Sendable {
  /// Weights of every sum, one sum after the other.
  package let values: [Double]
  /// The pixels that they belong to.
  package let spans: ResizeSpans

  /// - Parameters:
  ///   - axis: the axis; nearest pixels are not weighed.
  ///   - spans: its sums, where they are known.
  package init(_ axis: ResizeAxis, _ spans: ResizeSpans? = nil) {
    let spans = spans ?? ResizeSpans(axis)
    let count = spans.weightCount
    self.spans = spans
    values = Array(unsafeUninitializedCapacity: count) { buffer, initializedCount in
      buffer.initialize(repeating: 0)
      initializedCount = count
      for (sum, pixel) in axis.kept.enumerated() {
        let part = buffer[spans.offsets[sum]..<spans.offsets[sum + 1]]
        axis.weigh(pixel, into: UnsafeMutableBufferPointer(rebasing: part))
      }
    }
  }

  /// The largest sum of what is below 0 among the weights of one pixel, as a magnitude.
  package var largestNegativeSum: Double {
    let offsets = spans.offsets
    return zip(offsets, offsets.dropFirst()).map { start, end in
      values[start..<end].reduce(0) { $0 - min($1, 0) }
    }.max() ?? 0
  }
}

extension ResizeAxis {
  /// Writes the weights of what a pixel is made of, which sum to 1.
  ///
  /// Source: Pillow's `precompute_coeffs`, and torch's for single precision.
  fileprivate func weigh(_ pixel: Int, into weights: UnsafeMutableBufferPointer<Double>) {
    let (center, sources) = window(of: pixel)
    switch precision {
    case .double:
      let inverse = 1 / max(extent / Double(target), 1)
      var sum = 0.0
      for (index, source) in sources.enumerated() {
        let weight = filter.weight(at: (Double(source) - center + 0.5) * inverse)
        weights[index] = weight
        sum += weight
      }
      if sum != 0 { for index in weights.indices { weights[index] /= sum } }
    case .single:
      let scale = Float(extent) / Float(target)
      let inverse = Double(scale >= 1 ? 1 / scale : 1)
      var sum: Float = 0
      for (index, source) in sources.enumerated() {
        let distance = Float((Double(Float(source) - Float(center)) + 0.5) * inverse)
        let weight = Float(filter.weight(at: Double(distance)))
        weights[index] = Double(weight)
        sum += weight
      }
      if sum == 0 { return }
      for index in weights.indices { weights[index] = Double(Float(weights[index]) / sum) }
    }
  }
}
