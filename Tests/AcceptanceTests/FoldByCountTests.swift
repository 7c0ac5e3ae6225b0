import Testing

/// Means over blocks, bit for bit: where counts along one axis are powers of two, and along the other
/// are not, nobody may multiply by their inverse.
@Suite struct FoldByCountTests {
  /// Windows, and how many of them there are.
  struct Windows: Sendable, CustomTestStringConvertible {
    var kernel: [Int]
    var stride: [Int]
    var blocks: [Int]
    var channels = 1

    var size: [Int] { (0..<2).map { (blocks[$0] - 1) * stride[$0] + kernel[$0] } }
    var testDescription: String { "\(kernel) every \(stride), \(blocks) of them" }

    /// Values per channel and block.
    var area: Int { kernel[0] * kernel[1] }

    /// The mean over the blocks on each pixel of what they have there: a sum that is exact in double
    /// precision, divided once.
    func means(_ value: (_ channel: Int, _ block: (Int, Int), _ place: (Int, Int)) -> Double)
      -> [(sum: Double, count: Double)]
    {
      var means: [(sum: Double, count: Double)] = []
      for channel in 0..<channels {
        for y in 0..<size[0] {
          for x in 0..<size[1] {
            var (sum, count) = (0.0, 0.0)
            for row in 0..<blocks[0] where 0..<kernel[0] ~= y - row * stride[0] {
              for column in 0..<blocks[1] where 0..<kernel[1] ~= x - column * stride[1] {
                sum += value(channel, (row, column), (y - row * stride[0], x - column * stride[1]))
                count += 1
              }
            }
            means.append((sum, count))
          }
        }
      }
      return means
    }
  }

  /// Counts of rows are powers of two and of columns not, the reverse, both and neither.
  static let windows = [
    Windows(kernel: [4, 9], stride: [2, 3], blocks: [7, 40], channels: 2),
    Windows(kernel: [4, 3], stride: [4, 1], blocks: [5, 70]),
    Windows(kernel: [2, 5], stride: [1, 1], blocks: [9, 37], channels: 3),
    Windows(kernel: [9, 8], stride: [3, 4], blocks: [6, 33], channels: 2),
    Windows(kernel: [3, 16], stride: [1, 8], blocks: [11, 9]),
    Windows(kernel: [5, 2], stride: [1, 1], blocks: [8, 67], channels: 3),
    Windows(kernel: [4, 4], stride: [2, 2], blocks: [6, 45]),
    Windows(kernel: [3, 3], stride: [1, 1], blocks: [6, 45]),
  ]

  /// Those of which a mean of integers is exact: patches of 8, 16 or 32 values.
  static let exactWindows = [
    Windows(kernel: [4, 8], stride: [2, 3], blocks: [7, 40], channels: 2),
    Windows(kernel: [8, 4], stride: [3, 2], blocks: [6, 41], channels: 2),
    Windows(kernel: [4, 4], stride: [2, 1], blocks: [6, 61]),
    Windows(kernel: [4, 4], stride: [1, 2], blocks: [9, 39]),
    Windows(kernel: [2, 4], stride: [1, 1], blocks: [7, 50], channels: 3),
  ]

  private static let sets = ["", "baseline"]

  @Test("Patches that are laid over each other: bytes, words and floats", arguments: windows, sets)
  func copies(_ windows: Windows, _ kernels: String) throws {
    let folder = try TemporaryFolder()
    // The image holds the patches side by side.
    let shape = [
      windows.channels, windows.blocks[0] * windows.kernel[0],
      windows.blocks[1] * windows.kernel[1],
    ]
    var random = SeededNumbers(seed: 41)
    let count = shape.reduce(1, *)
    let words = (0..<count).map { (_: Int) in UInt16(truncatingIfNeeded: random.next() >> 40) }
    let floats = words.map { 1 + Float($0) / 65_536 }
    try folder.write(
      NPYFile.file(descriptor: "|u1", shape: shape) + words.map { UInt8($0 >> 8) }, to: "in/u1.npy")
    try folder.write(
      NPYFile.file(descriptor: "<u2", shape: shape)
        + words.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, to: "in/u2.npy")
    try folder.write(NPYFile.float32(floats, shape: shape), to: "in/f4.npy")
    let fold = """
      { "stage": "fold", "output_size": \(windows.size), "kernel_size": \(windows.kernel), \
      "stride": \(windows.stride) }
      """
    try run(
      [
        #"{ "stage": "unfold", "kernel_size": \#(windows.kernel), "stride": \#(windows.kernel) }"#,
        fold,
      ], kernels, in: folder)

    let place = { (channel: Int, block: (Int, Int), place: (Int, Int)) in
      let row = channel * shape[1] + block.0 * windows.kernel[0] + place.0
      return row * shape[2] + block.1 * windows.kernel[1] + place.1
    }
    let rounded = { (mean: (sum: Double, count: Double)) in
      Int((mean.sum / mean.count).rounded(.toNearestOrEven))
    }
    let bytes = windows.means { Double(words[place($0, $1, $2)] >> 8) }.map(rounded)
    #expect(try NPYFile.integers(in: folder.path("out/u1.npy")) == bytes)
    let wide = windows.means { Double(words[place($0, $1, $2)]) }.map(rounded)
    #expect(try NPYFile.integers(in: folder.path("out/u2.npy")) == wide)
    let means = windows.means { Double(floats[place($0, $1, $2)]) }.map { Float($0.sum / $0.count) }
    #expect(try NPYFile.floats(in: folder.path("out/f4.npy")) == means)
  }

  @Test(
    "Patches of which each place was multiplied by a number of its own", arguments: windows, sets)
  func multiplied(_ windows: Windows, _ kernels: String) throws {
    let folder = try TemporaryFolder()
    let image = try image(of: windows, in: folder)
    let length = windows.channels * windows.area
    var matrix = [Float](repeating: 0, count: length * length)
    let factors = (0..<length).map { Double($0 * 7 % 23 - 9) }
    for place in 0..<length { matrix[place * length + place] = Float(factors[place]) }
    try folder.write(NPYFile.float32(matrix, shape: [length, length]), to: "weights.npy")
    try run(
      [
        #"{ "stage": "unfold", "kernel_size": \#(windows.kernel), "stride": \#(windows.stride) }"#,
        #"{ "stage": "transform.linear", "weights": "weights.npy" }"#, #"{ "stage": "fold" }"#,
      ], kernels, in: folder)
    let expected = windows.means { channel, block, place in
      let factor = factors[channel * windows.area + place.0 * windows.kernel[1] + place.1]
      return factor * Self.value(image, windows, channel, block, place)
    }
    #expect(
      try NPYFile.floats(in: folder.path("out/image.npy"))
        == expected.map { Float($0.sum / $0.count) })
  }

  @Test("Patches less their means", arguments: exactWindows, sets)
  func centred(_ windows: Windows, _ kernels: String) throws {
    let folder = try TemporaryFolder()
    let image = try image(of: windows, in: folder)
    try run(
      [
        #"{ "stage": "unfold", "kernel_size": \#(windows.kernel), "stride": \#(windows.stride) }"#,
        #"{ "stage": "transform.mean_removal", "per": "channel" }"#, #"{ "stage": "fold" }"#,
      ], kernels, in: folder)
    let expected = windows.means { channel, block, place in
      var sum = 0.0
      for row in 0..<windows.kernel[0] {
        for column in 0..<windows.kernel[1] {
          sum += Self.value(image, windows, channel, block, (row, column))
        }
      }
      return Self.value(image, windows, channel, block, place) - sum / Double(windows.area)
    }
    #expect(
      try NPYFile.floats(in: folder.path("out/image.npy"))
        == expected.map { Float($0.sum / $0.count) })
  }

  /// Writes an image of small integers as floats.
  private func image(of windows: Windows, in folder: TemporaryFolder) throws -> [Float] {
    var random = SeededNumbers(seed: 42)
    let shape = [windows.channels] + windows.size
    let values = (0..<shape.reduce(1, *)).map { _ in Float(random.next() >> 56) }
    try folder.write(NPYFile.float32(values, shape: shape), to: "in/image.npy")
    return values
  }

  private static func value(
    _ image: [Float], _ windows: Windows, _ channel: Int, _ block: (Int, Int), _ place: (Int, Int)
  ) -> Double {
    let row = channel * windows.size[0] + block.0 * windows.stride[0] + place.0
    return Double(image[row * windows.size[1] + block.1 * windows.stride[1] + place.1])
  }

  private func run(_ stages: [String], _ kernels: String, in folder: TemporaryFolder) throws {
    try folder.write(pipeline(stages, encode: #""format": "npy""#), to: "fold.json")
    let outcome = try Command.run(
      ["run", "fold.json", "--input", "in", "--output", "out"], in: folder.path,
      environment: kernels.isEmpty ? [:] : ["TESSERA_ISA": kernels])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }
}
