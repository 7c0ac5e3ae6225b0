import TesseraCore
import TesseraKernels
import Testing

@testable import Tessera
@testable import TesseraPipeline

/// The orders in which patches are stored, and their types.
struct PatchLayoutTests {
  /// Value of the patch at `block` for a channel, a row and a column of the window.
  private static func value(
    _ image: TestArray, _ grid: BlockGrid, block: Int, _ c: Int, _ i: Int, _ j: Int
  ) -> Double {
    let y = grid.rows.starts[block / grid.columns.count] + i * grid.rows.dilation
    let x = grid.columns.starts[block % grid.columns.count] + j * grid.columns.dilation
    guard (0..<image.shape[1]).contains(y), (0..<image.shape[2]).contains(x) else { return 0 }
    return image.values[(c * image.shape[1] + y) * image.shape[2] + x]
  }

  @Test(
    "Patches lie in the order that the layout names",
    arguments: Encode.PatchLayout.allCases.filter { $0 != .qwen2vl }, ElementType.allCases)
  func order(layout: Encode.PatchLayout, type: ElementType) throws {
    let workshop = try Workshop()
    for (channels, window) in [
      (3, Window(kernelSize: Size(height: 2, width: 3), stride: Size(2))),
      (1, Window(kernelSize: Size(3), padding: .symmetric(Size(1)), dilation: Size(2))),
      (2, Window(kernelSize: Size(1), stride: Size(height: 1, width: 2), edge: .shift)),
    ] {
      let image = TestArray.noise([channels, 20, 37], type)
      let grid = try window.grid(on: Size(height: 20, width: 37))
      let (rows, columns) = (grid.kernelSize.height, grid.kernelSize.width)
      var unfold = Unfold(window)
      unfold.window = window
      var encode = Encode(path: workshop.folder.path("out"), format: .npy)
      encode.layout = layout
      encode.verify = true
      let pipeline = try Pipeline(stages: [Load(), unfold, encode])
      try workshop.folder.makeFolder("out")
      let processor = try PipelineProcessor(Planner(pipeline, kernels: workshop.kernels))
      let result = try processor.result(
        of: Item(
          name: "a.npy", source: ByteSource(path: workshop.save(image, as: "a.npy")), byteCount: 0,
          modificationTime: 0))
      #expect(result.error == nil)
      let stored = try workshop.read(workshop.folder.path("out/a.npy"))

      let depth = channels * rows * columns
      var expected: [Double] = []
      switch layout {
      case .torch:
        #expect(stored.shape == [depth, grid.blockCount])
        for row in 0..<depth {
          let (c, i, j) = (row / (rows * columns), row / columns % rows, row % columns)
          for block in 0..<grid.blockCount {
            expected.append(Self.value(image, grid, block: block, c, i, j))
          }
        }
      case .tokens, .patches:
        #expect(
          stored.shape
            == (layout == .tokens
              ? [grid.blockCount, depth] : [grid.blockCount, channels, rows, columns]))
        for block in 0..<grid.blockCount {
          for c in 0..<channels {
            for i in 0..<rows {
              for j in 0..<columns {
                expected.append(Self.value(image, grid, block: block, c, i, j))
              }
            }
          }
        }
      case .tokensChannelsLast, .windows, .qwen2vl:
        #expect(
          stored.shape
            == (layout == .windows
              ? [grid.rows.count, grid.columns.count, rows, columns, channels]
              : [grid.blockCount, depth]))
        for block in 0..<grid.blockCount {
          for i in 0..<rows {
            for j in 0..<columns {
              for c in 0..<channels {
                expected.append(Self.value(image, grid, block: block, c, i, j))
              }
            }
          }
        }
      }
      #expect(stored.type == type)
      #expect(stored.values == expected)
    }
  }

  @Test(
    "Qwen2-VL's order has blocks in groups of 2 × 2, and every channel twice",
    arguments: [(4, 6), (2, 2), (10, 4)], [1, 3])
  func mergedBlocks(grid: (rows: Int, columns: Int), channels: Int) throws {
    let workshop = try Workshop()
    let image = TestArray.noise([channels, grid.rows * 3, grid.columns * 2], .uint8)
    let outcome = try workshop.run(
      """
      {"stage": "unfold", "kernel_size": [3, 2], "stride": [3, 2]},
      {"stage": "encode", "format": "npy", "layout": "qwen2vl"}
      """, on: image)
    let stored = try #require(outcome.outputs.first)
    var expected: [Double] = []
    for (groupRow, groupColumn) in product(grid.rows / 2, grid.columns / 2) {
      for (row, column) in product(2, 2) {
        let (y, x) = ((groupRow * 2 + row) * 3, (groupColumn * 2 + column) * 2)
        for channel in 0..<channels {
          let values = product(3, 2).map { i, j in
            image.values[(channel * grid.rows * 3 + y + i) * grid.columns * 2 + x + j]
          }
          expected += values + values
        }
      }
    }
    #expect(stored.shape == [grid.rows * grid.columns, channels * 12])
    #expect(stored.values == expected)
  }

  private func product(_ rows: Int, _ columns: Int) -> [(Int, Int)] {
    (0..<rows).flatMap { row in (0..<columns).map { (row, $0) } }
  }

  @Test("An odd grid has no order of Qwen2-VL")
  func oddGrid() throws {
    let workshop = try Workshop()
    let outcome = try workshop.run(
      """
      {"stage": "unfold", "kernel_size": 2, "stride": 2},
      {"stage": "encode", "format": "npy", "layout": "qwen2vl"}
      """, on: TestArray.noise([1, 6, 8], .uint8))
    #expect(outcome.result.error?.message.contains("groups of 2 × 2") == true)
  }

  @Test(
    "Floats of half precision are the nearest ones, of patches and of images",
    arguments: [#"{"stage": "unfold", "kernel_size": 2, "stride": 2},"#, ""],
    ["torch", "tokens"])
  func halfFloats(unfold: String, layout: String) throws {
    let workshop = try Workshop()
    var image = TestArray.noise([3, 8, 14], .float32, seed: 5)
    image.values[3] = .nan
    image.values[8] = 1e30
    image.values[9] = 65_519
    image.values[10] = 6e-8
    let layout = unfold.isEmpty ? "" : #""layout": "\#(layout)","#
    let plain = try workshop.array(
      #"\#(unfold) {"stage": "encode", \#(layout) "format": "npy"}"#, on: image)
    let halves = try workshop.array(
      #"\#(unfold) {"stage": "encode", \#(layout) "format": "npy", "dtype": "float16", "verify": true}"#,
      on: image)
    #expect(halves.shape == plain.shape)
    for (half, value) in zip(halves.values, plain.values) {
      let expected = Double(Float16(value))
      #expect(half == expected || half.isNaN && expected.isNaN)
    }
  }

  @Test("dtype turns patches into other types, and a fold after it still gets the originals")
  func dtype() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([2, 9, 9], .uint8)
    let outcome = try workshop.run(
      """
      {"stage": "unfold", "kernel_size": 3, "stride": 2},
      {"stage": "encode", "format": "npy", "dtype": "float32", "name": "f.npy"},
      {"stage": "encode", "format": "npy", "dtype": "uint16", "name": "w.npy"},
      {"stage": "fold"}, {"stage": "compare", "require": {"max_abs": 0}}, \(npy)
      """, on: image)
    #expect(outcome.result.error == nil)
    #expect(outcome.outputs.map(\.type) == [.float32, .uint16, .uint8])
    #expect(outcome.outputs[1].values == outcome.outputs[0].values.map { $0 * 257 })
    #expect(outcome.outputs[2] == image)
  }

  @Test("Normalized patches are restored where integers are asked for")
  func restoredPatches() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([3, 8, 8], .uint8)
    let unfold = #"{"stage": "unfold", "kernel_size": 4, "stride": 4}"#
    let plain = try workshop.array("\(unfold), \(npy)", on: image)
    for normalize in [
      #"{"stage": "normalize", "mean": "imagenet", "std": "imagenet"}"#,
      #"{"stage": "normalize", "per_image": "standardize"}"#,
      #"{"stage": "normalize", "per_image": "minmax"}"#,
    ] {
      let restored = try workshop.array(
        #"\#(normalize), \#(unfold), {"stage": "encode", "format": "npy", "dtype": "uint8"}"#,
        on: image)
      #expect(restored == plain)
    }
  }

  @Test("Taps before, inside and after a group of patches leave the flow as it is")
  func taps() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([3, 12, 12], .uint8)
    let outcome = try workshop.run(
      """
      {"stage": "encode", "format": "npy", "name": "0.npy"},
      {"stage": "unfold", "kernel_size": 4, "stride": 2},
      {"stage": "encode", "format": "npy", "name": "1.npy"},
      {"stage": "transform.mean_removal"},
      {"stage": "encode", "format": "npy", "name": "2.npy"},
      {"stage": "fold"},
      {"stage": "encode", "format": "npy", "name": "3.npy"},
      {"stage": "unfold", "kernel_size": 3, "stride": 3},
      {"stage": "fold"},
      {"stage": "convolve", "kernels": [[1]]},
      {"stage": "encode", "format": "npy", "name": "4.npy"}
      """, on: image)
    #expect(outcome.result.error == nil)
    #expect(outcome.outputs.count == 5)
    #expect(outcome.outputs[0] == image)
    #expect(outcome.outputs[1].type == .uint8)
    let means = (0..<25).map { block in
      (0..<48).reduce(0.0) { $0 + outcome.outputs[2].values[$1 * 25 + block] }
    }
    #expect(means.allSatisfy { abs($0) < 1e-2 })
    #expect(outcome.outputs[3] == outcome.outputs[4])
    // A convolution straight on an image cuts no blocks that anybody asked for.
    #expect(outcome.result.blocks == 25 + 16)
  }
}
