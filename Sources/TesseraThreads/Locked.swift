import Glibc

/// A value that several threads change, and that nobody waits for.
///
/// Over a mutex of the system: that is a lock which the thread sanitizer understands, where the
/// standard library's `Mutex` waits on a futex behind its back.
package final class Locked<Value: ~Copyable>: @unchecked Sendable {
  // Safe to share: the value is touched only under the mutex, which lives at a fixed address.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  package init(_ value: consuming Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Reads or changes the value while nobody else does.
  package func withLock<Result: ~Copyable, Failure: Error>(
    _ body: (inout Value) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
