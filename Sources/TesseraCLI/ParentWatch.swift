import Glibc
import TesseraThreads

/// Ends a run whose starter has ended: a worker of a cluster that is killed would leave it behind.
enum ParentWatch {
  private static let interval: UInt32 = 200_000

  /// Looks from now on whether the process that has started this one is still there.
  ///
  /// It is asked for again and again: the signal that the system offers comes when the thread has ended
  /// that started us, and such threads come and go.
  static func start() {
    let parent = ProcessStart.parent
    _ = Workers.startIfPossible {
      while getppid() == parent { usleep(interval) }
      // What ended the starter may have been a signal to both: asked twice, the run would end at once.
      if !SignalWatch.isRequested { SignalWatch.request() }
    }
  }
}
