import Tessera
import TesseraCore
import TesseraKernels
import TesseraPipeline

/// The stage `resize` on planes of bytes in memory, one thread: rows in, rows out, all that a run does.
final class ResizeCase: KernelCase {
  private let planner: Planner
  private let shape: ImageShape
  private let pixels: [UInt8]
  private var made: [UInt8] = []

  /// Height and width before and after.
  init(_ sizes: [Int], _ file: RawFloats, _ kernels: KernelSet) throws {
    shape = ImageShape(channels: 3, height: sizes[0], width: sizes[1])
    let count = 3 * sizes[0] * sizes[1]
    let values = try file.pointer(count: count)
    pixels = UnsafeBufferPointer(start: values, count: count).map { UInt8($0) }
    planner = try Planner(
      Pipeline(
        parsing: """
          {"version": 1, "stages": [{"stage": "load"},
            {"stage": "resize", "size": [\(sizes[2]), \(sizes[3])]},
            {"stage": "encode", "format": "npy"}]}
          """, file: "resize.json"), kernels: kernels)
  }

  var cost: Cost { .bytes(pixels.count) }

  var results: [UnsafeBufferPointer<Float>] {
    let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: made.count)
    _ = values.initialize(from: made.map { Float($0) })
    return [UnsafeBufferPointer(values)]
  }

  func run() {
    do {
      let result = try planner.run(on: pixels, shape: shape)
      made = result.outputs[0].array.values(as: UInt8.self) ?? []
    } catch {
      made = []
    }
  }
}
