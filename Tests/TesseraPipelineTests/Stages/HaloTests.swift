import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// `unfold` with a halo: filtering patches is filtering the image.
struct HaloTests {
  /// Filters that reach two pixels and less.
  private static let filters = [
    #""bank": {"name": "gaussian", "kernel_size": 5, "sigma": 1.1}"#,
    #""bank": {"name": "sobel", "direction": "x"}"#,
    #""bank": {"name": "box", "kernel_size": [5, 1]}"#,
    #""kernels": [[0.25, -1, 0.5], [2, 0.125, -0.75], [1, 0.3, 0.7]]"#,
  ]

  @Test("Tiled filters equal the untiled ones: 200 seeded cases of any size and padding mode")
  func seams() throws {
    let workshop = try Workshop()
    var random = SeededGenerator(seed: 20)
    var exact = 0
    for index in 0..<200 {
      let type = ElementType.allCases[index % 3]
      let size = [1, 2, 3, 4].randomElement(using: &random) ?? 1
      let shape = [size, .random(in: 1...40, using: &random), .random(in: 1...40, using: &random)]
      let image = TestArray.noise(shape, type, seed: UInt64(index))
      let filter = Self.filters[index % Self.filters.count]
      let mode =
        ["zeros", "reflect", "symmetric", "replicate", "circular"].randomElement(using: &random)
        ?? ""
      let kernel = [Int.random(in: 1...12, using: &random), .random(in: 1...12, using: &random)]
      let stride = kernel.map { Int.random(in: 1...$0, using: &random) }
      let halo = Int.random(in: 2...4, using: &random)
      let edge = shape[1] >= kernel[0] && shape[2] >= kernel[1] && index % 2 == 0 ? "shift" : "pad"
      let scale = index % 5 == 0 ? #"{"stage": "normalize"}, "# : ""
      let whole = try workshop.array(
        #"\#(scale){"stage": "convolve", \#(filter), "padding": "same", "padding_mode": "\#(mode)"}, "#
          + npy, on: image)
      let tiled = try workshop.array(
        #"\#(scale){"stage": "unfold", "kernel_size": \#(kernel), "stride": \#(stride), "edge": "\#(edge)", "#
          + #""padding_mode": "\#(mode)", "halo": \#(halo)}, "#
          + #"{"stage": "transform.convolve", \#(filter)}, {"stage": "fold"}, \#(npy)"#,
        on: image)
      let largest = whole.values.reduce(0) { max($0, abs($1)) }
      let counts = try Self.coverage(kernel, stride, edge, shape)
      for (place, (value, other)) in zip(tiled.values, whole.values).enumerated() {
        if [1, 2, 4].contains(counts[place % counts.count]) {
          #expect(value == other, "\(index) \(filter) \(mode) \(shape) \(kernel) \(stride)")
          exact += 1
        } else {
          #expect(abs(value - other) <= 1e-6 * largest)
        }
      }
    }
    #expect(exact > 20_000)
  }

  private static func coverage(
    _ kernel: [Int], _ stride: [Int], _ edge: String, _ shape: [Int]
  ) throws -> [Int] {
    var window = Window(kernelSize: Size(height: kernel[0], width: kernel[1]))
    window.stride = Size(height: stride[0], width: stride[1])
    window.edge = edge == "shift" ? .shift : .pad
    let grid = try window.grid(on: Size(height: shape[1], width: shape[2]))
    let columns = grid.columns.coverage()
    return grid.rows.coverage().flatMap { row in columns.map { row * $0 } }
  }

  @Test("Patches with a halo hold the image around the window, in every layout of files")
  func patches() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([2, 7, 9], .uint8, seed: 8)
    let cut =
      #"{"stage": "unfold", "kernel_size": [2, 3], "stride": 2, "padding_mode": "replicate", "#
      + #""halo": [1, 2]}"#
    let wide =
      #"{"stage": "unfold", "kernel_size": [4, 7], "stride": 2, "padding": [1, 2], "#
      + #""padding_mode": "replicate"}"#
    for layout in ["torch", "tokens", "tokens_channels_last", "patches"] {
      let encode = #"{"stage": "encode", "format": "npy", "layout": "\#(layout)"}"#
      let made = try workshop.array("\(cut), \(encode)", on: image)
      #expect(try made == workshop.array("\(wide), \(encode)", on: image))
    }
  }

  @Test("Cutting with a halo and putting together changes nothing", arguments: ElementType.allCases)
  func roundTrip(type: ElementType) throws {
    let workshop = try Workshop()
    for shape in [[1, 1, 1], [3, 14, 11], [2, 1, 30]] {
      let image = TestArray.noise(shape, type)
      for mode in ["zeros", "circular", "symmetric"] {
        let made = try workshop.array(
          #"{"stage": "unfold", "kernel_size": [3, 2], "stride": 2, "edge": "pad", "halo": [1, 5], "#
            + #""padding_mode": "\#(mode)", "padding": 1}, {"stage": "fold"}, \#(npy)"#, on: image)
        #expect(made == image, "\(shape) \(mode)")
      }
    }
  }

  @Test("A fold with a geometry of its own takes whole patches")
  func ownGeometry() throws {
    let image = TestArray.noise([1, 6, 6], .uint8)
    let made = try Workshop().array(
      #"{"stage": "unfold", "kernel_size": 2, "stride": 2, "halo": 1}, {"stage": "fold", "#
        + #""output_size": 8, "kernel_size": 4, "stride": 2}, \#(npy)"#, on: image)
    #expect(made.shape == [1, 8, 8])
    for y in 0..<8 {
      for x in 0..<8 {
        let isInside = (1...6).contains(y) && (1...6).contains(x)
        #expect(
          made.values[y * 8 + x] == (isInside ? image.values[(y - 1) * 6 + x - 1] : 0))
      }
    }
  }

  @Test("Dilated windows take a halo of their own elements")
  func dilation() throws {
    let image = TestArray.noise([2, 13, 12], .uint8)
    let workshop = try Workshop()
    let cut = #""stride": 3, "dilation": 2, "padding_mode": "reflect""#
    let made = try workshop.array(
      #"{"stage": "unfold", "kernel_size": 3, "halo": 1, \#(cut)}, \#(npy)"#, on: image)
    let wide = try workshop.array(
      #"{"stage": "unfold", "kernel_size": 5, "padding": 2, \#(cut)}, \#(npy)"#, on: image)
    #expect(made == wide)
  }
}
