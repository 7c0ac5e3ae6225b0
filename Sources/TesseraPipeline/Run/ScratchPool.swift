import Synchronization
import TesseraCore

/// Working memory that bands borrow and give back, so that one image allocates what one band needs
/// times the number of workers, and the next image nothing.
final class ScratchPool: Sendable {
  /// One loan.
  final class Buffer: @unchecked Sendable {
    private var storage = AlignedBuffer()

    /// At least `count` values; contents are whatever the last borrower left.
    func values<Value: BitwiseCopyable>(
      _ count: Int, as type: Value.Type
    ) -> UnsafeMutablePointer<Value> {
      storage.reserve(byteCount: count * MemoryLayout<Value>.stride)
      return storage.pointer(to: type)
    }
  }

  private let idle = Mutex<[Buffer]>([])

  /// Lends a buffer for the length of `body`.
  func withBuffer<Result>(_ body: (Buffer) -> Result) -> Result {
    let buffer = idle.withLock { $0.popLast() } ?? Buffer()
    defer { idle.withLock { $0.append(buffer) } }
    return body(buffer)
  }
}
