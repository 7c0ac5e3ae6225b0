import Glibc

/// Threads that work side by side and end together.
///
/// They are threads of the system rather than tasks: a worker blocks in codecs and files, and as many
/// of them run as were asked for, on any number of processors.
enum Workers {
  /// Runs `work` on `count` threads.
  ///
  /// - Parameters:
  ///   - count: Number of threads, at least 1.
  ///   - work: What each of them does.
  ///   - attend: Called on the calling thread about every `milliseconds` until all have ended.
  static func run(
    _ count: Int, milliseconds: Int = 100, _ work: @escaping @Sendable () -> Void,
    attend: () -> Void
  ) {
    let running = Monitor(count)
    let job = Job {
      work()
      running.withLock { $0 -= 1 }
    }
    var threads: [pthread_t] = []
    for _ in 0..<count {
      if let thread = start(job) { threads.append(thread) }
    }
    if threads.isEmpty { work() }
    let missing = count - threads.count
    while running.wait(milliseconds: milliseconds, for: { $0 <= missing ? true : nil }) == nil {
      attend()
    }
    for thread in threads { pthread_join(thread, nil) }
  }

  private final class Job: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts a thread; `nil` where the system has none left.
  private static func start(_ job: Job) -> pthread_t? {
    var thread = pthread_t()
    let reference = Unmanaged.passRetained(job)
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, reference.toOpaque())
    guard result == 0 else {
      reference.release()
      return nil
    }
    return thread
  }
}
