import TesseraCore
import Testing

struct PaddingModeTests {
  /// What numpy.pad(arange(size), 11, mode) gives, a digit a value (NumPy 2.4).
  static let padded: [(PaddingMode, Int, String)] = [
    (.reflect, 1, "00000000000000000000000"),
    (.reflect, 2, "101010101010101010101010"),
    (.reflect, 3, "1210121012101210121012101"),
    (.reflect, 4, "12321012321012321012321012"),
    (.reflect, 5, "321012343210123432101234321"),
    (.symmetric, 1, "00000000000000000000000"),
    (.symmetric, 2, "110011001100110011001100"),
    (.symmetric, 3, "1221001221001221001221001"),
    (.symmetric, 4, "21001233210012332100123321"),
    (.symmetric, 5, "001234432100123443210012344"),
    (.replicate, 1, "00000000000000000000000"),
    (.replicate, 2, "000000000000111111111111"),
    (.replicate, 3, "0000000000001222222222222"),
    (.replicate, 4, "00000000000012333333333333"),
    (.replicate, 5, "000000000000123444444444444"),
    (.circular, 1, "00000000000000000000000"),
    (.circular, 2, "101010101010101010101010"),
    (.circular, 3, "1201201201201201201201201"),
    (.circular, 4, "12301230123012301230123012"),
    (.circular, 5, "401234012340123401234012340"),
  ]

  @Test("Padding is NumPy's, far beyond the size too", arguments: padded)
  func asNumPy(mode: PaddingMode, size: Int, expected: String) {
    let text = (-11..<size + 11).map { mode.source(of: $0, size: size).map(String.init) ?? "-" }
    #expect(text.joined() == expected)
  }

  @Test("Zeros stand outside, the image inside")
  func zeros() {
    let sources = (-2..<4).map { PaddingMode.zeros.source(of: $0, size: 2) }
    #expect(sources == [nil, nil, 0, 1, nil, nil])
  }

  @Test("Positions of any size have a source inside", arguments: PaddingMode.allCases)
  func farAway(mode: PaddingMode) {
    for position in [Int.min, .min + 1, -1, .max] where mode != .zeros {
      for size in [1, 2, 3, 1 << 40] {
        let source = mode.source(of: position, size: size)
        #expect(source.map { (0..<size).contains($0) } == true)
      }
    }
  }
}
