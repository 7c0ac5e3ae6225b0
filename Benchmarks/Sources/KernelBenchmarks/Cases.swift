import TesseraCore
import TesseraKernels

/// Makes the case of a name; images in files have their margins already.
func makeCase(
  _ name: String, _ numbers: [Int], _ input: RawFloats, _ kernels: KernelSet
) throws -> any KernelCase {
  switch (name, numbers.count) {
  case ("depthwise", 1): try RowCase(numbers[0], isSeparable: false, input, kernels)
  case ("separable", 1): try RowCase(numbers[0], isSeparable: true, input, kernels)
  case ("bank", 2): try BankCase(filters: numbers[0], size: numbers[1], input, kernels)
  case ("filters", 2): try FilterCase(filters: numbers[0], size: numbers[1], input, kernels)
  case ("unfold", 3): try UnfoldCase(numbers, input, kernels)
  case ("fold", 3): try FoldCase(numbers, input, kernels)
  case ("means", 2): try MeansCase(numbers, input, kernels)
  case ("median", 1): try MedianCase(numbers[0], input, kernels)
  case ("resize", 4): try ResizeCase(numbers, input, kernels)
  case ("embed", 0): try EmbeddingCase(input, kernels)
  default: throw CaseError.usage
  }
}

/// Values of the image.
let imageValues = Image.channels * Image.height * Image.width

/// A kernel applied to each channel: as it is, or as a column and a row.
final class RowCase: KernelCase {
  private let (size, isSeparable): (Int, Bool)
  private let kernels: KernelSet
  private let input: Image
  private let output = Image(margin: 0, random: false)
  private let weights: [Float]
  private let scratch: UnsafeMutablePointer<Float>
  private let band = 32

  init(_ size: Int, isSeparable: Bool, _ file: RawFloats, _ kernels: KernelSet) throws {
    (self.size, self.isSeparable, self.kernels) = (size, isSeparable, kernels)
    input = Image(margin: size / 2, random: false)
    let used = try input.load(file)
    let count = isSeparable ? 2 * size : size * size
    weights = Array(
      UnsafeBufferPointer(start: try file.pointer(from: used, count: count), count: count))
    scratch = randomFloats(
      SeparableConvolution.scratchCount(width: Image.width, kernelWidth: size, dilation: 1))
  }

  /// Two passes count for what they compute, not for what they spare.
  var cost: Cost { .operations(2 * imageValues * (isSeparable ? 2 * size : size * size)) }
  var results: [UnsafeBufferPointer<Float>] { output.contents }

  func run() {
    weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      for channel in 0..<Image.channels {
        for first in stride(from: 0, to: Image.height, by: band) {
          let rows = input.sources + channel * input.rowsPerChannel + first
          let outputs = output.targets + channel * output.rowsPerChannel + first
          let count = min(band, Image.height - first)
          if isSeparable {
            kernels.separable(
              SeparableConvolution(
                rows: rows, outputs: outputs, outputRows: count, width: Image.width,
                column: weights, row: weights + size, kernelHeight: size, kernelWidth: size,
                scratch: scratch))
          } else {
            kernels.depthwise(
              Convolution(
                rows: rows, rowsPerChannel: 0, outputs: outputs, outputRows: count,
                width: Image.width, weights: weights, kernelHeight: size, kernelWidth: size))
          }
        }
      }
    }
  }
}

/// Filters that mix the three channels.
final class BankCase: KernelCase {
  private let (filters, size): (Int, Int)
  private let kernels: KernelSet
  private let input: Image
  private let output: Image
  private let weights: UnsafeMutablePointer<Float>
  private let file: RawFloats
  private let band = 8
  private let targets: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

  init(filters: Int, size: Int, _ file: RawFloats, _ kernels: KernelSet) throws {
    (self.filters, self.size, self.kernels, self.file) = (filters, size, kernels, file)
    input = Image(margin: size / 2, random: false)
    output = Image(channels: filters, margin: 0, random: false)
    weights = try file.pointer(from: try input.load(file), count: filters * 3 * size * size)
    targets = .allocate(capacity: filters * band)
  }

  deinit { targets.deallocate() }

  var cost: Cost { .operations(2 * filters * imageValues * size * size) }
  var results: [UnsafeBufferPointer<Float>] { output.contents }

  func run() {
    for first in stride(from: 0, to: Image.height, by: band) {
      for filter in 0..<filters {
        for row in 0..<band {
          targets[filter * band + row] = output.rows[filter * Image.height + first + row]
        }
      }
      kernels.bank(
        Convolution(
          rows: input.sources + first, rowsPerChannel: input.rowsPerChannel,
          channels: Image.channels, outputs: targets, outputRows: band, width: Image.width,
          weights: weights, filters: filters, kernelHeight: size, kernelWidth: size))
    }
  }
}

/// Torch's unfold into a buffer that is used again.
final class UnfoldCase: KernelCase {
  private let work: PatchWork
  private let columns: UnsafeMutablePointer<Float>
  private let count: Int

  init(_ window: [Int], _ file: RawFloats, _ kernels: KernelSet) throws {
    work = try PatchWork(kernels, kernel: window[0], stride: window[1], padding: window[2])
    _ = try work.image.load(file)
    count = work.depth * work.grid.blockCount
    columns = randomFloats(count)
  }

  deinit { columns.deallocate() }

  var cost: Cost { .bytes(4 * count) }
  var results: [UnsafeBufferPointer<Float>] { [UnsafeBufferPointer(start: columns, count: count)] }
  func run() { work.unfold(columns) }
}

/// Torch's fold: sums, not averages.
final class FoldCase: KernelCase {
  private let work: PatchWork
  private let columns: UnsafeMutablePointer<Float>
  private let count: Int
  private let file: RawFloats
  private let sums = Image(margin: 0, random: false)

  init(_ window: [Int], _ file: RawFloats, _ kernels: KernelSet) throws {
    self.file = file
    work = try PatchWork(kernels, kernel: window[0], stride: window[1], padding: window[2])
    count = work.depth * work.grid.blockCount
    columns = try file.pointer(count: count)
  }

  var cost: Cost { .bytes(4 * count) }
  var results: [UnsafeBufferPointer<Float>] { sums.contents }
  func run() { work.fold(columns, sums) }
}

/// Unfold, subtract each patch's mean, fold by count, as the executor does it.
final class MeansCase: KernelCase {
  private let work: PatchWork
  private let patches: NormalizedPatches
  private let scratch: AlignedBuffer
  private let means = Image(margin: 0, random: false)

  init(_ window: [Int], _ file: RawFloats, _ kernels: KernelSet) throws {
    work = try PatchWork(kernels, kernel: window[0], stride: window[1], padding: 0)
    _ = try work.image.load(file)
    patches = try work.normalizedPatches()
    scratch = AlignedBuffer(byteCount: patches.scratchCount * 4)
  }

  var cost: Cost { .bytes(4 * work.depth * work.grid.blockCount) }
  var results: [UnsafeBufferPointer<Float>] { means.contents }
  func run() { work.normalize(patches, scratch.pointer(to: Float.self), means) }
}

/// Patch embedding as the executor does it: tiles of blocks, each times the weights.
final class EmbeddingCase: KernelCase {
  private static let (images, side, kernel, outputs) = (32, 224, 16, 768)
  private let file: RawFloats
  private let kernels: KernelSet
  private let tileWidth: Int
  private let pixels: UnsafeMutablePointer<Float>
  private let weights: UnsafeMutablePointer<Float>
  private let tile: UnsafeMutablePointer<Float>
  private let product: UnsafeMutablePointer<Float>
  private let tokens: UnsafeMutablePointer<Float>
  private let starts: UnsafeMutablePointer<Int>
  private let rows: UnsafeMutablePointer<UnsafePointer<Float>>
  private let blocks = (side / kernel) * (side / kernel)
  private let depth = 3 * kernel * kernel

  init(_ file: RawFloats, _ kernels: KernelSet) throws {
    (self.file, self.kernels) = (file, kernels)
    tileWidth = kernels.tilePitch(depth: depth, blockCount: blocks)
    let pixelCount = Self.images * 3 * Self.side * Self.side
    pixels = try file.pointer(count: pixelCount)
    weights = try file.pointer(from: pixelCount, count: Self.outputs * depth)
    tile = randomFloats(depth * tileWidth)
    product = randomFloats(Self.outputs * tileWidth)
    tokens = randomFloats(Self.images * Self.outputs * blocks)
    starts = .allocate(capacity: Self.side / Self.kernel)
    for column in 0..<(Self.side / Self.kernel) { starts[column] = column * Self.kernel }
    rows = .allocate(capacity: 3 * Self.kernel)
  }

  deinit {
    for buffer in [tile, product, tokens] { buffer.deallocate() }
    starts.deallocate()
    rows.deallocate()
  }

  var cost: Cost { .operations(2 * Self.images * blocks * Self.outputs * depth) }
  var results: [UnsafeBufferPointer<Float>] {
    [UnsafeBufferPointer(start: tokens, count: Self.images * Self.outputs * blocks)]
  }

  func run() {
    for image in 0..<Self.images {
      for first in stride(from: 0, to: blocks, by: tileWidth) {
        let count = min(tileWidth, blocks - first)
        gather(image, first..<first + count)
        kernels.multiply(
          TileProduct(
            weights: weights, bias: nil, tile: tile, tilePitch: tileWidth, destination: product,
            destinationPitch: tileWidth, rows: Self.outputs, depth: depth,
            columns: (count + kernels.lanes - 1) / kernels.lanes * kernels.lanes))
        for row in 0..<Self.outputs {
          (tokens + (image * Self.outputs + row) * blocks + first).update(
            from: product + row * tileWidth, count: count)
        }
      }
    }
  }

  private func gather(_ image: Int, _ run: Range<Int>) {
    let columns = Self.side / Self.kernel
    var block = run.lowerBound
    while block < run.upperBound {
      let (row, column) = block.quotientAndRemainder(dividingBy: columns)
      let count = min(columns - column, run.upperBound - block)
      for channel in 0..<3 {
        for i in 0..<Self.kernel {
          let y = (image * 3 + channel) * Self.side + row * Self.kernel + i
          rows[channel * Self.kernel + i] = UnsafePointer(pixels + y * Self.side)
        }
      }
      kernels.gatherF32(
        TileGather(
          rows: rows, rowCount: 3 * Self.kernel, starts: starts + column, blockCount: count,
          kernelWidth: Self.kernel, dilation: 1, tile: tile + (block - run.lowerBound),
          pitch: tileWidth))
      block += count
    }
  }
}
