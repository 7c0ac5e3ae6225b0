import TesseraKernels

/// Rows of interleaved RGB pixels, a strip of 1920 of them, each kernel against the way that takes
/// planes, tables or floats for the same bits.
struct PixelWork {
  private static let (width, rows, channels) = (1920 * 3, 8, 3)
  private let kernels: KernelSet
  private let bytes: UnsafeMutablePointer<UInt8>
  private let words: UnsafeMutablePointer<UInt16>
  private let floats: UnsafeMutablePointer<Float>
  private let sums: UnsafeMutablePointer<Float>
  private let results: UnsafeMutablePointer<UInt8>

  init(_ kernels: KernelSet) {
    self.kernels = kernels
    let count = 2 * Self.width * Self.rows
    bytes = .allocate(capacity: count)
    words = .allocate(capacity: count)
    results = .allocate(capacity: count)
    floats = randomFloats(count)
    sums = randomFloats(count)
    for index in 0..<count {
      bytes[index] = UInt8(truncatingIfNeeded: Int(floats[index] * 65_536))
      words[index] = UInt16(truncatingIfNeeded: Int(floats[index] * 65_536))
      results[index] = 0
    }
  }

  func measure() {
    func rules(_ scale: Double) -> [Normalization] {
      [(0.485, 0.229), (0.456, 0.224), (0.406, 0.225)].map {
        Normalization(scale: scale, mean: $0, std: $1)
      }
    }
    let (byteRules, wordRules) = (rules(1 / 255), rules(1 / 65_535))
    let table = byteRules[0].table()
    let prepared = (kernels.preparePixelsU8(byteRules), kernels.preparePixelsU16(wordRules))
    let map = PixelQuantization(scales: [58, 57, 57.5], offsets: [124, 116, 104])
    let count = Self.width
    compare(
      "pixels 8 bits → floats", { kernels.normalizePixelsU8(bytes, prepared.0, 0, floats, count) },
      { kernels.convertU8(bytes, table, floats, count) })
    compare(
      "pixels 16 bits → floats",
      { kernels.normalizePixelsU16(words, prepared.1, 0, floats, count) },
      { kernels.normalizeU16(words, wordRules[0], floats, count) })
    compare(
      "pixels floats → 8 bits", { _ = kernels.quantizePixelsToU8(floats, map, 0, results, count) },
      { _ = kernels.quantizeToU8(floats, results, count, 58, 124) })
    filter("sharpen", 3, [0, -1, 0, -1, 5, -1, 0, -1, 0])
    filter("all", 3, [1, 2, 1, 2, 4, 2, 1, 2, 1])
    filter("all", 5, (0..<25).map { Float($0 % 5 - 2) + 0.5 })
  }

  private func compare(
    _ name: String, values: Int = width, _ work: () -> Void, _ limit: () -> Void
  ) {
    // Once alone is too short for the clock.
    func time(_ body: () -> Void) -> Double { median(101) { for _ in 0..<20 { body() } } / 20 }
    let (seconds, other) = (time(work), time(limit))
    let speed = Double(values) / seconds / 1e9
    report(
      name, seconds, other / seconds, "\((speed * 100).rounded() / 100) Gvalue/s",
      of: "planes, or floats")
  }

  /// Strips of 8 rows that the first-level cache holds, as the executor takes them.
  private func filter(_ name: String, _ size: Int, _ weights: [Float]) {
    guard let kernel = IntegerKernel(weights: weights, height: size, width: size) else { return }
    let (width, taken) = (448, Self.rows + size - 1)
    let pitch = 512
    let inputs = (0..<taken).map { UnsafePointer(bytes + $0 * pitch) }
    let outputs = (0..<Self.rows).map { results + $0 * pitch }
    let wide = (0..<taken).map { UnsafePointer(floats + $0 * pitch) }
    let made = (0..<Self.rows).map { sums + $0 * pitch }
    let extended = width + Self.channels * (size - 1)
    compare(
      "pixels \(name) \(size) × \(size)", values: width * Self.rows,
      {
        _ = kernels.convolveU8(
          IntegerConvolution(
            rows: inputs, outputs: outputs, outputRows: Self.rows, width: width, kernel: kernel,
            dilationWidth: Self.channels))
      },
      {
        for row in 0..<taken { kernels.widenU8(inputs[row], floats + row * pitch, extended) }
        kernels.depthwise(
          Convolution(
            rows: wide, rowsPerChannel: 0, outputs: made, outputRows: Self.rows, width: width,
            weights: weights, kernelHeight: size, kernelWidth: size, dilationWidth: Self.channels))
        for row in 0..<Self.rows {
          _ = kernels.quantizeToU8(made[row], outputs[row], width, 1, 0)
        }
      })
  }
}
