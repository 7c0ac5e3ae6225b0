import Glibc
import TesseraKernels

/// Medians of planes of bytes whose margins hold what stands outside.
final class MedianCase: KernelCase {
  private let size: Int
  /// Rows at a time, as the executor takes them.
  private let band = 64
  private let kernels: KernelSet
  private let input: UnsafeMutablePointer<UInt8>
  private let output: UnsafeMutablePointer<UInt8>
  private let sources: [UnsafePointer<UInt8>]
  private let targets: [UnsafeMutablePointer<UInt8>]
  private let scratch: UnsafeMutablePointer<UInt8>
  private let network: SelectionNetwork?
  private let histograms: HistogramRanks

  init(_ size: Int, _ file: RawFloats, _ kernels: KernelSet) throws {
    (self.size, self.kernels) = (size, kernels)
    let (rows, width) = (Image.height + size - 1, Image.width + size - 1)
    let count = Image.channels * rows * width
    let values = try file.pointer(count: count)
    input = Self.planes(count)
    for index in 0..<count { input[index] = UInt8(values[index]) }
    output = Self.planes(imageValues)
    sources = (0..<Image.channels * rows).map { [input] in UnsafePointer(input + $0 * width) }
    targets = (0..<Image.channels * Image.height).map { [output] in output + $0 * Image.width }
    let (rank, lanes) = (size * size / 2, 4 * kernels.lanes)
    histograms = HistogramRanks(height: size, width: size, rank: rank)
    network = size < 10 ? SelectionNetwork(height: size, width: size, rank: rank) : nil
    let counts = [
      SmallMedians.scratchCount(size: size, lanes: lanes), histograms.scratchCount,
      network?.scratchCount(lanes: lanes, bytes: lanes, step: 1) ?? 0,
    ]
    scratch = .allocate(capacity: counts.max() ?? 0)
  }

  /// Zeros in large pages: NumPy asks for those, so the peer's arrays lie in them.
  private static func planes(_ count: Int) -> UnsafeMutablePointer<UInt8> {
    let largePage = 1 << 21
    let planes = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: largePage)
    madvise(planes, count, MADV_HUGEPAGE)
    return planes.initializeMemory(as: UInt8.self, repeating: 0, count: count)
  }

  deinit {
    input.deallocate()
    output.deallocate()
    scratch.deallocate()
  }

  var cost: Cost { .bytes(imageValues) }

  var results: [UnsafeBufferPointer<Float>] {
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: imageValues)
    for index in 0..<imageValues { values.initializeElement(at: index, to: Float(output[index])) }
    return [UnsafeBufferPointer(values)]
  }

  func run() {
    sources.withUnsafeBufferPointer { sources in
      targets.withUnsafeBufferPointer { targets in
        guard let source = sources.baseAddress, let target = targets.baseAddress else { return }
        for channel in 0..<Image.channels {
          for row in stride(from: 0, to: Image.height, by: band) {
            make(
              WindowRanks(
                rows: source + channel * (Image.height + size - 1) + row,
                outputs: target + channel * Image.height + row,
                outputRows: min(band, Image.height - row), width: Image.width, scratch: scratch))
          }
        }
      }
    }
  }

  private func make(_ job: WindowRanks<UInt8>) {
    if size == 3 || size == 5 {
      kernels.medianU8(job, size)
    } else if let network {
      kernels.selectU8(job, network)
    } else {
      kernels.rankByHistograms(job, histograms)
    }
  }
}
