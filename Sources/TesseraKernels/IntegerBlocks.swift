/// Computes one block of 4 output rows that are `dilationHeight` apart.
///
/// Every input row is added to the output rows whose kernels meet it: kernel row r − q for output
/// row q. That is a loop in here because a function of its own would not be inlined, and its sums
/// would live in memory.
@inlinable @inline(__always)
func convolveFourRows<V: Variant>(
  _ job: IntegerConvolution, _ taps: UnsafePointer<UInt32>, _ rounding: WordRounding<V>,
  _ rows: UnsafePointer<UnsafePointer<UInt8>>,
  _ targets: UnsafePointer<UnsafeMutablePointer<UInt8>>, _ x: Int
) -> WordPair<V> {
  let step = job.dilationHeight
  var sums = FourPairs<V>(repeating: job.kernel.start)
  if job.kernel.height == 3 && job.kernel.width == 3 {
    let column = job.dilationWidth
    addRow(&sums, rows[0] + x, taps, 3, 9, column, 0, 0)
    addRow(&sums, rows[step] + x, taps + 3, 3, 9, column, 0, 1)
    addRow(&sums, rows[2 &* step] + x, taps + 6, 3, 9, column, 0, 2)
    addRow(&sums, rows[3 &* step] + x, taps + 9, 3, 9, column, 1, 3)
    addRow(&sums, rows[4 &* step] + x, taps + 12, 3, 9, column, 2, 3)
    addRow(&sums, rows[5 &* step] + x, taps + 15, 3, 9, column, 3, 3)
  } else {
    let (height, width, column) = (job.kernel.height, job.kernel.width, job.dilationWidth)
    var r = 0
    while r < height &+ 3 {
      let source = rows[r &* step] + x
      let tap = taps + r &* width
      let (first, last) = (max(0, r &- height &+ 1), min(3, r))
      switch first &* 4 &+ last {
      case 3: addRow(&sums, source, tap, width, height &* width, column, 0, 3)
      case 0: addRow(&sums, source, tap, width, height &* width, column, 0, 0)
      case 1: addRow(&sums, source, tap, width, height &* width, column, 0, 1)
      case 2: addRow(&sums, source, tap, width, height &* width, column, 0, 2)
      case 5: addRow(&sums, source, tap, width, height &* width, column, 1, 1)
      case 6: addRow(&sums, source, tap, width, height &* width, column, 1, 2)
      case 7: addRow(&sums, source, tap, width, height &* width, column, 1, 3)
      case 10: addRow(&sums, source, tap, width, height &* width, column, 2, 2)
      case 11: addRow(&sums, source, tap, width, height &* width, column, 2, 3)
      default: addRow(&sums, source, tap, width, height &* width, column, 3, 3)
      }
      r &+= 1
    }
  }
  var fits = rounding.store(sums.first, to: targets[0] + x)
  fits.add(rounding.store(sums.second, to: targets[step] + x))
  fits.add(rounding.store(sums.third, to: targets[2 &* step] + x))
  fits.add(rounding.store(sums.fourth, to: targets[3 &* step] + x))
  return fits
}

/// Adds one input row to output rows `first...last`, which are constants once inlined.
///
/// `taps` are those of output row 0; the ones of each further row are a kernel row before.
@inlinable @inline(__always)
func addRow<V: Variant>(
  _ sums: inout FourPairs<V>, _ row: UnsafePointer<UInt8>, _ taps: UnsafePointer<UInt32>,
  _ width: Int, _ count: Int, _ dilation: Int, _ first: Int, _ last: Int
) {
  var source = row
  var tap = taps
  var j = 0
  while j < width {
    let pair = WordPair<V>(at: source)
    if first <= 0 { sums.first.add(pair, times: tap, count) }
    if first <= 1 && last >= 1 { sums.second.add(pair, times: tap - width, count) }
    if first <= 2 && last >= 2 { sums.third.add(pair, times: tap - 2 &* width, count) }
    if last >= 3 { sums.fourth.add(pair, times: tap - 3 &* width, count) }
    source += dilation
    tap += 1
    j &+= 1
  }
}

/// Computes one block of one output row.
@inlinable @inline(__always)
func convolveRow<V: Variant>(
  _ job: IntegerConvolution, _ taps: UnsafePointer<UInt32>, _ rounding: WordRounding<V>,
  _ rows: UnsafePointer<UnsafePointer<UInt8>>, _ target: UnsafeMutablePointer<UInt8>, _ x: Int
) -> WordPair<V> {
  var sum = WordPair<V>(repeating: job.kernel.start)
  let count = job.kernel.height &* job.kernel.width
  var tap = taps
  var i = 0
  while i < job.kernel.height {
    var source = rows[i &* job.dilationHeight] + x
    var j = 0
    while j < job.kernel.width {
      sum.add(WordPair(at: source), times: tap, count)
      source += job.dilationWidth
      tap += 1
      j &+= 1
    }
    i &+= 1
  }
  return rounding.store(sum, to: target + x)
}

/// Computes one value, and tells whether it fits.
@inlinable @inline(__always)
func convolveValue<V: Variant>(
  _ variant: V.Type, _ job: IntegerConvolution, _ taps: UnsafePointer<UInt32>,
  _ rows: UnsafePointer<UnsafePointer<UInt8>>, _ target: UnsafeMutablePointer<UInt8>, _ x: Int
) -> Bool {
  let kernel = job.kernel
  var sum = kernel.start
  for i in 0..<kernel.height {
    let source = rows[i &* job.dilationHeight] + x
    for j in 0..<kernel.width {
      let weight = Int16(truncatingIfNeeded: taps[i &* kernel.width &+ j])
      sum &+= weight &* Int16(source[j &* job.dilationWidth])
    }
  }
  if kernel.takesAbsolute { sum = Int16(truncatingIfNeeded: sum.magnitude) }
  if kernel.exponent > 0 {
    let bits = Int16(kernel.exponent)
    sum &+= (1 &<< (bits &- 1)) &- 1 &+ (sum &>> bits) & 1
    sum &>>= bits
  }
  let clamped = min(max(sum, kernel.lowest), kernel.lowest &+ 255)
  target[x] = UInt8(truncatingIfNeeded: clamped &- kernel.lowest)
  return clamped == sum
}
