import Glibc
import Synchronization

/// Waits for Ctrl-C and for a request to end, on a thread of its own.
///
/// The first signal calls `onSignal`, the second ends the process at once. No handler runs in the
/// middle of other work: signals are blocked everywhere and taken by the thread.
final class SignalWatch: Sendable {
  private let thread: Mutex<pthread_t>
  private let isEnding: Ended

  private final class Ended: Sendable {
    let flag = Atomic(false)
  }

  private final class Job: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Begins to wait; `nil` where the system has no thread left. Call it before other threads start.
  init?(onSignal: @escaping @Sendable () -> Void) {
    let isEnding = Ended()
    self.isEnding = isEnding
    // A signal that whoever started us has set to be ignored stays ignored, as after nohup.
    let signals = [SIGINT, SIGTERM].filter { !Self.isIgnored($0) }
    var set = Self.set(of: signals)
    sigaddset(&set, SIGUSR2)
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let watched = set
    let job = Job {
      var count = 0
      var set = watched
      while true {
        var signal: Int32 = 0
        guard sigwait(&set, &signal) == 0 else { continue }
        if isEnding.flag.load(ordering: .acquiring) { return }
        if signal == SIGUSR2 { continue }
        count += 1
        if count > 1 { _exit(ExitCode.interrupted) }
        onSignal()
      }
    }
    var thread = pthread_t()
    let reference = Unmanaged.passRetained(job)
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, reference.toOpaque())
    self.thread = Mutex(thread)
    if result != 0 {
      reference.release()
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
      return nil
    }
  }

  /// Ends the waiting. Signals that come from here on end the process.
  func end() {
    isEnding.flag.store(true, ordering: .releasing)
    let thread = thread.withLock { $0 }
    pthread_kill(thread, SIGUSR2)
    pthread_join(thread, nil)
    var set = Self.set(of: [SIGINT, SIGTERM])
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
  }

  private enum ExitCode {
    static let interrupted: Int32 = 75
  }

  private static func set(of signals: [Int32]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    return set
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    let handler = action.__sigaction_handler.sa_handler
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
