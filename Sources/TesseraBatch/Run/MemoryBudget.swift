import TesseraCore
import TesseraFiles
import TesseraThreads

/// Memory that inputs may take together; they are let in in the order in which they come.
///
/// The bound is the one that was asked for or, if that is tighter, what the system lets the process have.
/// Before an input is let in, the system is asked for the memory of all that are in work: what it refuses
/// fails one input, rather than the process in the midst of its work.
package final class MemoryBudget: Sendable {
  /// Who is in, and who waits.
  private struct Books {
    var used = 0
    /// The next number to give out.
    var nextTicket = 0
    /// The number whose turn it is: a large input is not overtaken for ever by small ones.
    var turn = 0
  }

  /// How a wait for memory ends.
  private enum Answer { case isIn, refused }

  /// What the run was allowed; `nil`: whatever there is.
  private let limit: Int?
  /// What the system lets the process have.
  private let machine: MachineMemory?
  private let memory: Memory
  private let books = Monitor(Books())

  /// The system's memory, seen from a run.
  struct Memory: Sendable {
    /// Whether the system would give so many bytes.
    var isThere: @Sendable (Int) -> Bool = MemoryReservation.isPossible
    /// Lets memory go that nobody uses but for so many bytes.
    var keep: @Sendable (Int) -> Void = { _ in }
    /// Threads that work for all inputs together, at most.
    var threads = 1

    /// Whether addresses count that are never used, as those of most of a thread's stack.
    var countsAddresses = false

    /// What allocators and threads take beside what is planned.
    var overhead: Int { (32 << 20) + threads * (countsAddresses ? 16 << 20 : 1 << 18) }
  }

  /// Sets the bounds.
  ///
  /// - Parameters:
  ///   - limit: what inputs may take together [bytes]; `nil` leaves it to the system.
  ///   - machine: what the system allows; `nil` knows nothing of it.
  ///   - memory: how the system is asked.
  init(limit: Int?, machine: MachineMemory? = nil, memory: Memory = Memory()) {
    self.limit = limit
    self.machine = machine
    self.memory = memory
  }

  /// The tighter of the two bounds.
  private var bound: Int? { [limit, machine?.freeByteCount].compactMap(\.self).min() }

  /// Why the memory for one image by itself cannot be had now, if so.
  ///
  /// - Parameters:
  ///   - byteCount: what it needs.
  ///   - limit: what it may take; `nil` leaves it to the system.
  ///   - keep: lets memory go that nobody uses but for so many bytes.
  /// - Returns: the failure of the image.
  package static func objection(
    to byteCount: Int, limit: Int? = nil, keep: @escaping @Sendable (Int) -> Void
  ) -> InputFailure? {
    // Next to nothing fails elsewhere, too.
    guard byteCount > min(16 << 20, limit ?? .max) else { return nil }
    let budget = MemoryBudget(limit: limit, machine: .current, memory: Memory(keep: keep))
    if let objection = budget.objection(to: byteCount) { return objection }
    do throws(InputFailure) {
      _ = try budget.take(byteCount, stop: Cancellation())
      return nil
    } catch {
      return error
    }
  }

  /// Why a need can never be met, if so.
  func objection(to byteCount: Int) -> InputFailure? {
    if let limit, byteCount > limit {
      return InputFailure(.memory(needed: byteCount, allowed: limit), isPlanning: true)
    }
    if let machine, byteCount > machine.freeByteCount {
      return InputFailure(
        .memoryOfMachine(needed: byteCount, limit: machine.description), isPlanning: true)
    }
    return nil
  }

  /// The most of the needs that fit together beside what is needed in any case, whichever of them
  /// are met at once.
  func width(of needs: [Int], beside fixed: Int, upTo most: Int) -> Int {
    guard let bound else { return most }
    var sum = fixed
    let fitting = needs.sorted(by: >).prefix(most).prefix { need in
      sum = sum.saturating(plus: need)
      return sum <= bound
    }
    return max(fitting.count, 1)
  }

  /// Waits until `byteCount` bytes are free, and takes them until ``release(_:)``.
  ///
  /// - Returns: `false` where the work was cancelled while it waited; nothing is taken then.
  /// - Throws: the failure of an input for which the system has no memory though nobody else is in.
  func take(_ byteCount: Int, stop: Cancellation) throws(InputFailure) -> Bool {
    let ticket = books.withLock { books in
      defer { books.nextTicket += 1 }
      return books.nextTicket
    }
    var answer: Answer?
    while answer == nil {
      answer = books.wait(milliseconds: 100) { books in
        books.turn == ticket ? self.answer(to: byteCount, &books) : nil
      }
      if answer == nil, stop.isCancelled { break }
    }
    // Every number has to be passed on, or all later ones would wait for ever.
    if answer == nil {
      while books.wait(milliseconds: 100, for: { $0.turn == ticket ? true : nil }) == nil {}
    }
    books.withLock { $0.turn += 1 }
    if answer == .refused {
      throw InputFailure(
        .memoryRefused(
          needed: byteCount, limit: machine?.description ?? "the system tells no bound"))
    }
    return answer == .isIn
  }

  /// Lets somebody in whose turn it is; `nil` where others have to leave first.
  private func answer(to byteCount: Int, _ books: inout Books) -> Answer? {
    let sum = books.used.saturating(plus: byteCount)
    if let bound {
      guard sum <= bound || books.used == 0 else { return nil }
      memory.keep(max(bound - sum, 0))
    }
    if !memory.isThere(sum + memory.overhead) {
      // What is idle may be in the way, and what others have taken already is asked for twice.
      memory.keep(0)
      guard memory.isThere(sum + memory.overhead) else { return books.used == 0 ? .refused : nil }
    }
    books.used = sum
    return .isIn
  }

  /// Gives back what was taken.
  func release(_ byteCount: Int) { books.withLock { $0.used -= byteCount } }
}
