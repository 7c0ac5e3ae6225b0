import CTesseraChildren
import Glibc
import TesseraCore

/// A program that runs beside this process, and answers what it is asked through pipes.
///
/// It has one user at a time: that is the invariant behind `@unchecked Sendable`. It is killed, with
/// all that it has started, when its owner lets it go, and when this process ends in whatever way.
final class ChildProcess: @unchecked Sendable {
  /// Why a question got no answer.
  enum Interruption: Error {
    case failure(ChildFailure.Reason)
    case cancelled
  }

  let command: ChildCommand
  private var child = tsr_child()
  private var isRunning = true
  /// Whether it has had a question before.
  private var hasAnswered = false
  /// The end of what it wrote to its standard error.
  private(set) var errors: [UInt8] = []

  /// Bytes of that which are kept.
  private static let mostErrors = 4096
  /// How often the wish to stop is looked for [ms].
  private static let turn = 50.0
  /// How often a program that has answered is looked at, and the time in between [µs].
  private static let mostLooks = 1000
  private static let lookPause: UInt32 = 50

  /// Starts the program.
  init(_ command: ChildCommand) throws(ChildFailure.Reason) {
    self.command = command
    var arguments = command.arguments.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    let code = command.path.withPathBytes { tsr_child_start($0, &arguments, &child) }
    guard code == 0 else {
      isRunning = false
      throw .notStarted(code: code)
    }
  }

  deinit { _ = kill() }

  /// Kills what still runs of it.
  ///
  /// - Returns: how it ended, as `waitpid` tells.
  @discardableResult
  func kill() -> Int32 {
    guard isRunning else { return 0 }
    isRunning = false
    return tsr_child_end(&child)
  }

  /// Whether the program has ended by itself.
  var hasEnded: Bool { !isRunning || tsr_child_has_ended(&child) != 0 }

  /// Whether something that it has written waits to be read.
  var hasWritten: Bool {
    var ends = [pollfd(fd: child.output, events: Int16(POLLIN), revents: 0)]
    return poll(&ends, 1, 0) > 0 && ends[0].revents & Int16(POLLIN) != 0
  }

  /// Whether it still takes questions.
  var isListening: Bool {
    var ends = [pollfd(fd: child.input, events: 0, revents: 0)]
    return poll(&ends, 1, 0) == 0
  }

  /// Tells the program that nothing more comes.
  func closeInput() {
    guard child.input >= 0 else { return }
    close(child.input)
    child.input = -1
  }

  /// Waits until the program has ended by itself, and passes over what it still writes.
  func waitForEnd(until deadline: ContinuousClock.Instant) {
    withUnsafeTemporaryAllocation(byteCount: 1 << 12, alignment: 16) { piece in
      while !hasEnded, ContinuousClock.now < deadline {
        var ends = [child.output, child.errors].map {
          pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
        }
        let count = poll(&ends, 2, 10)
        // What fails at once would be asked again and again.
        if count < 0 { usleep(2000) }
        if count <= 0 { continue }
        if ends[1].revents != 0 { drainErrors() }
        if ends[0].revents != 0, read(child.output, piece.baseAddress, piece.count) <= 0 {
          // Nothing more comes, and it has not ended yet.
          usleep(2000)
        }
      }
    }
    drainErrors()
  }

  /// Sends a question and takes its answer, both at once: neither side waits for the other.
  ///
  /// - Parameters:
  ///   - talk: what is said.
  ///   - seconds: the longest that it may take.
  ///   - isCancelled: asked some times a second.
  /// - Throws: `Interruption`; the program is of no use then.
  func exchange(
    _ talk: inout PatchConversation, seconds: Double, isCancelled: () -> Bool
  ) throws(Interruption) {
    // What one that has just been started says unasked is read as its answer: however quick it is, the
    // same is said of it.
    if hasAnswered, hasWritten { throw .failure(.surplus) }
    let deadline = ContinuousClock.now + .seconds(seconds)
    var question = talk.nextPiece()
    while true {
      if isCancelled() { throw .cancelled }
      if question.isEmpty, talk.isAnswered { break }
      let left = (deadline - ContinuousClock.now) / .milliseconds(1)
      if left <= 0 { throw .failure(.silent(seconds: seconds)) }
      var ends = [
        pollfd(fd: child.output, events: Int16(POLLIN), revents: 0),
        pollfd(fd: child.errors, events: Int16(POLLIN), revents: 0),
        pollfd(fd: question.isEmpty ? -1 : child.input, events: Int16(POLLOUT), revents: 0),
      ]
      let count = poll(&ends, 3, Int32(min(left, Self.turn).rounded(.up)))
      if count < 0, errno != EINTR, errno != EAGAIN { throw .failure(.unheard(code: errno)) }
      let isReady = count > 0
      if !isReady || ends[0].revents == 0 && ends[2].revents == 0 {
        // What it has left behind may hold its pipes open, and will not answer in its place.
        if hasEnded, !hasWritten { throw .failure(reasonOfEnd()) }
      }
      guard isReady else { continue }
      if ends[1].revents != 0 { drainErrors() }
      if ends[0].revents != 0 { try take(&talk) }
      if ends[2].revents != 0 {
        guard let base = question.baseAddress else { continue }
        let taken = tsr_child_write(child.input, base, question.count)
        if taken > 0 {
          question = UnsafeRawBufferPointer(rebasing: question.dropFirst(Int(taken)))
          if question.isEmpty { question = talk.nextPiece() }
        } else if taken != Int64(-EAGAIN), taken != Int64(-EINTR) {
          // What it wrote before that says more than that it does not listen.
          while hasWritten { try take(&talk) }
          throw .failure(reasonOfEnd(closed: .closedInput))
        }
      }
    }
    settle()
    if hasWritten { throw .failure(.surplus) }
    hasAnswered = true
  }

  /// Waits a moment until the program waits, too: for the next question, unless it is about to write
  /// more than it was asked for.
  private func settle() {
    for _ in 0..<Self.mostLooks {
      guard tsr_child_is_working(&child) != 0 else { return }
      usleep(Self.lookPause)
    }
  }

  /// Reads what there is of the answer.
  private func take(_ talk: inout PatchConversation) throws(Interruption) {
    let room = talk.room
    let count = read(child.output, room.baseAddress, room.count)
    if count < 0, errno == EAGAIN || errno == EINTR { return }
    guard count > 0 else { throw .failure(reasonOfEnd()) }
    do throws(ChildFailure.Reason) { try talk.take(count) } catch { throw .failure(error) }
  }

  /// How the program came to end, where one of its pipes has; `closed` where it goes on without.
  private func reasonOfEnd(
    closed: ChildFailure.Reason = .closedOutput
  ) -> ChildFailure.Reason {
    waitForEnd(until: .now + .seconds(1))
    return hasEnded ? .ended(status: kill()) : closed
  }

  /// Keeps the end of what has come on standard error.
  private func drainErrors() {
    withUnsafeTemporaryAllocation(byteCount: Self.mostErrors, alignment: 16) { piece in
      // A program that never ends to complain is not listened to for ever.
      for _ in 0..<64 {
        let count = read(child.errors, piece.baseAddress, piece.count)
        guard count > 0 else {
          if count == 0 || errno != EAGAIN && errno != EINTR { closeErrors() }
          return
        }
        errors += piece.prefix(count)
        errors = errors.suffix(Self.mostErrors)
      }
    }
  }

  private func closeErrors() {
    guard child.errors >= 0 else { return }
    close(child.errors)
    child.errors = -1
  }
}
