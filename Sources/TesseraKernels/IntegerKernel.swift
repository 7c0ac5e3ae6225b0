/// A kernel whose sums over bytes are computed in 16-bit integers, and are exact.
///
/// Weights and bias are integers, or integers divided by a power of two. Additions may wrap around on
/// the way: only the sums themselves must fit 16 bits. Where they lie beyond −32768…32767 but in an
/// interval of that length, they are computed less a constant.
public struct IntegerKernel: Hashable, Sendable {
  /// Rows of the kernel.
  public let height: Int
  /// Columns of the kernel.
  public let width: Int
  /// Sums are divided by 2 to this power.
  public let exponent: Int
  /// Whether absolute values of the sums are taken.
  public let takesAbsolute: Bool
  /// Each weight times 2^`exponent` twice, in the low and in the high half; then all of them again.
  ///
  /// The second ones tell which are 0: a value that is looked at is not read as a vector at once.
  @usableFromInline let taps: [UInt32]
  /// What sums start from: the bias times 2^`exponent`, less the constant.
  @usableFromInline let start: Int16
  /// What becomes 0, and what is subtracted in the end.
  @usableFromInline let lowest: Int16

  /// Bytes of the weights.
  public var byteCount: Int { taps.count * MemoryLayout<UInt32>.stride }

  /// Plans a kernel.
  ///
  /// There is none if weights are not integral to a power of two, or sums do not fit 16 bits.
  ///
  /// - Parameters:
  ///   - weights: `height` × `width` weights, row after row.
  ///   - height: rows of the kernel.
  ///   - width: columns of the kernel.
  ///   - bias: added to every sum.
  ///   - takesAbsolute: whether absolute values of the sums are taken.
  public init?(
    weights: [Float], height: Int, width: Int, bias: Float = 0, takesAbsolute: Bool = false
  ) {
    precondition(
      weights.count == height * width && !weights.isEmpty, "a kernel has height × width weights")
    guard let exponent = Self.exponent(of: weights + [bias]) else { return nil }
    let factor = Float(1 << exponent)
    let integers = weights.map { Int($0 * factor) }
    let bias = Int(bias * factor)
    let least = bias + 255 * integers.reduce(0) { $0 + min($1, 0) }
    let most = bias + 255 * integers.reduce(0) { $0 + max($1, 0) }
    guard
      let shift = Self.constant(
        least: least, most: most, exponent: exponent, takesAbsolute: takesAbsolute),
      let lowest = Int16(exactly: -(shift >> exponent)), lowest <= Int16.max - 255
    else { return nil }
    self.height = height
    self.width = width
    self.exponent = exponent
    self.takesAbsolute = takesAbsolute
    self.lowest = lowest
    let taps = integers.map { UInt32(UInt16(truncatingIfNeeded: $0)) * 0x1_0001 }
    self.taps = taps + taps
    start = Int16(truncatingIfNeeded: bias - shift)
  }

  /// The least power of two that makes integers of all values, which must be of moderate size.
  private static func exponent(of values: [Float]) -> Int? {
    guard values.allSatisfy({ $0.magnitude <= 65_536 }) else { return nil }
    return (0...14).first { exponent in
      values.allSatisfy { ($0 * Float(1 << exponent)).rounded() == $0 * Float(1 << exponent) }
    }
  }

  /// What is subtracted from sums so that they fit, before and after half a unit is added.
  ///
  /// Even after the division, so that halves still round to the even neighbour.
  private static func constant(
    least: Int, most: Int, exponent: Int, takesAbsolute: Bool
  ) -> Int? {
    let half = (1 << exponent) / 2
    guard !takesAbsolute else { return max(most, -least) + half <= 32_767 ? 0 : nil }
    let possible = (low: most + half - 32_767, high: least + 32_768)
    let unit = 2 << exponent
    let nearest = possible.low > 0 ? possible.low + unit - 1 : min(possible.high, 0)
    // Shifts round down, also below 0.
    let shift = (nearest >> (exponent + 1)) * unit
    return shift >= possible.low && shift <= possible.high ? shift : nil
  }
}
