/// A convolution of bytes at stride 1 whose sums are exact integers.
///
/// Rows are as in `Convolution`; interleaved pixels are one channel whose columns are as many values
/// apart as a pixel has.
public struct IntegerConvolution {
  /// Input rows; `outputRows` + vertical extent − 1 pointers to `width` + horizontal extent − 1 bytes.
  public var rows: UnsafePointer<UnsafePointer<UInt8>>
  /// Output rows; `outputRows` pointers to `width` bytes.
  public var outputs: UnsafePointer<UnsafeMutablePointer<UInt8>>
  /// Rows to compute.
  public var outputRows: Int
  /// Columns to compute.
  public var width: Int
  /// Weights, and what becomes of the sums.
  public var kernel: IntegerKernel
  /// Distance between neighbouring kernel rows in the image.
  public var dilationHeight: Int
  /// Distance between neighbouring kernel columns in the image.
  public var dilationWidth: Int

  /// Describes a convolution of bytes.
  public init(
    rows: UnsafePointer<UnsafePointer<UInt8>>,
    outputs: UnsafePointer<UnsafeMutablePointer<UInt8>>, outputRows: Int, width: Int,
    kernel: IntegerKernel, dilationHeight: Int = 1, dilationWidth: Int = 1
  ) {
    self.rows = rows
    self.outputs = outputs
    self.outputRows = outputRows
    self.width = width
    self.kernel = kernel
    self.dilationHeight = dilationHeight
    self.dilationWidth = dilationWidth
  }
}

/// Convolves bytes and returns how many results were beyond 0…255 after rounding.
///
/// Blocks are as wide as a vector of bytes and 4 rows high, as in `convolveDepthwise`.
@inlinable @inline(__always)
func convolveIntegers<V: Variant>(_ variant: V.Type, _ job: IntegerConvolution) -> Int {
  job.kernel.taps.withUnsafeBufferPointer { taps in
    let taps = taps.first()
    let step = job.dilationHeight
    let rounding = WordRounding<V>(job.kernel)
    var fits = FitCount<V>()
    for residue in 0..<min(step, job.outputRows) {
      var row = residue
      while row < job.outputRows {
        let (rows, targets) = (job.rows + row, job.outputs + row)
        if job.width < WordPair<V>.count {
          for x in 0..<job.width {
            fits.total &+= convolveValue(variant, job, taps, rows, targets[0], x) ? 1 : 0
          }
          row &+= step
        } else if row &+ 3 &* step < job.outputRows {
          sweepWords(job.width, &fits) {
            convolveFourRows(job, taps, rounding, rows, targets, $0)
          }
          row &+= 4 &* step
        } else {
          sweepWords(job.width, &fits) { convolveRow(job, taps, rounding, rows, targets[0], $0) }
          row &+= step
        }
      }
    }
    return job.outputRows &* job.width &- fits.counted
  }
}

/// Covers a row with blocks of bytes and counts what fits.
///
/// The last block is moved back to end at `width`; what it computes again is not counted again.
@inlinable @inline(__always)
func sweepWords<V: Variant>(
  _ width: Int, _ fits: inout FitCount<V>, _ block: (Int) -> WordPair<V>
) {
  let count = WordPair<V>.count
  var position = 0
  while position < width {
    // One call: two would double a function that the inliner finds long enough.
    let x = min(position, width &- count)
    let result = block(x)
    if x == position { fits.add(result) } else { fits.add(result, from: position &- x) }
    position &+= count
  }
}
