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

    deinit { pool.store.withLock { $0.takeBack(buffer) } }

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

  /// What is lent, and what waits to be.
  private struct Store {
    var idle: [Buffer] = []
    var idleBytes = 0
    var lentBytes = 0
    var mostLentBytes = 0

    /// The smallest idle buffer of a size within bounds.
    mutating func lend(_ sizes: ClosedRange<Int>) -> Buffer? {
      var best: Int?
      for index in idle.indices where sizes ~= idle[index].memory.byteCount {
        if best.map({ idle[index].memory.byteCount < idle[$0].memory.byteCount }) ?? true {
          best = index
        }
      }
      guard let best else { return nil }
      let buffer = idle.remove(at: best)
      idleBytes -= buffer.memory.byteCount
      lend(buffer.memory.byteCount)
      return buffer
    }

    mutating func lend(_ byteCount: Int) {
      lentBytes += byteCount
      mostLentBytes = max(mostLentBytes, lentBytes)
    }

    /// Lets the largest idle buffers go until all memory is little more than was lent at once: a new
    /// one takes their place.
    mutating func shrink() {
      release(keeping: mostLentBytes + ScratchPool.spareBytes - lentBytes)
    }

    /// Lets the largest idle buffers go until no more bytes wait.
    mutating func release(keeping byteCount: Int) {
      while idleBytes > max(byteCount, 0),
        let largest = idle.indices.max(by: {
          idle[$0].memory.byteCount < idle[$1].memory.byteCount
        })
      {
        idleBytes -= idle.remove(at: largest).memory.byteCount
      }
    }

    mutating func takeBack(_ buffer: Buffer) {
      lentBytes -= buffer.memory.byteCount
      idleBytes += buffer.memory.byteCount
      idle.append(buffer)
    }
  }

  private let store = Locked(Store())

  /// Buffers above this size are not lent to who asks for less than a quarter.
  private static let smallBytes = 1 << 16
  /// Idle memory beyond what was lent at once.
  private static let spareBytes = 2 << 20

  package init() {}

  /// Lets buffers go that wait to be lent, the largest first, until no more bytes wait than were said.
  ///
  /// - Returns: bytes that still wait.
  package func release(keeping byteCount: Int) -> Int {
    store.withLock { store in
      store.release(keeping: byteCount)
      store.mostLentBytes = store.lentBytes + store.idleBytes
      return store.idleBytes
    }
  }

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
  /// The smallest idle buffer that suits, or else a new one in place of the largest that wait: memory
  /// follows what is asked for at once.
  package func loan(byteCount: Int) -> Loan {
    let most = byteCount > Int.max / 4 ? Int.max : max(4 * byteCount, Self.smallBytes)
    let found = store.withLock { (store) -> Buffer? in
      if let buffer = store.lend(byteCount...most) { return buffer }
      store.lend(byteCount)
      store.shrink()
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

  /// Lets memory go that waits to be lent, but for so many bytes.
  package func release(keeping byteCount: Int) {
    let kept = scratch.release(keeping: byteCount)
    _ = rows.release(keeping: byteCount - kept)
  }
}
