import Synchronization

/// The wish to stop, seen by every thread that asks.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)
  private let parent: Cancellation?

  /// Creates a wish that is not yet made.
  ///
  /// - Parameter parent: Whose cancellation is this one's too.
  public init(parent: Cancellation? = nil) { self.parent = parent }

  /// Whether work should end.
  public var isCancelled: Bool {
    flag.load(ordering: .relaxed) || (parent?.isCancelled ?? false)
  }

  /// Asks work to end; that cannot be taken back.
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// Throws when work should end.
  public func check() throws(Cancelled) {
    if isCancelled { throw Cancelled() }
  }
}

/// Thrown by work that met a cancellation.
public struct Cancelled: Error, Hashable, Sendable {
  /// Creates the error.
  public init() {}
}
