import TesseraKernels
import Testing

@Suite("Statistics")
struct StatisticsTests {
  @Test(
    "statistics of a row have the same bits in every variant", arguments: ConversionTests.counts)
  func statistics(count: Int) {
    var random = Seeded(41)
    let row = random.floats(count)
    let expected = row.reduce(0) { $0 + Double($1) }
    let squares = row.reduce(0) { $0 + Double($1) * Double($1) }
    let first = KernelSet.baselineStatistics(row)
    for variant in Variants.all {
      let found = variant.kernels.statistics(row, count)
      #expect(found == first)
      #expect(found.minimum == row.min() ?? .infinity)
      #expect(found.maximum == row.max() ?? -.infinity)
      #expect((found.sum - expected).magnitude <= 1e-12)
      #expect((found.sumOfSquares - squares).magnitude <= 1e-12)
    }
  }

  @Test("NaN does not hide the range, and zero comes out positive", arguments: Variants.all)
  func oddValues(variant: Variants) {
    for count in [1, 5, 17, 40] {
      var row = [Float](repeating: -0.0, count: count)
      let zeros = variant.kernels.statistics(row, count)
      #expect(zeros.minimum.sign == .plus && zeros.maximum.sign == .plus)
      row[0] = .nan
      row.append(-3)
      row.append(8)
      let range = variant.kernels.statistics(row, row.count)
      #expect(range.minimum == -3 && range.maximum == 8)
      #expect(range.sum.isNaN)
    }
  }

  @Test("rows of integers are compared exactly", arguments: Variants.all, ConversionTests.counts)
  func integers(variant: Variants, count: Int) {
    var random = Seeded(42)
    let bytes: [UInt8] = random.integers(count)
    let otherBytes: [UInt8] = random.integers(count)
    #expect(
      variant.kernels.differenceU8(bytes, otherBytes, count) == exact(bytes, otherBytes))
    let words: [UInt16] = random.integers(count)
    let otherWords: [UInt16] = random.integers(count)
    #expect(
      variant.kernels.differenceU16(words, otherWords, count) == exact(words, otherWords))
    let extremes = [UInt16](repeating: 65_535, count: count)
    let zeros = [UInt16](repeating: 0, count: count)
    #expect(variant.kernels.differenceU16(extremes, zeros, count) == exact(extremes, zeros))
  }

  private func exact<E: FixedWidthInteger>(_ first: [E], _ second: [E]) -> RowDifference<UInt64> {
    let sizes = zip(first, second).map { (Int($0) - Int($1)).magnitude }
    return RowDifference(
      sumOfSquares: sizes.reduce(0) { $0 + UInt64($1 * $1) },
      sumOfMagnitudes: sizes.reduce(0) { $0 + UInt64($1) }, maximum: UInt64(sizes.max() ?? 0))
  }

  @Test("rows of floats are compared alike in every variant", arguments: ConversionTests.counts)
  func floats(count: Int) {
    var random = Seeded(43)
    let first = random.floats(count)
    let second = random.floats(count)
    let sizes = zip(first, second).map { (Double($0) - Double($1)).magnitude }
    let found = Variants.all.map { $0.kernels.differenceF32(first, second, count) }
    #expect(Set(found).count == 1)
    #expect(found[0].maximum == sizes.max() ?? 0)
    #expect((found[0].sumOfMagnitudes - sizes.reduce(0, +)).magnitude <= 1e-12)
    #expect((found[0].sumOfSquares - sizes.reduce(0) { $0 + $1 * $1 }).magnitude <= 1e-12)
  }
}

extension KernelSet {
  fileprivate static func baselineStatistics(_ row: [Float]) -> RowStatistics {
    Variants.all[0].kernels.statistics(row, row.count)
  }
}
