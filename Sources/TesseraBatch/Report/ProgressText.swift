import TesseraConfiguration
import TesseraCore

/// A run's progress in words, for one line.
package enum ProgressText {
  /// A line with a bar, exactly `width` columns or fewer.
  ///
  /// What does not fit goes: first the bar, then the words from the end.
  package static func bar(_ progress: RunProgress, width: Int) -> String {
    let total = max(progress.total, 1)
    let count = "\(progress.endedCount)/\(progress.total)"
    let percent = "\(progress.endedCount * 100 / total)%"
    let words = [percent, count] + details(progress)
    var kept = words[...]
    while kept.count > 1, length(kept) > width { kept.removeLast() }
    let line = kept.joined(separator: "  ")
    let room = min(width - length(kept) - 3, 40)
    guard room >= 10 else { return String(line.prefix(max(width, 0))) }
    let eighths = progress.endedCount * room * 8 / total
    let full = String(repeating: "█", count: eighths / 8)
    let partial = eighths % 8 > 0 ? blocks[eighths % 8] : ""
    let empty = String(repeating: " ", count: room - eighths / 8 - (partial.isEmpty ? 0 : 1))
    return "▕\(full)\(partial)\(empty)▏ \(line)"
  }

  /// A line for a log.
  package static func line(_ progress: RunProgress) -> String {
    (["\(progress.endedCount) of \(progress.total)"] + details(progress)).joined(separator: ", ")
  }

  /// An object for programs, on one line.
  package static func object(_ progress: RunProgress, shard: Int?) -> String {
    func number(_ value: Double?) -> JSONValue {
      value.map { JSONValue(.number(JSONNumber(($0 * 1000).rounded() / 1000))) } ?? .init(.null)
    }
    let slowest = progress.slowest.map { slowest -> JSONValue in
      ["source": JSONValue(.string(slowest.source)), "seconds": number(slowest.seconds)]
    }
    return JSONWriter.compact([
      "event": "progress",
      "shard": shard.map { JSONValue.integer($0) } ?? .init(.null),
      "total": JSONValue.integer(progress.total),
      "done": JSONValue.integer(progress.okCount),
      "failed": JSONValue.integer(progress.failedCount),
      "skipped": JSONValue.integer(progress.skippedCount),
      "seconds": number(progress.seconds),
      "images_per_second": number(progress.imagesPerSecond),
      "megapixels_per_second": number(progress.megapixelsPerSecond),
      "remaining_seconds": number(progress.remainingSeconds),
      "slowest": slowest ?? .init(.null),
    ])
  }

  /// From when on it is told what a run is at: whoever waits asks himself by then.
  private static let secondsUntilSlow = 10.0

  private static let blocks = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  private static func length(_ words: ArraySlice<String>) -> Int {
    words.reduce(-2) { $0 + $1.count + 2 }
  }

  private static func details(_ progress: RunProgress) -> [String] {
    var words: [String] = []
    if progress.failedCount > 0 { words.append("\(progress.failedCount) failed") }
    if let rate = progress.imagesPerSecond { words.append("\(rate.short) images/s") }
    if let rate = progress.megapixelsPerSecond { words.append("\(rate.short) MPix/s") }
    if progress.endedCount < progress.total, let remaining = progress.remainingSeconds {
      words.append("\(remaining.clock) left")
    }
    if let slowest = progress.slowest, slowest.seconds >= secondsUntilSlow {
      words.append("\(slowest.seconds.clock) in \(slowest.source.printable)")
    }
    return words
  }
}

extension Double {
  /// Three digits: 0.25, 9.87, 12.3, 456.
  package var short: String {
    guard isFinite, magnitude < 1e15 else { return "\(self)" }
    let factor: Double = magnitude < 9.995 ? 100 : magnitude < 99.95 ? 10 : 1
    let rounded = (self * factor).rounded() / factor
    return rounded == rounded.rounded() ? String(Int(rounded)) : "\(rounded)"
  }

  /// Seconds as a clock shows them: 0:07, 12:34, 1:02:03.
  package var clock: String {
    guard isFinite, magnitude < 1e9 else { return "–" }
    let seconds = Int(rounded(.up))
    func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let hours = seconds / 3600
    let minutes = seconds / 60 % 60
    return hours > 0
      ? "\(hours):\(twoDigits(minutes)):\(twoDigits(seconds % 60))"
      : "\(minutes):\(twoDigits(seconds % 60))"
  }
}
