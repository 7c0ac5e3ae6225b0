import TesseraCore
import TesseraThreads

/// Memory that is borrowed and given back, so that images of repeating sizes allocate nothing.
package final class ScratchPool: Sendable {
  /// Memory that is given back when its owner ends.
  ///
  /// It has one user at a time: that is the invariant behind `@unchecked Sendable`.
  package final class Loan: @unchecked Sendable {
    private let buffer: Buffer
    private let pool: ScratchPool

    fileprivate init(_ buffer: Buffer, of pool: ScratchPool) {
      self.buffer = buffer
      self.pool = pool
    }

    deinit { pool.idle.withLock { $0.append(buffer) } }

    /// The first byte.
    package var base: UnsafeMutableRawPointer { buffer.memory.base }

    /// The memory as an array of `Value`; contents are whatever the last borrower left.
    package func pointer<Value: BitwiseCopyable>(
      to type: Value.Type
    ) -> UnsafeMutablePointer<Value> {
      buffer.memory.pointer(to: type)
    }
  }

  fileprivate final class Buffer: Sendable {
    let memory: AlignedBuffer

    init(byteCount: Int) { memory = AlignedBuffer(byteCount: byteCount) }
  }

  private let idle = Monitor<[Buffer]>([])

  /// Buffers above this size are not lent to who asks for less than a quarter.
  private static let smallBytes = 1 << 16

  package init() {}

  /// Lends room for `count` values while `body` runs; contents are whatever the last borrower left.
  package func with<Value: BitwiseCopyable, Result, Failure: Error>(
    _ count: Int, of type: Value.Type,
    _ body: (UnsafeMutablePointer<Value>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let loan = loan(byteCount: count * MemoryLayout<Value>.stride)
    // The memory is in use until the body has ended.
    defer { withExtendedLifetime(loan) {} }
    return try body(loan.pointer(to: type))
  }

  /// Lends at least `byteCount` bytes for as long as somebody holds the loan.
  ///
  /// The smallest idle buffer that suits, or else a new one in place of the largest that is too small:
  /// memory follows what is asked for, and is not more than a few times as much.
  package func loan(byteCount: Int) -> Loan {
    let most = byteCount > Int.max / 4 ? Int.max : max(4 * byteCount, Self.smallBytes)
    let found = idle.withLock { (idle) -> Buffer? in
      let suiting = idle.indices.filter { byteCount...most ~= idle[$0].memory.byteCount }
      if let best = suiting.min(by: { idle[$0].memory.byteCount < idle[$1].memory.byteCount }) {
        return idle.remove(at: best)
      }
      let small = idle.indices.filter { idle[$0].memory.byteCount < byteCount }
      if let worst = small.max(by: { idle[$0].memory.byteCount < idle[$1].memory.byteCount }) {
        idle.remove(at: worst)
      }
      return nil
    }
    return Loan(found ?? Buffer(byteCount: byteCount), of: self)
  }
}

/// The memory of a pipeline's runs, whichever image and worker they are for.
package struct Workspace: Sendable {
  /// Windows of rows.
  package let rows = ScratchPool()
  /// Tiles, sums, lines.
  package let scratch = ScratchPool()

  package init() {}
}
