import Synchronization

/// The wish to stop, seen by every thread that asks.
public final class Cancellation: Sendable {
  private let flag = Atomic(false)
  private let condition: @Sendable () -> Bool

  /// Begins without the wish.
  ///
  /// - Parameter condition: Asked each time; where it holds, the wish is made, too.
  public init(when condition: @escaping @Sendable () -> Bool = { false }) {
    self.condition = condition
  }

  /// Whether work should end.
  public var isCancelled: Bool { flag.load(ordering: .relaxed) || condition() }

  /// Asks work to end; that cannot be taken back.
  public func cancel() { flag.store(true, ordering: .relaxed) }

  /// Throws when work should end.
  public func check() throws(Cancelled) {
    if isCancelled { throw Cancelled() }
  }
}

/// Thrown by work that met a cancellation.
public struct Cancelled: Error, Hashable, Sendable {
  /// It says all there is to say by being thrown.
  public init() {}
}
