import TesseraCore

/// What blocks weigh together at each pixel.
struct WindowDivisors: Sendable {
  private let grid: BlockGrid
  /// The weights of a window, where they are no products.
  private let weights: [Float]
  /// The sums along both axes, where weights are products.
  private let sums: (rows: [Double], columns: [Double])?

  init(_ window: FoldWindow, _ grid: BlockGrid, _ weights: [Float]) {
    self.grid = grid
    self.weights = weights
    sums = window.axes(grid.kernelSize).map {
      (rows: grid.rows.sums(of: $0.rows), columns: grid.columns.sums(of: $0.columns))
    }
  }

  var byteCount: Int {
    grid.byteCount + ((sums?.rows.count ?? 0) + (sums?.columns.count ?? 0))
      * MemoryLayout<Double>.stride
  }

  /// Writes the divisors of an image row.
  func fill(_ divisors: UnsafeMutablePointer<Double>, _ row: Int) {
    let width = grid.columns.size
    if let sums {
      for x in 0..<width { divisors[x] = sums.rows[row] * sums.columns[x] }
      return
    }
    divisors.update(repeating: 0, count: width)
    let (rows, columns) = (grid.rows, grid.columns)
    weights.withUnsafeBufferPointer { weights in
      for blockRow in rows.blocks(reaching: row..<row + 1) {
        let (element, rest) =
          (row - rows.starts[blockRow]).quotientAndRemainder(dividingBy: rows.dilation)
        guard rest == 0 else { continue }
        let line = weights.first() + element * columns.kernel
        for start in columns.starts {
          for column in 0..<columns.kernel {
            let x = start + column * columns.dilation
            if x >= 0, x < width { divisors[x] += Double(line[column]) }
          }
        }
      }
    }
  }
}

extension AxisGrid {
  /// What the blocks over each row or column weigh together.
  fileprivate func sums(of weights: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: size)
    for start in starts {
      for (element, weight) in weights.enumerated() {
        let position = start + element * dilation
        if (0..<size).contains(position) { sums[position] += weight }
      }
    }
    return sums
  }
}
