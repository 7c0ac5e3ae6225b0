/// Finds the fastest arithmetic that gives the bits of `Normalization.apply` for all values.
@inlinable @inline(__always)
func preparePixels<V: Variant, E: PixelElement>(
  _ variant: V.Type, _ element: E.Type, _ channels: [Normalization]
) -> PixelNormalization {
  // Without a fused operation, the larger product must be exact: all bits of a value times as many
  // as a float has left.
  let leadingBits = V.fusesMultiplyAdd ? 24 : 24 &- E.bitWidth
  if V.fusesMultiplyAdd && givesSameBits(variant, element, channels, .products, leadingBits) {
    return PixelNormalization(channels, form: .products, leadingBits: leadingBits)
  }
  if givesSameBits(variant, element, channels, .division, leadingBits) {
    return PixelNormalization(channels, form: .division, leadingBits: leadingBits)
  }
  return PixelNormalization(channels, form: .stepwise, leadingBits: leadingBits)
}

/// Whether an arithmetic gives the bits of `Normalization.apply` for every value of every channel.
@inlinable @inline(__always)
func givesSameBits<V: Variant, E: PixelElement>(
  _ variant: V.Type, _ element: E.Type, _ channels: [Normalization],
  _ form: PixelNormalization.Form, _ leadingBits: Int
) -> Bool {
  withUnsafeTemporaryAllocation(of: Float.self, capacity: 256) { results in
    withUnsafeTemporaryAllocation(of: E.self, capacity: 256) { values in
      let (results, values) = (results.first, values.first)
      for channel in channels {
        let map = PixelNormalization([channel], form: form, leadingBits: leadingBits)
        var first = 0
        while first <= Int(E.max) {
          for x in 0..<256 { values[x] = E(truncatingIfNeeded: first &+ x) }
          normalizePixels(variant, values, map, 0, results, 256)
          var different: UInt32 = 0
          for x in 0..<256 {
            different |= results[x].bitPattern ^ channel.apply(Double(values[x])).bitPattern
          }
          if different != 0 { return false }
          first &+= 256
        }
      }
      return true
    }
  }
}
