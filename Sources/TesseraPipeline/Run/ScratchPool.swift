import Synchronization
import TesseraCore

/// Memory that is borrowed and given back, so that images of repeating sizes allocate nothing.
final class ScratchPool: Sendable {
  /// One loan.
  ///
  /// It has one borrower at a time: that is the invariant behind `@unchecked Sendable`.
  final class Buffer: @unchecked Sendable {
    private(set) var storage = AlignedBuffer()

    /// At least `count` values; contents are whatever the last borrower left.
    func values<Value: BitwiseCopyable>(
      _ count: Int, as type: Value.Type
    ) -> UnsafeMutablePointer<Value> {
      storage.reserve(byteCount: count * MemoryLayout<Value>.stride)
      return storage.pointer(to: type)
    }
  }

  private let idle = Mutex<[Buffer]>([])

  /// Lends the smallest idle buffer of at least `byteCount` bytes, or else the largest, grown.
  func borrow(byteCount: Int) -> Buffer {
    let buffer = idle.withLock { idle in
      let fitting = idle.indices.filter { idle[$0].storage.byteCount >= byteCount }
      let best =
        fitting.min { idle[$0].storage.byteCount < idle[$1].storage.byteCount }
        ?? idle.indices.max { idle[$0].storage.byteCount < idle[$1].storage.byteCount }
      return best.map { idle.remove(at: $0) }
    }
    let loan = buffer ?? Buffer()
    _ = loan.values(byteCount, as: UInt8.self)
    return loan
  }

  /// Takes a buffer back.
  func giveBack(_ buffer: Buffer) {
    idle.withLock { $0.append(buffer) }
  }

  /// Memory that is given back when its owner ends.
  ///
  /// It has one user at a time: that is the invariant behind `@unchecked Sendable`.
  final class Loan: @unchecked Sendable {
    private let buffer: Buffer
    private let pool: ScratchPool

    fileprivate init(_ buffer: Buffer, of pool: ScratchPool) {
      self.buffer = buffer
      self.pool = pool
    }

    deinit { pool.giveBack(buffer) }

    /// The first byte.
    var base: UnsafeMutableRawPointer { buffer.storage.base }

    /// The memory as an array of `Value`; contents are whatever the last borrower left.
    func pointer<Value: BitwiseCopyable>(to type: Value.Type) -> UnsafeMutablePointer<Value> {
      buffer.storage.pointer(to: type)
    }
  }

  /// Lends at least `byteCount` bytes for as long as somebody holds the loan.
  func loan(byteCount: Int) -> Loan { Loan(borrow(byteCount: byteCount), of: self) }

  /// Lends a buffer for the length of `body`.
  func withBuffer<Result>(byteCount: Int = 0, _ body: (Buffer) -> Result) -> Result {
    let buffer = borrow(byteCount: byteCount)
    defer { giveBack(buffer) }
    return body(buffer)
  }
}

/// The memory of a pipeline's runs, whichever image and worker they are for.
struct Workspace: Sendable {
  /// Windows of rows.
  let rows = ScratchPool()
  /// Tiles, sums, lines.
  let scratch = ScratchPool()
}
