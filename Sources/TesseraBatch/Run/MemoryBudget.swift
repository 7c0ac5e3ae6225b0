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

  /// Why a need can never be met, if so.
  func objection(to byteCount: Int) -> InputFailure? {
    guard let limit, byteCount > limit else { return nil }
    return InputFailure(.memory(needed: byteCount, allowed: limit), isPlanning: true)
  }

  /// The most of the needs that fit together beside what is needed in any case, whichever of them
  /// are met at once.
  func width(of needs: [Int], beside fixed: Int, upTo most: Int) -> Int {
    guard let limit else { return most }
    var sum = fixed
    let fitting = needs.sorted(by: >).prefix(most).prefix { need in
      sum += need
      return sum <= limit
    }
    return max(fitting.count, 1)
  }

  /// Waits until `byteCount` bytes are free, and takes them until ``release(_:)``.
  ///
  /// - Returns: `false` where the work was cancelled while it waited; nothing is taken then.
  func take(_ byteCount: Int, stop: Cancellation) -> Bool {
    guard let limit else { return true }
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
    return isIn
  }

  /// Gives back what was taken.
  func release(_ byteCount: Int) {
    if limit != nil { books.withLock { $0.used -= byteCount } }
  }
}
