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
  /// Vectors of the result that go down the image together: what is kept of them stays in the first
  /// cache.
  @inlinable @inline(__always)
  static var vectors: Int { 8 }

  /// Values of working memory for windows of 3 × 3 or 5 × 5.
  ///
  /// - Parameters:
  ///   - size: rows and columns of windows.
  ///   - lanes: values of a vector.
  /// - Returns: how many a call works in.
  public static func scratchCount(size: Int, lanes: Int) -> Int {
    (size == 3 ? 6 : 50) * vectors * lanes
  }
}

/// Medians of windows of 3 × 3 or 5 × 5 values; rows are at least as wide as a vector.
@inlinable @inline(__always)
func chooseMedians<V: Variant, O: OrderedVector>(
  _ variant: V.Type, _ vector: O.Type, _ job: WindowRanks<O.Scalar>, _ size: Int
) {
  var x = 0
  while x < job.width {
    let strip = MedianStrip<O>(job, x)
    if size == 3 {
      strip.makeThree()
    } else {
      strip.makeFive()
    }
    x &+= SmallMedians.vectors &* O.count
  }
}

/// Some neighbouring vectors of every row, and lines of as many that are kept from row to row.
@usableFromInline
struct MedianStrip<O: OrderedVector> {
  @usableFromInline let job: WindowRanks<O.Scalar>
  /// The first column.
  @usableFromInline let first: Int
  /// Values of the result.
  @usableFromInline let length: Int

  @inlinable @inline(__always)
  init(_ job: WindowRanks<O.Scalar>, _ first: Int) {
    self.job = job
    self.first = first
    length = min(SmallMedians.vectors &* O.count, job.width &- first)
  }

  /// Calls a function with the place of every vector in kept lines, and with its column.
  ///
  /// The last one is moved back where the row ends before it.
  @inlinable @inline(__always)
  func forEachVector(_ body: (Int, Int) -> Void) {
    var place = 0
    while place < length {
      body(place, min(first &+ place, job.width &- O.count))
      place &+= O.count
    }
  }

  /// Some values of a kept line.
  @inlinable @inline(__always)
  func line(_ number: Int, _ place: Int) -> UnsafeMutablePointer<O.Scalar> {
    job.scratch + (number &* SmallMedians.vectors &* O.count &+ place)
  }
}
