import Testing
import TesseraKernels

@Suite("Conversions")
struct ConversionTests {
  static let counts = [0, 1, 3, 7, 15, 16, 17, 33, 64, 100]

  @Test("bytes become the values of their table", arguments: Variants.all, counts)
  func bytes(variant: Variants, count: Int) {
    var random = Seeded(1)
    let source: [UInt8] = random.integers(count)
    let table = Normalization(scale: 1 / 255, mean: 0.485, std: 0.229).table()
    var result = [Float](repeating: .nan, count: count + 1)
    variant.kernels.convertU8(source, table, &result, count)
    #expect(Array(result.prefix(count)) == source.map { table[Int($0)] })
    variant.kernels.widenU8(source, &result, count)
    #expect(Array(result.prefix(count)) == source.map { Float($0) })
    #expect(result[count].isNaN)
  }

  @Test("16-bit values and floats are normalized step by step", arguments: Variants.all, counts)
  func normalization(variant: Variants, count: Int) {
    var random = Seeded(2)
    let words: [UInt16] = random.integers(count)
    let floats = random.floats(count)
    let rule = Normalization(scale: 1 / 65535, mean: 0.456, std: 0.224)
    var result = [Float](repeating: .nan, count: count + 1)
    variant.kernels.normalizeU16(words, rule, &result, count)
    #expect(Array(result.prefix(count)) == words.map { rule.apply(Double($0)) })
    variant.kernels.normalizeF32(floats, rule, &result, count)
    #expect(Array(result.prefix(count)) == floats.map { rule.apply(Double($0)) })
    #expect(result[count].isNaN)
  }

  @Test("a normalization scales in double precision, then subtracts and divides in single")
  func order() {
    let rule = Normalization(scale: 1 / 255, mean: 0.5, std: 0.25)
    let scaled = Float(77 * (1 / 255.0))
    #expect(rule.apply(77) == (scaled - 0.5) / 0.25)
    #expect(Normalization().apply(3) == 3)
    #expect(rule.table().count == 256)
  }

  @Test("floats are rounded half to even and saturate", arguments: Variants.all, counts)
  func quantization(variant: Variants, count: Int) {
    var random = Seeded(3)
    let edges: [Float] = [
      -0.5, -0.500_001, 0.5, 1.5, 2.5, 254.5, 255.49, 255.5, 65534.5, 65535.49, 65535.5, .nan,
      .infinity, -.infinity, -0.0, 1e30, -1e30, 65536,
    ]
    let source = (0..<count).map { $0 < edges.count ? edges[$0] : random.floats(1)[0] * 200 }
    for (scale, offset) in [(Float(1), Float(0)), (127.5, 3.25)] {
      var bytes = [UInt8](repeating: 7, count: count + 1)
      let lostBytes = variant.kernels.quantizeToU8(source, &bytes, count, scale, offset)
      let expectedBytes = source.map {
        ReferenceKernels.quantize($0, scale: scale, offset: offset, maximum: 255)
      }
      #expect(bytes.prefix(count).map(Int.init) == expectedBytes.map(\.value))
      #expect(lostBytes == expectedBytes.filter(\.isLost).count)
      var words = [UInt16](repeating: 7, count: count + 1)
      let lostWords = variant.kernels.quantizeToU16(source, &words, count, scale, offset)
      let expectedWords = source.map {
        ReferenceKernels.quantize($0, scale: scale, offset: offset, maximum: 65_535)
      }
      #expect(words.prefix(count).map(Int.init) == expectedWords.map(\.value))
      #expect(lostWords == expectedWords.filter(\.isLost).count)
      #expect(bytes[count] == 7 && words[count] == 7)
    }
  }

  @Test("every byte and every 16-bit value survives a round trip", arguments: Variants.all)
  func roundTrip(variant: Variants) {
    let words = (0...65_535).map { UInt16($0) }
    var floats = [Float](repeating: 0, count: words.count)
    var back = [UInt16](repeating: 0, count: words.count)
    variant.kernels.normalizeU16(words, Normalization(scale: 1 / 65_535), &floats, words.count)
    #expect(variant.kernels.quantizeToU16(floats, &back, words.count, 65_535, 0) == 0)
    #expect(back == words)
  }

  @Test("pixels are split into planes and joined again", arguments: Variants.all, 1...6)
  func interleaving(variant: Variants, channels: Int) {
    for count in Self.counts {
      var random = Seeded(UInt64(channels * 1000 + count))
      let bytes: [UInt8] = random.integers(channels * count)
      let words: [UInt16] = random.integers(channels * count)
      let floats = random.floats(channels * count)
      let kernels = variant.kernels
      check(bytes, channels, count, kernels.deinterleaveU8, kernels.interleaveU8, fill: 9)
      check(words, channels, count, kernels.deinterleaveU16, kernels.interleaveU16, fill: 9)
      check(floats, channels, count, kernels.deinterleaveF32, kernels.interleaveF32, fill: 9)
    }
  }

  private func check<E: Equatable>(
    _ pixels: [E], _ channels: Int, _ count: Int, _ split: KernelSet.Deinterleave<E>,
    _ join: KernelSet.Interleave<E>, fill: E
  ) {
    let planes = Planes(rows: channels, width: count + 1, fill: fill)
    split(pixels, channels, planes.rows, count)
    for channel in 0..<channels {
      let row = (0..<count).map { planes.rows[channel][$0] }
      #expect(row == (0..<count).map { pixels[$0 * channels + channel] })
      #expect(planes.rows[channel][count] == fill)
    }
    var joined = [E](repeating: fill, count: channels * count + 1)
    planes.withSources { join($0, channels, &joined, count) }
    #expect(joined == pixels + [fill])
  }
}
