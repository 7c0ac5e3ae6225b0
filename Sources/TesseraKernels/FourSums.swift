/// Four sums that are fed by the same values: output rows of a depthwise convolution, output
/// channels of a bank, rows of a matrix product.
@usableFromInline
struct FourSums<B: ValueBlock> {
  @usableFromInline var first: B
  @usableFromInline var second: B
  @usableFromInline var third: B
  @usableFromInline var fourth: B

  /// Four equal sums.
  @inlinable @inline(__always) init(repeating value: Float) {
    first = B(repeating: value)
    second = first
    third = first
    fourth = first
  }

  /// Sums that start from four biases, or zero.
  @inlinable @inline(__always) init(bias: UnsafePointer<Float>?) {
    first = B(repeating: bias?[0] ?? 0)
    second = B(repeating: bias?[1] ?? 0)
    third = B(repeating: bias?[2] ?? 0)
    fourth = B(repeating: bias?[3] ?? 0)
  }

  /// Writes the sums to places that are `pitch` apart.
  @inlinable @inline(__always) func store(to target: UnsafeMutablePointer<Float>, _ pitch: Int) {
    first.store(to: target)
    second.store(to: target + pitch)
    third.store(to: target + 2 &* pitch)
    fourth.store(to: target + 3 &* pitch)
  }

  /// Adds a block times four weights that are `pitch` apart.
  @inlinable @inline(__always)
  mutating func add(_ block: B, _ weights: UnsafePointer<Float>, _ pitch: Int) {
    first.add(block, times: weights[0])
    second.add(block, times: weights[pitch])
    third.add(block, times: weights[2 &* pitch])
    fourth.add(block, times: weights[3 &* pitch])
  }
}
