import TesseraCore
import Testing

@testable import TesseraEngine

/// Which values there are.
struct ValueCensusTests {
  private func census<Value: Element>(of values: [Value]) -> ValueCensus {
    var census = ValueCensus(of: Value.elementType)
    values.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      census.add(base, buffer.count)
    }
    return census
  }

  @Test("Integers are counted one by one")
  func integers() {
    let census = census(of: [0, 0, 1, 128, 255, 255, 255] as [UInt8])
    #expect(
      census.histogram(256, from: 0, to: 256).enumerated().filter { $1 > 0 }.map(\.offset) == [
        0, 1, 128, 255,
      ])
    #expect(census.histogram(3, from: 0, to: 255) == [3, 1, 3])
    #expect((census.minimum, census.maximum, census.count) == (0, 255, 7))
    #expect(abs(census.mean - 894.0 / 7) < 1e-12)
    let wide = self.census(of: [65535, 3, 3] as [UInt16])
    #expect(wide.histogram(2, from: 0, to: 65535) == [2, 1])
  }

  @Test("Floats of either sign come into order, and those that are not finite are only counted")
  func floats() {
    let values: [Float] = [-2, -1, -0.0, 0, 1, 2, .nan, .infinity, -.infinity, 1e-30, -1e-30]
    let census = census(of: values)
    #expect((census.minimum, census.maximum) == (-2, 2))
    #expect((census.count, census.notFiniteCount) == (8, 3))
    // −2 | −1 and what is nearly 0 from below | from above, and 1 | 2
    let parts = census.histogram(4, from: -2.5, to: 2.5)
    #expect(parts.reduce(0, +) == 8)
    #expect(parts[0] == 1 && parts[3] == 1)
    #expect(parts[1] + parts[2] == 6)
  }

  @Test("A part that floats fall in is the right one, but for a hundredth")
  func places() {
    for value in [-3.7, -0.01, 0.004, 0.3, 2.0, 77.7] as [Float] {
      let parts = census(of: [value, -100, 100]).histogram(100, from: -100, to: 100)
      let place = parts.dropFirst().dropLast().firstIndex(of: 1) ?? -1
      #expect(abs(Double(place) - (Double(value) + 100) / 2) <= 1.01)
    }
  }

  @Test("Nothing has no ends")
  func nothing() {
    let census = census(of: [] as [Float])
    #expect(census.minimum == .infinity && census.maximum == -.infinity && census.mean == 0)
    #expect(census.histogram(2, from: 0, to: 1) == [0, 0])
  }
}
