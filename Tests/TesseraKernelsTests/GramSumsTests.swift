import TesseraKernels
import Testing

@Suite("Products of every two values")
struct GramSumsTests {
  @Test(
    "They are added up as one by one, in every variant", arguments: Variants.all,
    [1, 2, 3, 4, 5, 15, 16, 17, 31, 33, 64, 75])
  func sums(variant: Variants, length: Int) {
    var random = Seeded(17)
    let (pitch, rows) = (GramUpdate.pitch(of: length), GramUpdate.rows(of: length))
    for count in [1, 2, 7, 40] {
      var patches = [Double](repeating: 0, count: count * pitch)
      for patch in 0..<count {
        for (index, value) in random.floats(length).enumerated() {
          patches[patch * pitch + index] = Double(value)
        }
      }
      var sums = [Double](repeating: 0, count: rows * pitch)
      for row in 0..<length { for column in 0..<length { sums[row * pitch + column] = 3 } }
      // In two runs: sums go on from what is there.
      for range in [0..<count / 2, count / 2..<count] {
        patches.withUnsafeBufferPointer { patches in
          sums.withUnsafeMutableBufferPointer { sums in
            guard let base = patches.baseAddress, let target = sums.baseAddress else { return }
            variant.kernels.addGram(
              GramUpdate(
                patches: base + range.lowerBound * pitch, count: range.count, length: length,
                pitch: pitch, sums: target))
          }
        }
      }
      for row in 0..<length {
        for column in row..<length {
          let expected = (0..<count).reduce(3.0) {
            $0 + patches[$1 * pitch + row] * patches[$1 * pitch + column]
          }
          #expect((sums[row * pitch + column] - expected).magnitude <= 1e-13 * Double(count + 3))
        }
      }
    }
  }
}
