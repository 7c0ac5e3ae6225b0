import Glibc
import Synchronization
import Tessera
import TesseraBatch

/// Requests to end the process: Ctrl-C and SIGTERM.
///
/// The first is noted, the second ends the process at once. A handler rather than a thread that
/// waits: libraries start threads of their own that block no signal.
struct SignalWatch {
  private let previous: [(signal: Int32, action: sigaction)]

  /// Begins to note requests.
  init() {
    // Also makes the counter before a handler needs it: nothing may be made inside one.
    requestCount.store(0, ordering: .relaxed)
    var action = sigaction()
    action.sa_flags = SA_RESTART
    action.__sigaction_handler.sa_handler = { _ in
      if requestCount.add(1, ordering: .relaxed).newValue > 1 {
        _exit(ExitStatus.interrupted.rawValue)
      }
    }
    // A parent may have started us from a thread that blocks signals, as those of pools do.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    previous = [SIGINT, SIGTERM].compactMap { signal in
      var old = sigaction()
      sigaction(signal, nil, &old)
      // What whoever started us has set to be ignored stays ignored, as after nohup.
      if Self.isIgnore(old) { return nil }
      sigaction(signal, &action, nil)
      return (signal, old)
    }
  }

  /// Leaves requests to whoever had them before.
  func end() {
    for (signal, action) in previous {
      var action = action
      sigaction(signal, &action, nil)
    }
  }

  /// Whether the process has been asked to end.
  static var isRequested: Bool { requestCount.load(ordering: .relaxed) > 0 }

  private static func isIgnore(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

/// How often the process has been asked to end; a handler can reach nothing but a global.
private let requestCount = Atomic(0)
