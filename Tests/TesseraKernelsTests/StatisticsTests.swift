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

  @Test(
    "Statistics are those of the finite values, and zero comes out positive",
    arguments: Variants.all)
  func oddValues(variant: Variants) {
    for count in [1, 5, 17, 40] {
      var row = [Float](repeating: -0.0, count: count)
      let zeros = variant.kernels.statistics(row, count)
      #expect(zeros.minimum.sign == .plus && zeros.maximum.sign == .plus)
      #expect(zeros.finiteCount == count)
      row[0] = .nan
      row.append(-3)
      row.append(8)
      for odd in [[], [Float.infinity], [-.infinity], [.infinity, .nan, -.infinity]] {
        let all = odd + row
        let found = variant.kernels.statistics(all, all.count)
        #expect(found.finiteCount == count + 1)
        #expect(found.minimum == -3 && found.maximum == 8)
        #expect(found.sum == 5 && found.sumOfSquares == 73)
      }
      let none = variant.kernels.statistics([.nan, .infinity], 2)
      #expect(none == RowStatistics())
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
    #expect(found[0].notFiniteCount == 0)
  }

  @Test(
    "The same value that is not finite is no difference, and any other one is without bound",
    arguments: Variants.all)
  func odd(variant: Variants) {
    for count in [1, 7, 16, 35] {
      let row = (0..<count).map { Float($0) }
      for (first, second, isAlike) in [
        (Float.nan, Float.nan, true), (.infinity, .infinity, true), (-.infinity, -.infinity, true),
        (.nan, 1, false), (1, .nan, false), (.infinity, -.infinity, false),
        (.nan, .infinity, false),
        (2, -.infinity, false),
      ] {
        let found = variant.kernels.differenceF32(
          row + [first], [3] + row[1...] + [second], count + 1)
        let rest = RowDifference(
          sumOfSquares: 9.0, sumOfMagnitudes: 3, maximum: 3, notFiniteCount: 1)
        let endless = RowDifference(
          sumOfSquares: Double.infinity, sumOfMagnitudes: .infinity, maximum: .infinity,
          notFiniteCount: 1)
        #expect(found == (isAlike ? rest : endless), "\(first) \(second)")
      }
    }
  }
}

extension KernelSet {
  fileprivate static func baselineStatistics(_ row: [Float]) -> RowStatistics {
    Variants.all[0].kernels.statistics(row, row.count)
  }
}
