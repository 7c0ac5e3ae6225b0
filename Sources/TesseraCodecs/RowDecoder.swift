import TesseraCore

/// What a request for rows came to.
struct RowsRead {
  /// Rows that are whole.
  var count: Int
  /// What is wrong: why there are not as many as were asked for, or what was found beside them.
  var failure: CodecError?
}

/// One format's way to rows.
///
/// `ImageReader` adds the policy: what is refused, what is filled up.
protocol RowDecoder: AnyObject {
  var header: ImageHeader { get }
  var metadata: ImageMetadata { get }
  /// Complaints of the library below, if there is one.
  var log: CodecLog? { get }
  /// Complaints of our own, all of them harmless to pixels.
  var notes: [String] { get }

  /// Has rows given at a half, a quarter or an eighth of height and width, rounded up; only called
  /// where the header `canShrink`, before the first row.
  func shrink(by divisor: Int)
  /// Has only some columns of each row given; only called where the header has a `columnStep`, which the
  /// first is a multiple of, before the first row.
  func crop(to columns: Range<Int>)
  /// Reads the next rows, interleaved.
  func readRows(into rows: UnsafeMutableRawPointer, count: Int, bytesPerRow: Int) -> RowsRead
  /// Reads the next rows, plane by plane; only called where the header says `storesPlanes`.
  func readPlanarRows(into planes: [UnsafeMutableRawPointer], count: Int, bytesPerRow: Int)
    -> RowsRead
  /// Passes over the next rows, whose values nobody wants; what is wrong with them is told all the same.
  func skipRows(_ count: Int) -> RowsRead
  /// Reads and checks what follows the last row.
  func finish() -> CodecError?
}

extension RowDecoder {
  func shrink(by divisor: Int) { preconditionFailure("this format has one size") }

  func crop(to columns: Range<Int>) { preconditionFailure("this format gives whole rows") }

  func readPlanarRows(into planes: [UnsafeMutableRawPointer], count: Int, bytesPerRow: Int)
    -> RowsRead
  {
    preconditionFailure("this format stores interleaved rows")
  }

  func skipRows(_ count: Int) -> RowsRead { readInVain(count) }

  /// Reads rows into memory that nobody looks at.
  func readInVain(_ count: Int) -> RowsRead {
    let (shape, type) = (header.shape, header.elementType)
    let row = AlignedBuffer(byteCount: shape.width * shape.channels * type.byteCount)
    var failure: CodecError?
    for done in 0..<count {
      let read = readRows(into: row.base, count: 1, bytesPerRow: row.byteCount)
      // Rows may come in spite of it: of an interlaced image those that the last pass has been through.
      failure = failure ?? read.failure
      if read.count == 0 { return RowsRead(count: done, failure: failure) }
    }
    return RowsRead(count: count, failure: failure)
  }
}
