import Testing
import TesseraCore

@testable import TesseraCodecs

@Suite struct FastPNGTests {
  static let shapes = [
    ImageShape(channels: 1, height: 1, width: 1), ImageShape(channels: 1, height: 1, width: 65_535),
    ImageShape(channels: 1, height: 2, width: 65_536),
    ImageShape(channels: 3, height: 1, width: 17),
    ImageShape(channels: 4, height: 3, width: 40_000),
    ImageShape(channels: 3, height: 257, width: 85),
    ImageShape(channels: 1, height: 65_536, width: 1),
    ImageShape(channels: 2, height: 5, width: 16),
  ]

  @Test("Flat, stepped and random images of awkward sizes survive", arguments: shapes)
  func images(_ shape: ImageShape) throws {
    let count = shape.channels * shape.height * shape.width
    var generator = SeededGenerator(seed: 11)
    let contents: [[UInt8]] = [
      [UInt8](repeating: 0, count: count), [UInt8](repeating: 201, count: count),
      (0..<count).map { UInt8(truncatingIfNeeded: $0 / 300) },
      (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) },
      (0..<count).map { UInt8(truncatingIfNeeded: $0 % 7 == 0 ? $0 : 3) },
    ]
    for bytes in contents {
      try survives(Pixels(shape: shape, elementType: .uint8, bytes: bytes))
    }
  }

  @Test("Bytes of very unequal frequency survive: their code would be too long")
  func unequal() throws {
    // The first row's residuals are differences to the left: Fibonacci numbers of each.
    var residuals: [UInt8] = []
    var (number, next) = (1, 1)
    for symbol in 0..<21 {
      residuals += [UInt8](repeating: UInt8(symbol * 11), count: number)
      (number, next) = (next, number + next)
    }
    var generator = SeededGenerator(seed: 2)
    residuals.shuffle(using: &generator)
    var value: UInt8 = 0
    let bytes = residuals.map { residual in
      value &+= residual
      return value
    }
    let shape = ImageShape(channels: 1, height: 1, width: bytes.count)
    try survives(Pixels(shape: shape, elementType: .uint8, bytes: bytes))
  }

  @Test("A code is complete, within its limit, and no longer for frequent symbols")
  func codes() {
    var generator = SeededGenerator(seed: 4)
    for symbols in [1, 2, 3, 19, 100, 286] {
      for limit in [7, 9, 14] where symbols <= 1 << limit {
        let counts = (0..<symbols).map { symbol -> UInt32 in
          symbol % 5 == 4 ? 0 : UInt32.random(in: 0...20, using: &generator) << UInt32(symbol % 20)
        }
        let code = HuffmanCode(counts: counts, limit: limit)
        let used = counts.indices.filter { counts[$0] > 0 }
        let words = code.lengths.filter { $0 > 0 }
        #expect(words.count == used.count)
        #expect(words.allSatisfy { $0 <= limit })
        let sum = words.reduce(0) { $0 + 1 << (limit - Int($1)) }
        #expect(used.count < 2 || sum == 1 << limit)
        for (left, right) in zip(used, used.dropFirst()) where counts[left] > counts[right] {
          #expect(code.lengths[left] <= code.lengths[right])
        }
      }
    }
  }

  private func survives(_ pixels: Pixels) throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.png")
    try encode(
      pixels,
      to: PNGWriter(
        path: path, shape: pixels.shape, elementType: .uint8,
        hasAlpha: pixels.shape.channels % 2 == 0),
      band: 100)
    let decoded = try decode(path, failOn: .warning, band: 64)
    #expect(decoded.pixels == pixels)
  }
}
