import Testing
import TesseraKernels

/// Which kernels are taken for products of a column and a row.
@Suite("Kernels near rank 1")
struct SeparableKernelTests {
  /// A column and a row whose products are exact in single precision.
  struct Factors: Sendable {
    var column: [Float]
    var row: [Float]

    /// The product, row after row.
    var weights: [Float] { column.flatMap { column in row.map { column * $0 } } }

    /// The place of the largest weight.
    var pivot: (row: Int, column: Int) {
      let largest = { (values: [Float]) in
        values.indices.max { values[$0].magnitude < values[$1].magnitude } ?? 0
      }
      return (largest(column), largest(row))
    }
  }

  /// Too small to be integers over a moderate power of two.
  static let exact = [
    Factors(
      column: [0.25, 1, 0.5], row: [3e-9, -7e-9, 2e-9].map { ($0 * 0x1p40).rounded() * 0x1p-60 }),
    Factors(column: [1, -0.5], row: [-96, 5, 40, 11].map { $0 * 0x1p-60 }),
    Factors(column: [0.125, 0.5, 1, -0.75, 0.25], row: [1, 2, 3].map { $0 * 0x1p-70 }),
    Factors(column: [-1, 0.0625, 0.5], row: [0x1p-69, -0x1p-70]),
    Factors(column: [0.5, 1], row: [1.5e30, -1e30, 2e30]),
  ]

  @Test("Up to 4 units in the last place of the largest weight are rounding", arguments: exact)
  func tolerance(_ factors: Factors) throws {
    let (height, width) = (factors.column.count, factors.row.count)
    let weights = factors.weights
    let pivot = factors.pivot
    let unit = weights[pivot.row * width + pivot.column].ulp
    let whole = try #require(SeparableKernel(factoring: weights[...], height: height, width: width))
    #expect(whole.row == Array(weights[pivot.row * width..<(pivot.row + 1) * width]))
    for (row, column) in Self.places(height, width) {
      // The pivot's own row and column are the factors, whatever stands in them.
      guard row != pivot.row, column != pivot.column else { continue }
      for (steps, isTaken) in [(1, true), (3, true), (4, true), (5, false), (8, false)] {
        for sign in [Float(1), -1] {
          var changed = weights
          changed[row * width + column] += sign * Float(steps) * unit
          let kernel = SeparableKernel(factoring: changed[...], height: height, width: width)
          #expect(
            (kernel == whole) == isTaken && (kernel != nil) == isTaken, "\(row) \(column) \(steps)")
        }
      }
    }
  }

  /// Kernels of integers over a power of two, and the factors that are none but integers and that power.
  static let integral:
    [(weights: [Float], height: Int, width: Int, column: [Float], row: [Float])] =
      [
        ([-1, 0, 1, -2, 0, 2, -1, 0, 1], 3, 3, [1, 2, 1], [-1, 0, 1]),
        ([6, -4, 2, -9, 6, -3], 2, 3, [-2, 3], [-3, 2, -1]),
        ([0.25, 0.5, 0.25, 0.5, 1, 0.5], 2, 3, [0.25, 0.5], [1, 2, 1]),
        ([0.75, -0.375], 1, 2, [0.375], [2, -1]),
        ([0, 0, 0, 12, 0, 0], 2, 3, [0, 12], [1, 0, 0]),
      ]

  @Test("Integers, also over a power of two, have factors that are exact", arguments: integral)
  func integers(
    _ kernel: (weights: [Float], height: Int, width: Int, column: [Float], row: [Float])
  ) throws {
    let factored = try #require(
      SeparableKernel(
        factoring: kernel.weights[...], height: kernel.height, width: kernel.width))
    #expect(factored == SeparableKernel(column: kernel.column, row: kernel.row))
    // One more or less is no rounding.
    for index in kernel.weights.indices where kernel.height > 1 && kernel.width > 1 {
      var changed = kernel.weights
      changed[index] += 1
      let other = SeparableKernel(
        factoring: changed[...], height: kernel.height, width: kernel.width)
      if let other {
        let products = other.column.flatMap { column in other.row.map { column * $0 } }
        #expect(products == changed)
      }
    }
  }

  @Test("A factor that is off is off in every product: 3 units are taken, 8 are not")
  func factors() {
    var random = Seeded(61)
    for height in 2...9 {
      for width in 2...9 {
        // The largest factors are 1, so a unit of a weight is one of the largest.
        var column = (0..<height).map { _ in Float.random(in: 0.5..<0.99, using: &random) }
        var row = (0..<width).map { _ in Float.random(in: 0.5..<0.99, using: &random) }
        let pivot = (
          row: Int(random.next() % UInt64(height)), column: Int(random.next() % UInt64(width))
        )
        (column[pivot.row], row[pivot.column]) = (1, 1)
        let weights = column.flatMap { column in row.map { column * $0 } }
        #expect(SeparableKernel(factoring: weights[...], height: height, width: width) != nil)
        let other = (pivot.row + 1) % height
        for (steps, isTaken) in [(Float(3), true), (-3, true), (8, false), (-8, false)] {
          var changed = weights
          for index in 0..<width where index != pivot.column {
            changed[other * width + index] += steps * Float(1).ulp
          }
          let kernel = SeparableKernel(factoring: changed[...], height: height, width: width)
          #expect((kernel != nil) == isTaken, "\(height) × \(width), \(steps)")
        }
      }
    }
  }

  @Test("Products of any factors, rounded to single precision, have rank 1, at every scale")
  func rounded() throws {
    var random = Seeded(62)
    for scale in [Float(1e-30), 1e-3, 1, 1e20] {
      for size in [(2, 2), (1, 9), (9, 1), (3, 7), (15, 15), (31, 4)] {
        let (column, row) = (random.floats(size.0), random.floats(size.1).map { $0 * scale })
        let weights = column.flatMap { column in row.map { column * $0 } }
        let kernel = try #require(
          SeparableKernel(factoring: weights[...], height: size.0, width: size.1))
        let most = weights.map(\.magnitude).max() ?? 0
        #expect(kernel.column.count == size.0 && kernel.row.count == size.1)
        for (index, weight) in weights.enumerated() {
          let product = Double(kernel.column[index / size.1]) * Double(kernel.row[index % size.1])
          #expect((product - Double(weight)).magnitude <= 4 * Double(most.ulp))
        }
      }
    }
  }

  @Test("Two products do not make one", arguments: [(2, 2), (3, 3), (5, 4), (7, 7)])
  func rankTwo(_ height: Int, _ width: Int) {
    var random = Seeded(63)
    let (first, second) = (random.floats(height + width), random.floats(height + width))
    let weights = (0..<height * width).map { index in
      first[index / width] * first[height + index % width]
        + second[index / width] * second[height + index % width]
    }
    #expect(SeparableKernel(factoring: weights[...], height: height, width: width) == nil)
  }

  private static func places(_ height: Int, _ width: Int) -> [(Int, Int)] {
    (0..<height).flatMap { row in (0..<width).map { (row, $0) } }
  }
}
