import TesseraThreads

/// Programs that run beside this process, lent to one worker at a time and kept for the next image.
///
/// So there are as many of a kind as workers that want one at once.
package final class ChildPool: Sendable {
  private let idle = Locked<[ChildProcess]>([])

  /// What programs may take to end by themselves once nothing more comes [s].
  private static let patience = 5.0

  package init() {}

  deinit {
    let children = idle.withLock { idle in
      defer { idle = [] }
      return idle
    }
    for child in children { child.closeInput() }
    let deadline = ContinuousClock.now + .seconds(Self.patience)
    for child in children {
      child.waitForEnd(until: deadline)
      child.kill()
    }
  }

  /// Lends a program that runs already, or starts one.
  func borrow(_ command: ChildCommand) throws(ChildFailure.Reason) -> ChildProcess {
    let found = idle.withLock { idle -> ChildProcess? in
      guard let index = idle.lastIndex(where: { $0.command == command }) else { return nil }
      return idle.remove(at: index)
    }
    // Nobody is to blame where one has stopped while nothing was asked of it.
    if let found, !found.hasEnded && found.isListening || found.hasWritten { return found }
    return try ChildProcess(command)
  }

  /// Takes back a program that has answered.
  func giveBack(_ child: ChildProcess) { idle.withLock { $0.append(child) } }
}
