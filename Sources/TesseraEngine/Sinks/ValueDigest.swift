import TesseraCodecs
import TesseraCore
import TesseraThreads

/// A digest of an array that does not depend on the order in which its values are seen.
///
/// Each value is mixed with its position; the digest is the sum. It tells a file that was read back
/// from the values that were written.
struct ValueDigest: Hashable, Sendable {
  private var sum: UInt64 = 0

  /// Adds `count` values, the first one at `position`, each `stride` positions after the last.
  mutating func add(
    _ values: UnsafeRawPointer, as type: StoredType, count: Int, at position: Int, stride: Int = 1
  ) {
    switch type {
    case .uint8: add(values, UInt8.self, count, position, stride) { UInt64($0) }
    case .uint16: add(values, UInt16.self, count, position, stride) { UInt64($0) }
    case .float16:
      add(values, UInt16.self, count, position, stride) {
        Self.bits(Float(Float16(bitPattern: $0)))
      }
    case .bfloat16: add(values, UInt16.self, count, position, stride) { UInt64($0) << 16 }
    case .float32, .int32: add(values, UInt32.self, count, position, stride) { UInt64($0) }
    case .int64: add(values, UInt64.self, count, position, stride) { $0 }
    }
  }

  /// Adds values that are about to be stored: those of half the bytes by what they will be.
  mutating func add(
    _ values: UnsafeRawPointer, as type: ElementType, storedAs stored: StoredType, count: Int,
    at position: Int, stride: Int = 1
  ) {
    switch stored {
    case .float16:
      add(values, Float.self, count, position, stride) { Self.bits(Float(Float16($0))) }
    default: add(values, as: StoredType(type), count: count, at: position, stride: stride)
    }
  }

  private static func bits(_ value: Float) -> UInt64 { UInt64(value.bitPattern) }

  private mutating func add<Value>(
    _ values: UnsafeRawPointer, _ type: Value.Type, _ count: Int, _ position: Int, _ stride: Int,
    _ bits: (Value) -> UInt64
  ) {
    let values = values.assumingMemoryBound(to: type)
    for index in 0..<count {
      let place = UInt64(truncatingIfNeeded: position + index * stride)
      var word = (bits(values[index]) &+ 1) &* 0x9E37_79B9_7F4A_7C15 ^ place
      word = (word ^ word >> 32) &* 0xD6E8_FEB8_6659_FD93
      sum &+= word ^ word >> 29
    }
  }
}

extension ValueDigest {
  /// The digest of an image that a file holds, planar positions, decoded anew.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - cancellation: Asked between rows.
  /// - Returns: The digest, and what the file says of itself.
  /// - Throws: `CodecError`.
  static func ofImage(
    at path: String, _ cancellation: Cancellation
  ) throws(CodecError) -> (ValueDigest, ImageHeader) {
    var options = DecodeOptions()
    options.maxPixels = .max
    options.wantsMetadata = false
    let reader = try ImageReader(path: path, options: options, cancellation: cancellation)
    let header = reader.header
    let (shape, type) = (header.shape, header.elementType)
    let row = AlignedBuffer(byteCount: reader.bytesPerRow)
    var digest = ValueDigest()
    for y in 0..<shape.height {
      if cancellation.isCancelled { throw .cancelled }
      try reader.readRows(into: row.base, count: 1, bytesPerRow: reader.bytesPerRow)
      for x in 0..<shape.width {
        digest.add(
          row.base + x * shape.channels * type.byteCount, as: StoredType(type),
          count: shape.channels,
          at: y * shape.width + x, stride: shape.height * shape.width)
      }
    }
    _ = try reader.finish()
    return (digest, header)
  }
}
