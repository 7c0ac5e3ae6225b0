import COpenBLASLimit
import Glibc
import TesseraCore
import TesseraKernels
import TesseraPipeline

// usage: KernelBenchmarks [part of a name]; TESSERA_ISA chooses the kernels.
let kernels = try KernelSet.selected()
if CommandLine.arguments.count > 1, CommandLine.arguments[1] == "case" {
  try CaseServer.serve(Array(CommandLine.arguments.dropFirst(2)), kernels)
  exit(0)
}
let selection = CommandLine.arguments.count > 1 ? CommandLine.arguments[1] : ""
func wanted(_ name: String) -> Bool { selection.isEmpty || name.contains(selection) }
let pixels = Image.channels * Image.height * Image.width

func randomFloats(_ count: Int) -> UnsafeMutablePointer<Float> {
  let values = UnsafeMutablePointer<Float>.allocate(capacity: count)
  var state: UInt32 = 7
  for index in 0..<count {
    state = state &* 1_664_525 &+ 1_013_904_223
    values[index] = Float(state >> 8) / 16_777_216 - 0.5
  }
  return values
}

// The limits.
openblas_set_num_threads(1)
let side = selection.isEmpty ? 2048 : 512
let (a, b, c) = (randomFloats(side * side), randomFloats(side * side), randomFloats(side * side))
let gemm = median(7) {
  cblas_sgemm(
    CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(side), Int32(side), Int32(side), 1, a,
    Int32(side), b, Int32(side), 0, c, Int32(side))
}
let peak = 2 * Double(side * side * side) / gemm / 1e9
let large = selection.isEmpty ? 64 << 20 : 8 << 20
let (from, to) = (randomFloats(large), randomFloats(large))
let copyTime = median(7) { memcpy(to, from, large * 4) }
let copySpeed = Double(large) * 4 / copyTime / 1e9
print("\(kernels.name): sgemm \(peak.rounded()) GFLOP/s, memcpy \(copySpeed.rounded()) GB/s")

func flops(_ work: String, _ operations: Int, _ seconds: Double) {
  let speed = Double(operations) / seconds / 1e9
  report(work, seconds, speed / peak, "\(speed.rounded()) GFLOP/s", of: "sgemm")
}
func bytes(_ work: String, _ count: Int, _ seconds: Double) {
  let speed = Double(count) / seconds / 1e9
  report(work, seconds, speed / copySpeed, "\((speed * 10).rounded() / 10) GB/s", of: "memcpy")
}

let band = 32
for size in [1, 3, 5, 7, 9, 15] where wanted("depthwise") {
  let input = Image(margin: size / 2, random: true)
  let output = Image(margin: 0, random: false)
  let weights = randomFloats(size * size)
  let time = median {
    for channel in 0..<3 {
      for first in stride(from: 0, to: Image.height, by: band) {
        kernels.depthwise(
          Convolution(
            rows: input.sources + channel * input.rowsPerChannel + first, rowsPerChannel: 0,
            outputs: output.targets + channel * output.rowsPerChannel + first,
            outputRows: min(band, Image.height - first), width: Image.width, weights: weights,
            kernelHeight: size, kernelWidth: size))
      }
    }
  }
  flops("depthwise \(size)", 2 * pixels * size * size, time)
}
for size in [3, 5, 15, 31] where wanted("separable") {
  let input = Image(margin: size / 2, random: true)
  let output = Image(margin: 0, random: false)
  let weights = randomFloats(size)
  let scratch = randomFloats(
    SeparableConvolution.scratchCount(width: Image.width, kernelWidth: size, dilation: 1))
  let time = median {
    for channel in 0..<3 {
      for first in stride(from: 0, to: Image.height, by: band) {
        kernels.separable(
          SeparableConvolution(
            rows: input.sources + channel * input.rowsPerChannel + first,
            outputs: output.targets + channel * output.rowsPerChannel + first,
            outputRows: min(band, Image.height - first), width: Image.width, column: weights,
            row: weights, kernelHeight: size, kernelWidth: size, scratch: scratch))
      }
    }
  }
  flops("separable \(size)", 2 * pixels * size * 2, time)
}
if wanted("pixels") { PixelWork(kernels).measure() }
for (filters, size) in [(16, 3), (16, 7), (48, 9), (64, 7)] where wanted("bank") {
  let input = Image(margin: size / 2, random: true)
  let output = Image(channels: filters, margin: 0, random: false)
  let depth = 3 * size * size
  let weights = randomFloats(filters * depth)
  // The executor's: bands of 8 rows go round a window of rows that the next step reads from the
  // cache. A whole image of 16 planes would be 132 MB, and its memory would be measured as well.
  let bankBand = 8
  let window = 2 * bankBand
  let targets = UnsafeMutablePointer<UnsafeMutablePointer<Float>>.allocate(
    capacity: filters * bankBand)
  let time = median(5) {
    for first in stride(from: 0, to: Image.height, by: bankBand) {
      for filter in 0..<filters {
        for row in 0..<bankBand {
          targets[filter * bankBand + row] =
            output.rows[filter * Image.height + first % window + row]
        }
      }
      kernels.bank(
        Convolution(
          rows: input.sources + first, rowsPerChannel: input.rowsPerChannel, channels: 3,
          outputs: targets, outputRows: bankBand, width: Image.width, weights: weights,
          filters: filters, kernelHeight: size, kernelWidth: size))
    }
  }
  flops("bank 3 → \(filters), \(size)", 2 * Image.height * Image.width * filters * depth, time)
}
for (kernel, step, padding) in [(3, 1, 1), (7, 1, 3), (16, 16, 0), (16, 8, 0), (8, 1, 0)] {
  let work = try PatchWork(kernels, kernel: kernel, stride: step, padding: padding)
  let count = work.depth * work.grid.blockCount
  let name = "k \(kernel) s \(step)"
  let sums = Image(margin: 0, random: false)
  if kernel != 8 && (wanted("unfold \(name)") || wanted("fold \(name)")) {
    let columns = UnsafeMutablePointer<Float>.allocate(capacity: count)
    columns.initialize(repeating: 0, count: count)
    bytes("unfold \(name)", count * 4, median(11) { work.unfold(columns) })
    bytes(
      "fold \(name)", count * 4, median(selection.isEmpty ? 11 : 50) { work.fold(columns, sums) })
    columns.deallocate()
  }
  for standardizes in [false, true] where kernel > 7 {
    let label = (standardizes ? "standardized " : "fused ") + name
    guard wanted(label) else { continue }
    let patches = try work.normalizedPatches(standardizes: standardizes)
    let scratch = AlignedBuffer(byteCount: patches.scratchCount * 4)
    bytes(
      label, count * 4,
      median { work.normalize(patches, scratch.pointer(to: Float.self), sums) })
  }
  let tileName = "means \(name) in tiles"
  if kernel > 7 && wanted(tileName) {
    let pitch = kernels.tilePitch(depth: work.depth, blockCount: work.grid.blockCount)
    let tile = randomFloats(work.depth * pitch)
    bytes(tileName, count * 4, median { work.subtractMeans(tile, pitch) })
    tile.deallocate()
  }
}
for (rows, depth, columns) in [(64, 64, 256), (256, 256, 256), (768, 768, 128), (768, 768, 256)]
where wanted("product") {
  let weights = randomFloats(rows * depth)
  let tile = randomFloats(depth * columns)
  let result = randomFloats(rows * columns)
  let time = median {
    for _ in 0..<8 {
      kernels.multiply(
        TileProduct(
          weights: weights, bias: nil, tile: tile, tilePitch: columns, destination: result,
          destinationPitch: columns, rows: rows, depth: depth, columns: columns))
    }
  }
  flops("product \(rows) × \(depth) × \(columns)", 16 * rows * depth * columns, time)
}
