import TesseraKernels
import Testing

@testable import TesseraEngine

/// Sums in double precision, for overlaps that 32 bits do not hold.
struct WideSumsTests {
  /// What a row of sums is divided to.
  private func means<E: FixedWidthInteger>(
    of sums: [Double], rows: Float, columns: [Float]
  ) -> [E] {
    [E](unsafeUninitializedCapacity: sums.count) { means, count in
      sums.withUnsafeBufferPointer { sums in
        columns.withUnsafeBufferPointer { columns in
          divideWide(
            CoverageDivision(
              sums: sums.first(), rowDivisor: rows, columnDivisors: columns.first(),
              destination: means.first, count: sums.count))
        }
      }
      count = sums.count
    }
  }

  @Test("Means round to the nearest, halves to the even neighbour, and stay in their type")
  func rounding() {
    let sums: [Double] = [0, 1, 3, 5, 7, 9, 3 * 0x1p33 - 1, 510, 511, 600, -3]
    let expected: [UInt8] = [0, 0, 2, 2, 4, 4, 255, 255, 255, 255, 0]
    #expect(means(of: sums, rows: 1, columns: Array(repeating: 2, count: sums.count)) == expected)
  }

  @Test("A mean of sums beyond 32 bits is that of the integers, and that of nothing is 0")
  func large() {
    // 100 000 rows of blocks and 3 columns; the values average 40 000.5, 40 000.4 and 40 000.6.
    let sums = [400_005, 400_004, 400_006].map { Double($0) * 30_000 }
    let expected: [UInt16] = [40_000, 40_000, 40_001, 0]
    #expect(means(of: sums + [0], rows: 100_000, columns: [3, 3, 3, 0]) == expected)
  }
}
