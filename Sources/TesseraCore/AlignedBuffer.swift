/// Owned memory aligned to 64 bytes, zeroed when made, freed when the owner ends.
///
/// Every row and tile of a run lives in one of these. Capacity never shrinks: a worker that meets
/// images of repeating sizes allocates once.
public struct AlignedBuffer: ~Copyable, @unchecked Sendable {
  /// Alignment of the first byte: one cache line, one AVX-512 vector.
  public static let alignment = 64

  /// First byte; valid for `byteCount` bytes as long as the buffer lives.
  public private(set) var base: UnsafeMutableRawPointer
  /// Usable bytes.
  public private(set) var byteCount: Int

  /// Allocates zeroed memory.
  ///
  /// A count of 0 is allowed.
  public init(byteCount: Int = 0) {
    precondition(byteCount >= 0, "a buffer cannot have a negative size")
    self.byteCount = byteCount
    base = .allocate(byteCount: max(byteCount, 1), alignment: Self.alignment)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
  }

  deinit { base.deallocate() }

  /// Makes at least a number of bytes usable.
  ///
  /// Contents are lost when the buffer grows.
  public mutating func reserve(byteCount wanted: Int) {
    guard wanted > byteCount else { return }
    self = AlignedBuffer(byteCount: wanted)
  }

  /// The memory as an array of `Value`.
  ///
  /// The pointer is valid for `byteCount / MemoryLayout<Value>.stride` values, until the buffer
  /// grows or ends.
  public func pointer<Value: BitwiseCopyable>(to type: Value.Type) -> UnsafeMutablePointer<Value> {
    base.assumingMemoryBound(to: type)
  }
}
