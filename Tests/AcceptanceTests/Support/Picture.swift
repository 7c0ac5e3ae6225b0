/// A picture of whole numbers in memory: rows from top to bottom, channels interleaved.
struct Picture: Equatable, Sendable {
  var width: Int
  var height: Int
  var channels: Int
  var bitDepth: Int
  var values: [Int]

  init(width: Int, height: Int, channels: Int, bitDepth: Int, values: [Int]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.bitDepth = bitDepth
    self.values = values
  }

  /// Seeded noise over the whole range: no turn of it looks like another.
  static func noise(
    width: Int, height: Int, channels: Int, bitDepth: Int = 8, seed: UInt64
  ) -> Picture {
    var random = SeededNumbers(seed: seed)
    let mask = (1 << bitDepth) - 1
    return Picture(
      width: width, height: height, channels: channels, bitDepth: bitDepth,
      values: (0..<width * height * channels).map { _ in Int(random.next() >> 32) & mask })
  }

  init(_ png: PNGFile) {
    let header = png.header
    let values =
      header.bitDepth == 8
      ? png.pixels.map { Int($0) }
      : stride(from: 0, to: png.pixels.count, by: 2).map {
        Int(png.pixels[$0]) << 8 | Int(png.pixels[$0 + 1])
      }
    self.init(
      width: header.width, height: header.height, channels: header.channels,
      bitDepth: header.bitDepth, values: values)
  }

  /// The values of one pixel.
  func pixel(row: Int, column: Int) -> ArraySlice<Int> {
    let first = (row * width + column) * channels
    return values[first..<first + channels]
  }

  /// The values of one channel, row after row.
  func plane(_ channel: Int) -> [Int] {
    stride(from: channel, to: values.count, by: channels).map { values[$0] }
  }

  /// The values as a PNG file stores a row of them: 16 bits as big-endian words.
  var bytes: [UInt8] {
    bitDepth == 8
      ? values.map { UInt8($0) } : values.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
  }
}

/// The same numbers on every machine: SplitMix64.
struct SeededNumbers: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
