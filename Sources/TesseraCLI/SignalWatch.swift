import Glibc
import Synchronization
import Tessera
import TesseraBatch
import TesseraFiles
import TesseraThreads

/// Requests to end the process: Ctrl-C and its relatives.
///
/// The first is noted; the second removes what is half written and ends the process; the third ends it
/// at once. A handler rather than a thread that waits for signals: libraries start threads of their
/// own that block none. But files are removed by a thread, as no lock may be taken in a handler.
struct SignalWatch {
  /// Signals that ask for the end.
  private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2]

  private let previous: [(signal: Int32, action: sigaction)]

  /// Begins to note requests, until it is ended or the process ends: one that comes when the work is done
  /// changes nothing any more.
  @discardableResult init() {
    // Also makes the globals before a handler needs them: nothing may be made inside one.
    requestCount.store(0, ordering: .relaxed)
    if urgentEnd.load(ordering: .relaxed) < 0 {
      urgentEnd.store(Self.startEnding(), ordering: .relaxed)
    }
    var action = sigaction()
    action.sa_flags = SA_RESTART
    action.__sigaction_handler.sa_handler = { _ in SignalWatch.note() }
    // A parent may have started us from a thread that blocks signals, as those of pools do.
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    for signal in Self.signals { sigaddset(&unblocked, signal) }
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
    previous = Self.signals.compactMap { signal in
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

  /// Asks the process to end, as a signal does.
  static func request() { note() }

  /// The wish to stop that the requests are.
  static var cancellation: Cancellation { Cancellation { isRequested } }

  /// What the handler does: nothing but what may be done in one.
  private static func note() {
    let count = requestCount.add(1, ordering: .relaxed).newValue
    if count < 2 { return }
    let end = urgentEnd.load(ordering: .relaxed)
    var byte: UInt8 = 0
    if count > 2 || end < 0 || write(end, &byte, 1) != 1 { _exit(ExitStatus.interrupted.rawValue) }
  }

  /// Starts the thread that ends the process, and gives the pipe by which it is told to; -1 where the
  /// system has no thread or no pipe left.
  private static func startEnding() -> Int32 {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return -1 }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let told = ends[0]
    let isStarted = Workers.startIfPossible {
      var byte: UInt8 = 0
      while read(told, &byte, 1) < 0, errno == EINTR {}
      AtomicFile.discardAll()
      _exit(ExitStatus.interrupted.rawValue)
    }
    if isStarted { return ends[1] }
    close(ends[0])
    close(ends[1])
    return -1
  }

  private static func isIgnore(_ action: sigaction) -> Bool {
    unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}

/// How often the process has been asked to end; a handler can reach nothing but a global.
private let requestCount = Atomic(0)
/// Where the second request is written to; -1 where nobody reads it.
private let urgentEnd = Atomic<Int32>(-1)
