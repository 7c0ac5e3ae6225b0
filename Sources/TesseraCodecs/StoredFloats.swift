import TesseraCore
import TesseraFiles
import TesseraThreads

extension OpenSource {
  /// Reads values a piece at a time, so that the file is not held beside what becomes of them.
  ///
  /// - Parameters:
  ///   - count: How many values there should be.
  ///   - size: Bytes of each.
  ///   - offset: Where the first one begins.
  ///   - body: Takes some of them, and which they are.
  /// - Returns: Bytes that came: too few where the file ends sooner.
  /// - Throws: `CodecError.io`, and what `body` throws.
  func forEachPiece(
    of count: Int, size: Int, at offset: Int,
    _ body: (_ base: UnsafeRawPointer, _ places: Range<Int>) throws(CodecError) -> Void
  ) throws(CodecError) -> Int {
    guard count > 0 else { return 0 }
    let piece = AlignedBuffer(byteCount: max(size, min(1 << 18, count * size)))
    var done = 0
    while done < count {
      let wanted = min(piece.byteCount / size, count - done) * size
      let came = try CodecError.mapping(
        read(
          into: UnsafeMutableRawBufferPointer(start: piece.base, count: wanted),
          at: offset + done * size))
      guard came == wanted else { return done * size + came }
      try body(piece.base, done..<done + wanted / size)
      done += wanted / size
    }
    return count * size
  }
}

extension NPYValues {
  /// Copies values as floats to some places of an array.
  ///
  /// - Returns: The first value that a float does not hold exactly.
  func copyFloats(to values: inout [Float], _ places: Range<Int>) -> Inexact? {
    values.withUnsafeMutableBufferPointer { target in
      target.baseAddress.flatMap { copyFloats(places.count, to: $0 + places.lowerBound, step: 1) }
    }
  }
}

extension CodecError {
  /// Refuses values that, as floats, do not fit what this process may take.
  ///
  /// - Parameters:
  ///   - count: How many values there are.
  ///   - copies: How often they are held at once.
  ///   - format: The file that has them.
  /// - Throws: `CodecError.overLimit`.
  static func checkMemory(
    forFloats count: Int, copies: Int = 1, of format: FileFormat
  ) throws(CodecError) {
    let need = count.saturating(times: MemoryLayout<Float>.stride).saturating(times: copies)
    if let machine = MachineMemory.current, need > machine.freeByteCount {
      throw .overLimit(format, "needs \(need.inBytes) of memory, \(machine)")
    }
    guard MemoryReservation.isPossible(need) else {
      throw .overLimit(format, "needs \(need.inBytes) of memory, which the system has not left")
    }
  }
}
