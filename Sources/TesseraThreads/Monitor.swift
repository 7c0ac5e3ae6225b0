import Glibc

/// A value that several threads change and wait for.
package final class Monitor<Value: ~Copyable>: @unchecked Sendable {
  // Safe to share: the value is touched only under the mutex, and both live at fixed addresses.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>
  private var value: Value

  package init(_ value: consuming Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Changes the value and wakes all who wait.
  package func withLock<Result>(_ body: (inout Value) -> Result) -> Result {
    pthread_mutex_lock(mutex)
    defer {
      pthread_cond_broadcast(condition)
      pthread_mutex_unlock(mutex)
    }
    return body(&value)
  }

  /// Waits until a condition holds, changes the value and wakes all who wait.
  package func withLock<Result>(
    when condition: (borrowing Value) -> Bool, _ body: (inout Value) -> Result
  ) -> Result {
    pthread_mutex_lock(mutex)
    while !condition(value) { pthread_cond_wait(self.condition, mutex) }
    defer {
      pthread_cond_broadcast(self.condition)
      pthread_mutex_unlock(mutex)
    }
    return body(&value)
  }

  /// Waits until `condition` gives a result, but for `milliseconds` at most; `nil` then.
  package func wait<Result>(
    milliseconds: Int, for result: (inout Value) -> Result?
  ) -> Result? {
    var deadline = timespec()
    clock_gettime(CLOCK_MONOTONIC, &deadline)
    deadline.tv_sec += milliseconds / 1000
    deadline.tv_nsec += milliseconds % 1000 * 1_000_000
    if deadline.tv_nsec >= 1_000_000_000 {
      deadline.tv_sec += 1
      deadline.tv_nsec -= 1_000_000_000
    }
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while true {
      if let result = result(&value) { return result }
      if pthread_cond_timedwait(condition, mutex, &deadline) != 0 { return result(&value) }
    }
  }
}
