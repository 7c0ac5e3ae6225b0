import Glibc

/// A thread of the system that does one thing and ends.
package struct SystemThread: Sendable {
  private final class Job: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  // Written once, before any other thread can see it.
  nonisolated(unsafe) private let thread: pthread_t

  /// Starts a thread; `nil` where the system has none left.
  ///
  /// Call exactly one of ``detach()`` and ``join()`` afterwards.
  package init?(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let job = Unmanaged.passRetained(Job(body))
    let result = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<Job>.fromOpaque(argument).takeRetainedValue().body() }
        return nil
      }, job.toOpaque())
    guard result == 0 else {
      job.release()
      return nil
    }
    self.thread = thread
  }

  /// Sends a signal to this thread alone.
  package func send(_ signal: Int32) { pthread_kill(thread, signal) }

  /// Lets the thread end unattended.
  package func detach() { pthread_detach(thread) }

  /// Waits for its end.
  package func join() { pthread_join(thread, nil) }
}
