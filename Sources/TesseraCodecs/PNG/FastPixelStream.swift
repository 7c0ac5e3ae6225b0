import CTesseraCodecs
import TesseraCore

/// The pixels of a PNG file on their way to IDAT chunks, without libpng's filters and zlib.
final class FastPixelStream {
  private let rowBytes: Int
  private let pixelBytes: Int
  private let swapsBytes: Bool
  /// This row and the one above, each after a pixel of zeros.
  private var current: AlignedBuffer
  private var above: AlignedBuffer
  private var filtered: AlignedBuffer
  /// Filtered bytes that wait for a block.
  private var waiting = AlignedBuffer(byteCount: RunDeflater.blockBytes + 64)
  private var waitingCount = 0
  private var deflater = RunDeflater()
  private var checksum: UInt32 = 1
  private var hasHeader = false

  private static let paeth: UInt8 = 4
  /// Room for the zeros before a row.
  private static let margin = 16

  init(shape: ImageShape, elementType: ElementType) {
    pixelBytes = shape.channels * elementType.byteCount
    rowBytes = shape.width * pixelBytes
    swapsBytes = elementType == .uint16 && UInt16(1).littleEndian == 1
    let size = Self.margin + rowBytes + PaethFilter.slack
    current = AlignedBuffer(byteCount: size)
    above = AlignedBuffer(byteCount: size)
    filtered = AlignedBuffer(byteCount: size)
  }

  /// Filters a row and hands on every block that it fills.
  func write(
    _ row: UnsafeRawPointer, to write: (UnsafeRawBufferPointer) throws(CodecError) -> Void
  ) throws(CodecError) {
    swap(&current, &above)
    let line = current.base + Self.margin
    line.copyMemory(from: row, byteCount: rowBytes)
    if swapsBytes {
      let words = line.assumingMemoryBound(to: UInt16.self)
      for i in 0..<rowBytes / 2 { words[i] = words[i].byteSwapped }
    }
    // The filter's number precedes the row.
    let target = filtered.pointer(to: UInt8.self)
    target[0] = Self.paeth
    PaethFilter.apply(
      to: line.assumingMemoryBound(to: UInt8.self),
      above: (above.base + Self.margin).assumingMemoryBound(to: UInt8.self),
      into: target + 1, count: rowBytes, pixelBytes: pixelBytes)
    checksum = tsr_png_adler32(checksum, target, rowBytes + 1)

    var taken = 0
    while taken < rowBytes + 1 {
      let count = min(rowBytes + 1 - taken, RunDeflater.blockBytes - waitingCount)
      (waiting.base + waitingCount).copyMemory(from: target + taken, byteCount: count)
      waitingCount += count
      taken += count
      if waitingCount == RunDeflater.blockBytes { try deflate(isLast: false, to: write) }
    }
  }

  /// Hands on the last block and zlib's checksum.
  func finish(
    to write: (UnsafeRawBufferPointer) throws(CodecError) -> Void
  ) throws(CodecError) {
    try deflate(isLast: true, to: write)
  }

  private func deflate(
    isLast: Bool, to write: (UnsafeRawBufferPointer) throws(CodecError) -> Void
  ) throws(CodecError) {
    if !hasHeader {
      hasHeader = true
      // zlib's header: deflate, a window of 32 KB, the fastest level.
      deflater.store(0x78)
      deflater.store(0x01)
    }
    deflater.deflate(waiting.pointer(to: UInt8.self), count: waitingCount, isLast: isLast)
    waitingCount = 0
    if isLast {
      for shift in [24, 16, 8, 0] {
        deflater.store(UInt8(truncatingIfNeeded: checksum >> UInt32(shift)))
      }
    }
    try write(UnsafeRawBufferPointer(start: deflater.output.base, count: deflater.outputCount))
    deflater.clearOutput()
  }
}
