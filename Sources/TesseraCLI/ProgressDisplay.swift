import ArgumentParser
import Tessera
import TesseraBatch
import TesseraConfiguration

/// How it is shown how far a run is.
enum ProgressKind: String, CaseIterable, ExpressibleByArgument {
  /// A bar on a terminal, now and then a line elsewhere.
  case auto
  /// Now and then a line.
  case lines
  /// An object a line, for programs.
  case json
  /// Nothing.
  case none
}

/// Shows how far a run has come, on standard error.
struct ProgressDisplay {
  private let kind: ProgressKind
  private let shard: Int?
  private var hasBar = false
  private var nextLine: Double
  /// What programs have not been told yet.
  private var pending: RunProgress?

  /// Long enough for a log to stay readable, short enough to see that something happens.
  static let secondsBetweenLines = 60.0
  /// Often enough for whatever a program draws.
  private static let secondsBetweenObjects = 0.5

  /// - Parameters:
  ///   - kind: how it is shown.
  ///   - shard: the shard of a plan that runs; of those no lines are shown unless they are asked for.
  init(_ kind: ProgressKind, shard: Int? = nil) {
    self.kind = kind
    self.shard = shard
    nextLine = kind == .json ? 0 : Self.secondsBetweenLines
  }

  mutating func show(_ progress: RunProgress) {
    switch kind {
    case .none: break
    case .auto:
      if let width = Console.width {
        // The last column stays free: some terminals wrap when it is written.
        Console.draw("\r\(ProgressText.bar(progress, width: width - 1))\u{1B}[K")
        hasBar = true
      } else if shard == nil {
        showLine(progress)
      }
    case .lines: showLine(progress)
    case .json:
      pending = progress
      if progress.seconds >= nextLine { emit() }
    }
  }

  /// Writes the object that is due.
  private mutating func emit() {
    guard let progress = pending else { return }
    Console.draw(ProgressText.object(progress, shard: shard) + "\n")
    pending = nil
    nextLine = progress.seconds + Self.secondsBetweenObjects
  }

  private mutating func showLine(_ progress: RunProgress) {
    guard progress.seconds >= nextLine, progress.endedCount < progress.total else { return }
    Console.note((shard.map { "shard \($0): " } ?? "") + ProgressText.line(progress))
    nextLine = progress.seconds + Self.secondsBetweenLines
  }

  /// Takes the bar away, or gives programs the last object: what stays is the summary.
  mutating func end() {
    if hasBar { Console.draw("\r\u{1B}[K") }
    hasBar = false
    emit()
  }
}
