import TesseraKernels
import Testing

@Suite("Interleaved pixels")
struct PixelTests {
  static let counts = [0, 1, 3, 7, 8, 9, 15, 16, 17, 23, 24, 25, 31, 33, 47, 48, 49, 50, 100, 200]

  /// ImageNet's three, an opacity, one whose products need all bits of a double, and others.
  static func rules(scale: Double) -> [Normalization] {
    [
      Normalization(scale: scale, mean: 0.485, std: 0.229),
      Normalization(scale: scale, mean: 0.456, std: 0.224),
      Normalization(scale: scale, mean: 0.406, std: 0.225),
      Normalization(scale: scale),
      Normalization(scale: 0.1, mean: -3, std: -0.7),
      Normalization(scale: 1.000_000_119, mean: 127.5, std: 63),
      Normalization(),
    ]
  }

  @Test(
    "pixels are normalized as each channel by itself, from any channel on", arguments: Variants.all,
    [1, 2, 3, 4, 5, 7])
  func normalization(variant: Variants, channels: Int) {
    var random = Seeded(31)
    let bytes: [UInt8] = random.integers(400)
    let words: [UInt16] = random.integers(400)
    let kernels = variant.kernels
    let byteRules = Array(Self.rules(scale: 1 / 255).prefix(channels))
    let wordRules = Array(Self.rules(scale: 1 / 65_535).prefix(channels))
    check(bytes, byteRules, kernels.preparePixelsU8(byteRules), kernels.normalizePixelsU8)
    check(words, wordRules, kernels.preparePixelsU16(wordRules), kernels.normalizePixelsU16)
  }

  private func check<E: FixedWidthInteger>(
    _ values: [E], _ rules: [Normalization], _ prepared: PixelNormalization,
    _ normalize: KernelSet.NormalizePixels<E>
  ) {
    for count in Self.counts {
      for phase in rules.indices {
        var result = [Float](repeating: .nan, count: count + 1)
        normalize(values, prepared, phase, &result, count)
        let expected = (0..<count).map {
          rules[($0 + phase) % rules.count].apply(Double(values[$0])).bitPattern
        }
        #expect(
          result.prefix(count).map(\.bitPattern) == expected, "\(count) values from \(phase) on")
        #expect(result[count].isNaN)
      }
    }
  }

  /// Rules for which products of floats go wrong: subnormal products, quotients beyond all floats.
  static let hardRules = [
    Normalization(scale: 1e-41, mean: 0, std: 1),
    Normalization(scale: 3e-40, mean: .leastNormalMagnitude / 512, std: 0.3),
    Normalization(scale: 1 / 255, mean: 0.5, std: .leastNormalMagnitude / 8),
    Normalization(scale: 1e30, mean: 0.5, std: 1e-9),
    Normalization(scale: 1 / 255, mean: 0.25, std: 0),
    Normalization(scale: 1e-3, mean: 0.1, std: .infinity),
    Normalization(scale: 1e-3, mean: 0.1, std: 3e38),
    Normalization(scale: 7e37, mean: 3e38, std: 0.7),
  ]

  @Test(
    "every value of every rule has the bits of Normalization.apply", arguments: Variants.all,
    PixelTests.rules(scale: 1 / 255) + PixelTests.rules(scale: 1 / 65_535) + PixelTests.hardRules)
  func everyValue(variant: Variants, rule: Normalization) {
    let kernels = variant.kernels
    let words = (0...65_535).map { UInt16($0) }
    var result = [Float](repeating: 0, count: words.count)
    kernels.normalizePixelsU16(words, kernels.preparePixelsU16([rule]), 0, &result, words.count)
    #expect(words.allSatisfy { same(result[Int($0)], rule.apply(Double($0))) })
    let bytes = (0...255).map { UInt8($0) }
    kernels.normalizePixelsU8(bytes, kernels.preparePixelsU8([rule]), 0, &result, bytes.count)
    #expect(bytes.allSatisfy { same(result[Int($0)], rule.apply(Double($0))) })
  }

  /// Whether two floats have the same bits, or none is a number: which NaN it is, no sum tells.
  private func same(_ first: Float, _ second: Float) -> Bool {
    first.bitPattern == second.bitPattern || first.isNaN && second.isNaN
  }

  @Test("one channel that needs steps does not spoil the others", arguments: Variants.all)
  func mixture(variant: Variants) {
    let rules = Array(Self.rules(scale: 1 / 255).prefix(2)) + [Self.hardRules[1]]
    let bytes = (0..<768).map { UInt8($0 / 3) }
    var result = [Float](repeating: 0, count: bytes.count)
    let prepared = variant.kernels.preparePixelsU8(rules)
    variant.kernels.normalizePixelsU8(bytes, prepared, 0, &result, bytes.count)
    #expect(result.indices.allSatisfy { result[$0] == rules[$0 % 3].apply(Double(bytes[$0])) })
    #expect(prepared.channels == rules)
    #expect(prepared.byteCount >= 3 * (17 * (6 * 4 + 8) + MemoryLayout<Normalization>.stride))
  }

  @Test(
    "pixels are quantized and counted as each channel by itself, from any channel on",
    arguments: Variants.all, [1, 2, 3, 4, 5, 7])
  func quantization(variant: Variants, channels: Int) {
    var random = Seeded(32)
    let edges: [Float] = [
      -0.5, -0.500_001, 0.5, 1.5, 2.5, 254.5, 255.49, 255.5, 65534.5, 65535.49, 65535.5, .nan,
      .infinity, -.infinity, -0.0, 1e30, -1e30, 65536,
    ]
    // Channels that differ in scale or offset, and one that changes nothing, for the edges.
    let scales = (0..<channels).map { [1, 64, 127.5, -80, 20_000][$0 % 5] as Float }
    let offsets = (0..<channels).map { [0, 100, 127.5, 3.25, -7][$0 % 5] as Float }
    let map = PixelQuantization(scales: scales, offsets: offsets)
    for count in Self.counts {
      let values = (0..<count).map { _ in
        Bool.random(using: &random)
          ? edges.randomElement(using: &random) ?? 0 : Float.random(in: -300...300, using: &random)
      }
      for phase in 0..<channels {
        var bytes = [UInt8](repeating: 7, count: count + 1)
        var words = [UInt16](repeating: 7, count: count + 1)
        let lostBytes = variant.kernels.quantizePixelsToU8(values, map, phase, &bytes, count)
        let lostWords = variant.kernels.quantizePixelsToU16(values, map, phase, &words, count)
        for (results, lost, maximum) in [
          (bytes.map(Int.init), lostBytes, 255), (words.map(Int.init), lostWords, 65_535),
        ] {
          let expected = (0..<count).map {
            let channel = ($0 + phase) % channels
            return ReferenceKernels.quantize(
              values[$0], scale: scales[channel], offset: offsets[channel], maximum: maximum)
          }
          #expect(results == expected.map(\.value) + [7], "\(count) values from \(phase) on")
          #expect(lost == expected.filter(\.isLost).count)
        }
      }
    }
    #expect(map.channels == channels && map.byteCount == channels * 17 * 8)
  }
}
