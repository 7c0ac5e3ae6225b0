import TesseraThreads

/// Memory that inputs may take together; they are let in in the order in which they come.
final class MemoryBudget: Sendable {
  /// Who is in, and who waits.
  private struct Books {
    var used = 0
    /// The next number to give out.
    var nextTicket = 0
    /// The number whose turn it is: a large input is not overtaken for ever by small ones.
    var turn = 0
  }

  private let limit: Int?
  private let books = Monitor(Books())

  init(limit: Int?) { self.limit = limit }

  /// Runs `body` once `byteCount` bytes are free.
  ///
  /// - Returns: `nil` where the work was cancelled while it waited.
  /// - Throws: A failure of kind memory where that can never be.
  func withMemory<Result>(
    _ byteCount: Int, stop: Cancellation, _ body: () -> Result
  ) throws(InputFailure) -> Result? {
    guard let limit else { return body() }
    guard byteCount <= limit else {
      throw InputFailure(
        .memory, "needs \(byteCount.inBytes) of memory, --memory allows \(limit.inBytes)",
        isPlanning: true)
    }
    let ticket = books.withLock { books in
      defer { books.nextTicket += 1 }
      return books.nextTicket
    }
    var isIn = false
    while !isIn {
      isIn =
        books.wait(milliseconds: 100) { books in
          guard books.turn == ticket, books.used <= limit - byteCount else { return nil }
          books.used += byteCount
          return true
        } ?? false
      if stop.isCancelled { break }
    }
    // Every number has to be passed on, or all later ones would wait for ever.
    if !isIn {
      while books.wait(milliseconds: 100, for: { $0.turn == ticket ? true : nil }) == nil {}
    }
    books.withLock { $0.turn += 1 }
    guard isIn else { return nil }
    defer { books.withLock { $0.used -= byteCount } }
    return body()
  }
}
