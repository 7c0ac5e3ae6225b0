import Glibc
import Synchronization
import Tessera

/// Waits for Ctrl-C and for a request to end, on a thread of its own.
///
/// The first signal calls a closure, the second ends the process at once. No handler runs in the
/// middle of other work: signals are blocked everywhere and taken by the thread.
final class SignalWatch: Sendable {
  private let isEnding: Flag
  private let thread: SystemThread

  private final class Flag: Sendable {
    let value = Atomic(false)
  }

  /// Begins to wait; `nil` where the system has no thread left.
  ///
  /// Call it before other threads start, as they inherit what is blocked.
  init?(onSignal: @escaping @Sendable () -> Void) {
    let isEnding = Flag()
    // What whoever started us has set to be ignored stays ignored, as after nohup.
    let watched = Self.set(of: Self.requests.filter { !Self.isIgnored($0) } + [Self.wakeUp])
    Self.mask(SIG_BLOCK, watched)
    let thread = SystemThread {
      var watched = watched
      var count = 0
      while true {
        var signal: Int32 = 0
        guard sigwait(&watched, &signal) == 0 else { continue }
        if isEnding.value.load(ordering: .acquiring) { return }
        if signal == Self.wakeUp { continue }
        count += 1
        if count > 1 { _exit(ExitStatus.interrupted.rawValue) }
        onSignal()
      }
    }
    guard let thread else {
      Self.mask(SIG_UNBLOCK, watched)
      return nil
    }
    self.thread = thread
    self.isEnding = isEnding
  }

  /// Ends the waiting; signals that come from here on end the process.
  func end() {
    isEnding.value.store(true, ordering: .releasing)
    thread.send(Self.wakeUp)
    thread.join()
    Self.mask(SIG_UNBLOCK, Self.set(of: Self.requests))
  }

  private static let requests = [SIGINT, SIGTERM]
  private static let wakeUp = SIGUSR2

  private static func set(of signals: [Int32]) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in signals { sigaddset(&set, signal) }
    return set
  }

  private static func mask(_ change: Int32, _ signals: sigset_t) {
    var signals = signals
    pthread_sigmask(change, &signals, nil)
  }

  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    sigaction(signal, nil, &action)
    let handler = action.__sigaction_handler.sa_handler
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
