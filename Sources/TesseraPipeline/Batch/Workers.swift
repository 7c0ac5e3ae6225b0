/// Threads that work side by side and end together.
///
/// They are threads of the system rather than tasks: a worker blocks in codecs and files, and as many
/// of them run as were asked for, on any number of processors.
enum Workers {
  /// Runs `work` on `count` threads, and `attend` on the calling one until all have ended.
  ///
  /// - Parameters:
  ///   - count: Number of threads, at least 1. Where the system has fewer, fewer do the work.
  ///   - work: What each of them does.
  ///   - attend: Called about ten times a second.
  static func run(
    _ count: Int, _ work: @escaping @Sendable () -> Void, attend: () -> Void
  ) {
    let running = Monitor(count)
    let body: @Sendable () -> Void = {
      work()
      running.withLock { $0 -= 1 }
    }
    let started = start(count, body)
    if started == 0 { work() }
    let missing = count - started
    while running.wait(milliseconds: 100, for: { $0 <= missing ? true : nil }) == nil {
      attend()
    }
  }

  private static func start(_ count: Int, _ body: @escaping @Sendable () -> Void) -> Int {
    var started = 0
    while started < count, let thread = SystemThread(body) {
      thread.detach()
      started += 1
    }
    return started
  }
}
