import TesseraCore
import TesseraEngine
import Testing

@testable import TesseraPipeline

/// Integers of floats whose range is so narrow that its inverse is beyond float32.
@Suite struct SteepRangesTests {
  /// 64 levels from a value on, a step apart; every one of them a float.
  private static func levels(from first: Float, by step: Float) -> [Float] {
    (0..<64).map { first + Float(($0 * 29) % 64) * step }
  }

  static let ranges: [(first: Float, step: Float)] = [
    (0, 0x1p-126), (0, 0x1p-125), (0, 0x1p-135), (0, 0x1p-149), (-0x1p-122, 0x1p-127),
    (-0x1p-140, 0x1p-144), (0x1p-110, 0x1p-128), (-0x1p-100, 0x1p-119), (0, 0x1p-100), (0, 1),
    (0, 0x1p121), (-0x1p126, 0x1p121), (0x1p100, 0x1p84),
  ]

  @Test(
    "Every finite range has its values", arguments: ranges, [ElementType.uint8, .uint16])
  func automatic(_ range: (first: Float, step: Float), _ type: ElementType) throws {
    let image = TestArray([1, 8, 8], Self.levels(from: range.first, by: range.step))
    let maximum = Double(type.maximum ?? 1)
    let expected = (0..<64).map { (Double(($0 * 29) % 64) / 63 * maximum).rounded() }
    let last = Double(range.first) + 63 * Double(range.step)
    let png = #"{"stage": "encode", "bit_depth": \#(type == .uint8 ? 8 : 16), "range": "#
    let array = #"{"stage": "encode", "format": "npy", "dtype": "\#(type.rawValue)", "range": "#
    let whole = #"{"stage": "unfold", "kernel_size": 8}, "#
    for rewrites in [Rewrites.all, []] {
      let workshop = try Workshop()
      workshop.rewrites = rewrites
      for encode in [png, array, whole + array] {
        for range in [#""auto""#, "[\(Double(range.first)), \(last)]"] {
          let found = try workshop.array("\(encode)\(range)}", on: image)
          #expect(found.values == expected, "\(encode)\(range)")
        }
      }
    }
  }

  @Test("What is not finite beside them goes to the ends")
  func notFinite() throws {
    var values = Self.levels(from: 0, by: 0x1p-130)
    (values[5], values[17], values[40]) = (.nan, .infinity, -.infinity)
    let found = try Workshop().array(
      #"{"stage": "encode", "range": "auto"}"#, on: TestArray([1, 8, 8], values))
    #expect([5, 17, 40].map { found.values[$0] } == [0, 255, 0])
    #expect(Set(found.values).count == 61)
  }
}
