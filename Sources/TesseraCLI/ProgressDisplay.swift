import Tessera
import TesseraBatch

/// Shows how far a run has come: a bar on a terminal, now and then a line elsewhere.
struct ProgressDisplay {
  private let isQuiet: Bool
  private let showsLines: Bool
  private var hasBar = false
  private var nextLine = secondsBetweenLines

  /// Long enough for a log to stay readable, short enough to see that something happens.
  private static let secondsBetweenLines = 10.0

  /// - Parameters:
  ///   - isQuiet: whether nothing is shown.
  ///   - showsLines: whether anything is shown where there is no terminal.
  init(isQuiet: Bool, showsLines: Bool) {
    self.isQuiet = isQuiet
    self.showsLines = showsLines
  }

  mutating func show(_ progress: RunProgress) {
    if isQuiet { return }
    if let width = Console.width {
      // The last column stays free: some terminals wrap when it is written.
      Console.draw("\r\(ProgressText.bar(progress, width: width - 1))\u{1B}[K")
      hasBar = true
    } else if showsLines, progress.seconds >= nextLine, progress.endedCount < progress.total {
      Console.note(ProgressText.line(progress))
      nextLine = progress.seconds + Self.secondsBetweenLines
    }
  }

  /// Takes the bar away: what stays is the summary.
  mutating func end() {
    if hasBar { Console.draw("\r\u{1B}[K") }
    hasBar = false
  }
}
