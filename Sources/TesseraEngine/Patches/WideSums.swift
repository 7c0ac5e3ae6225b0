import TesseraKernels

/// Adds integers of blocks in double precision: for overlaps so many that 32 bits do not hold the
/// sums.
///
/// Exact below 2⁵³.
func addWide<E: BinaryInteger>(_ run: TileScatter<E, Double>) {
  for row in 0..<run.rowCount {
    guard let sums = run.accumulators[row] else { continue }
    for column in 0..<run.kernelWidth {
      let values = run.tile + (row * run.kernelWidth + column) * run.pitch
      for block in 0..<run.blockCount {
        let x = run.starts[block] + column * run.dilation
        if x >= 0 && x < run.width { sums[x] += Double(values[block]) }
      }
    }
  }
}

/// Divides such sums and rounds half to even.
func divideWide<E: FixedWidthInteger>(_ row: CoverageDivision<Double, E>) {
  for x in 0..<row.count {
    let divisor = Double(row.rowDivisor) * Double(row.columnDivisors[x])
    let mean = divisor > 0 ? (row.sums[x] / divisor).rounded(.toNearestOrEven) : 0
    row.destination[x] = E(min(max(mean, Double(E.min)), Double(E.max)))
  }
}
