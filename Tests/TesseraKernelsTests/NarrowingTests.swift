import TesseraKernels
import Testing

/// Floats of half the bytes.
struct NarrowingTests {
  /// Every sign and exponent with some fractions, those halfway between two values among them.
  private static let values: [Float] = (0..<512).flatMap { upper -> [Float] in
    [0, 1, 0x0FFF, 0x1000, 0x1001, 0x3000, 0x7FFF, 0x8000, 0x8001, 0x1_8000, 0x7F_FFFF].map {
      Float(bitPattern: UInt32(upper) << 23 | $0)
    }
  }

  @Test("Half precision is the nearest value, ties to even", arguments: Variants.all)
  func float16(variant: Variants) {
    var bits = [UInt16](repeating: 0, count: Self.values.count)
    variant.kernels.narrowToF16(Self.values, &bits, bits.count)
    for (value, bits) in zip(Self.values, bits) {
      let half = Float16(bitPattern: bits)
      if value.isNaN {
        #expect(half.isNaN)
        continue
      }
      let exact = Double(value)
      // Beyond 65 520 everything is nearer to 65 536, which there is not.
      if abs(exact) >= 65_520 {
        #expect(half == (exact < 0 ? -Float16.infinity : .infinity))
        continue
      }
      let distance = abs(Double(half) - exact)
      for neighbour in [half.nextUp, half.nextDown] where neighbour.isFinite {
        let other = abs(Double(neighbour) - exact)
        #expect(distance < other || distance == other && bits & 1 == 0)
      }
      #expect(half.sign == value.sign)
    }
  }

  @Test("bfloat16 is the nearest value, ties to even", arguments: Variants.all)
  func bfloat16(variant: Variants) {
    var bits = [UInt16](repeating: 0, count: Self.values.count)
    variant.kernels.narrowToBF16(Self.values, &bits, bits.count)
    for (value, bits) in zip(Self.values, bits) {
      let wide = Float(bitPattern: UInt32(bits) << 16)
      if value.isNaN {
        #expect(wide.isNaN)
        continue
      }
      let rest = value.bitPattern & 0xFFFF
      let lower = value.bitPattern >> 16
      let isUp = rest > 0x8000 || rest == 0x8000 && lower & 1 == 1
      #expect(UInt32(bits) == lower + (isUp ? 1 : 0))
    }
  }
}
