/// Rows of an image, and where the chosen value of the window around every pixel goes.
public struct WindowRanks<E> {
  /// Input rows: `outputRows` + window height − 1 pointers to `width` + (window width − 1) · `step`
  /// values.
  public var rows: UnsafePointer<UnsafePointer<E>>
  /// Output rows: `outputRows` pointers to `width` values.
  public var outputs: UnsafePointer<UnsafeMutablePointer<E>>
  /// Rows to make.
  public var outputRows: Int
  /// Values of a row to make.
  public var width: Int
  /// Values from one column of a window to the next.
  public var step: Int
  /// Working memory.
  public var scratch: UnsafeMutablePointer<E>

  /// Describes some rows.
  public init(
    rows: UnsafePointer<UnsafePointer<E>>, outputs: UnsafePointer<UnsafeMutablePointer<E>>,
    outputRows: Int, width: Int, step: Int = 1, scratch: UnsafeMutablePointer<E>
  ) {
    self.rows = rows
    self.outputs = outputs
    self.outputRows = outputRows
    self.width = width
    self.step = step
    self.scratch = scratch
  }
}

/// What the medians of small windows work in.
public enum SmallMedians {
  /// Lines that 5 × 5 values keep from row to row.
  @inlinable @inline(__always)
  static var lines: Int { 50 }

  /// Vectors of a line, which go down the image together: what is kept of them stays in the first
  /// cache.
  @inlinable @inline(__always)
  static var vectors: Int { 8 }

  /// Values of working memory for windows of 3 × 3, which need none, or 5 × 5: lines, and what lies
  /// before the first whole vector.
  ///
  /// - Parameters:
  ///   - size: rows and columns of windows.
  ///   - lanes: values of a vector.
  /// - Returns: how many a call works in.
  public static func scratchCount(size: Int, lanes: Int) -> Int {
    size == 3 ? 0 : (lines * vectors + 1) * lanes
  }
}

/// Medians of windows of 3 × 3 or 5 × 5 values; rows are at least as wide as a vector.
@inlinable @inline(__always)
func chooseMedians<V: Variant, O: OrderedVector>(
  _ variant: V.Type, _ vector: O.Type, _ job: WindowRanks<O.Scalar>, _ size: Int
) {
  if size == 3 {
    chooseMediansOfThree(vector, job)
  } else {
    chooseMediansOfFive(vector, job)
  }
}
