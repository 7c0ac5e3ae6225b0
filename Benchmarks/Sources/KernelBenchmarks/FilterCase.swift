import TesseraKernels

/// Filters that are each applied to one channel by itself.
final class FilterCase: KernelCase {
  private let (filters, size): (Int, Int)
  private let kernels: KernelSet
  private let input: Image
  private let output: Image
  private let weights: UnsafeMutablePointer<Float>
  private let file: RawFloats
  private let band = 96
  private let targets: UnsafeMutablePointer<UnsafeMutablePointer<Float>>

  init(filters: Int, size: Int, _ file: RawFloats, _ kernels: KernelSet) throws {
    (self.filters, self.size, self.kernels, self.file) = (filters, size, kernels, file)
    input = Image(channels: 1, margin: size / 2, random: false)
    output = Image(channels: filters, margin: 0, random: false)
    weights = try file.pointer(from: try input.load(file), count: filters * size * size)
    targets = .allocate(capacity: filters * band)
  }

  deinit { targets.deallocate() }

  var cost: Cost { .operations(2 * filters * Image.height * Image.width * size * size) }
  var results: [UnsafeBufferPointer<Float>] { output.contents }

  func run() {
    for first in stride(from: 0, to: Image.height, by: band) {
      let count = min(band, Image.height - first)
      for filter in 0..<filters {
        for row in 0..<count {
          targets[filter * count + row] = output.rows[filter * Image.height + first + row]
        }
      }
      kernels.depthwise(
        Convolution(
          rows: input.sources + first, rowsPerChannel: 0, outputs: targets, outputRows: count,
          width: Image.width, weights: weights, filters: filters, kernelHeight: size,
          kernelWidth: size))
    }
  }
}
