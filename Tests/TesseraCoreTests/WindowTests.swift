import TesseraCore
import Testing

/// Where blocks lie.
struct WindowTests {
  /// A seeded generator: the same geometries on every machine (SplitMix64).
  struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// The grid along the width of a geometry, or what refuses it.
  private func axis(
    size: Int, kernel: Int, stride: Int = 1, padding: Padding = .symmetric(Size(0)),
    dilation: Int = 1, edge: EdgePolicy = .drop
  ) throws(GeometryError) -> AxisGrid {
    let window = Window(
      kernelSize: Size(height: 1, width: kernel), stride: Size(height: 1, width: stride),
      padding: padding, dilation: Size(height: 1, width: dilation), edge: edge)
    // A height of one pixel always has its blocks.
    return try window.grid(on: Size(height: 1, width: size)).columns
  }

  @Test("L is torch's formula, and shifted, padded and refused edges follow from it")
  func formula() {
    var random = Seeded(state: 1)
    for _ in 0..<2_000 {
      let size = Int.random(in: 1...40, using: &random)
      let kernel = Int.random(in: 1...9, using: &random)
      let stride = Int.random(in: 1...7, using: &random)
      let padding = Int.random(in: 0...12, using: &random)
      let dilation = Int.random(in: 1...4, using: &random)
      let slack = size + 2 * padding - dilation * (kernel - 1) - 1
      let count = slack < 0 ? 0 : slack / stride + 1
      let regular = (0..<count).map { $0 * stride - padding }
      for edge in EdgePolicy.allCases {
        let grid = try? axis(
          size: size, kernel: kernel, stride: stride, padding: .symmetric(Size(padding)),
          dilation: dilation, edge: edge)
        let starts = grid?.starts ?? []
        switch edge {
        case .drop:
          #expect(starts == regular)
        case .error:
          #expect(starts == (slack >= 0 && slack % stride == 0 ? regular : []))
        case .shift:
          #expect(starts == regular + (slack >= 0 && slack % stride != 0 ? [slack - padding] : []))
        case .pad:
          let wanted = slack <= 0 ? 1 : (slack + stride - 1) / stride + 1
          #expect(starts == (0..<wanted).map { $0 * stride - padding })
        }
      }
    }
  }

  @Test("\"same\" gives ⌈size / stride⌉ blocks, the odd pixel at the end")
  func same() throws {
    for size in 1...20 {
      for kernel in 1...6 {
        for stride in 1...5 {
          for dilation in 1...3 {
            let grid = try axis(
              size: size, kernel: kernel, stride: stride, padding: .same, dilation: dilation)
            let extent = dilation * (kernel - 1) + 1
            let count = (size + stride - 1) / stride
            let total = max((count - 1) * stride + extent - size, 0)
            #expect(grid.starts == (0..<count).map { $0 * stride - total / 2 })
            #expect(grid.paddingBefore == total / 2)
            #expect(grid.paddingAfter == total - total / 2)
          }
        }
      }
    }
  }

  @Test("Coverage counts what counting finds")
  func coverage() {
    var random = Seeded(state: 2)
    for _ in 0..<1_000 {
      let size = Int.random(in: 1...30, using: &random)
      let edge = EdgePolicy.allCases.randomElement(using: &random) ?? .drop
      guard
        let grid = try? axis(
          size: size, kernel: Int.random(in: 1...40, using: &random),
          stride: Int.random(in: 1...6, using: &random),
          padding: .symmetric(Size(Int.random(in: 0...40, using: &random))),
          dilation: Int.random(in: 1...5, using: &random), edge: edge)
      else { continue }
      var counts = [Int](repeating: 0, count: size)
      for start in grid.starts {
        for element in 0..<grid.kernel {
          let position = start + element * grid.dilation
          if counts.indices.contains(position) { counts[position] += 1 }
        }
      }
      #expect(grid.coverage() == counts)
    }
  }

  @Test("Numbers of any size are refused or answered, never a trap")
  func hugeNumbers() {
    let huge = [Int.min, -1, 0, 1, 7, 1 << 9, 1 << 32, .max / 8, .max / 2, .max - 1, .max]
    for size in huge {
      for kernel in huge {
        for step in huge {
          for edge in EdgePolicy.allCases {
            for padding in [Padding.same, .symmetric(Size(step)), .symmetric(Size(3))] {
              let window = Window(
                kernelSize: Size(height: kernel, width: 1), stride: Size(height: step, width: 1),
                padding: padding, dilation: Size(height: step, width: 1), edge: edge)
              do throws(GeometryError) {
                let grid = try window.grid(on: Size(height: size, width: 5))
                #expect(grid.rows.count > 0)
                #expect(grid.rows.coverage().count == size)
              } catch {
                #expect(!error.description.isEmpty)
              }
            }
          }
        }
      }
    }
  }

  @Test("A window that does not fit is told with every number, and shift advises pad")
  func messages() {
    let error = #expect(throws: GeometryError.self) {
      try axis(size: 10, kernel: 7, padding: .symmetric(Size(2)), dilation: 3, edge: .shift)
    }
    let text = error?.description ?? ""
    for part in ["width 10", "padding 2", "14", "kernel 7", "dilation 3", "19", "\"pad\""] {
      #expect(text.contains(part), "\(part) in: \(text)")
    }
    let uncovered = #expect(throws: GeometryError.self) {
      try axis(size: 10, kernel: 3, stride: 4, edge: .error)
    }
    #expect(uncovered == .uncovered(axis: .width, size: 10, kernel: 3, stride: 4, remainder: 3))
  }
}
