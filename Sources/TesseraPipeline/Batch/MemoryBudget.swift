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
        .memory, "needs \(byteCount.bytes) of memory, --memory allows \(limit.bytes)",
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

extension Int {
  /// An amount of memory or of a file, for people.
  package var bytes: String {
    let units = ["B", "KB", "MB", "GB", "TB"]
    var value = Double(self)
    var unit = 0
    while value >= 999.5, unit < units.count - 1 {
      value /= 1000
      unit += 1
    }
    let digits = unit > 0 && value < 9.95 ? (value * 10).rounded() / 10 : value.rounded()
    let text = digits == digits.rounded() ? String(Int(digits)) : "\(digits)"
    return "\(text) \(units[unit])"
  }
}
