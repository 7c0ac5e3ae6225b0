import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// The lines of a report that a page shows, and what all of them say together.
struct ReportRows {
  /// A line, and its place in the report.
  struct Row {
    var index: Int
    var line: ReportLine
  }

  /// Failures of one kind.
  struct FailureGroup {
    var kind: String
    var count = 0
    /// Messages with the number of inputs that have each, and the first of these.
    var messages: [(text: String, count: Int, source: String)] = []
    /// Inputs whose messages are not among those.
    var restCount = 0

    /// Keeps the most frequent messages, those of one count in the order of their first inputs.
    mutating func cut(to most: Int) {
      let order = messages.indices.sorted {
        messages[$0].count > messages[$1].count
          || messages[$0].count == messages[$1].count && $0 < $1
      }
      restCount += order.dropFirst(most).reduce(0) { $0 + messages[$1].count }
      messages = order.prefix(most).map { messages[$0] }
    }
  }

  /// Lines of the report.
  private(set) var total = 0
  /// Lines by `status`.
  private(set) var counts: [String: Int] = [:]
  /// Failures by kind, the most frequent first.
  private(set) var failures: [FailureGroup] = []
  /// Inputs with warnings.
  private(set) var warnedCount = 0
  /// Warnings, as messages of failures are.
  private(set) var warnings = FailureGroup(kind: "")
  /// The figures of `compare`, in the order of the first that has them.
  private(set) var metrics: [FigureSample] = []
  /// All failures, then the worst, then a sample, as many as a page holds.
  private(set) var shown: [Row] = []
  /// How many of the `shown` are failures, and how many are the worst.
  private(set) var failedCount = 0
  private(set) var worstCount = 0
  /// What makes an input a bad one, in words.
  private(set) var badness = ""

  /// The most rows that a page has.
  static let mostRows = 10_000
  /// The most inputs that are shown for being the worst, where not all are shown.
  private static let mostWorst = 1000
  /// The most bytes that rows take.
  private static let mostBytes = 1_700_000
  /// Messages that are counted one by one in a group, and those of them that are told of.
  private static let mostCounted = 400
  private static let mostMessages = 12
  /// The most characters of a message.
  static let mostCharacters = 400

  private var byteCount = 0
  private var failedRows: [Row] = []
  private var worst: [(key: Double, row: Row)] = []
  private var sample: [(key: UInt64, row: Row)] = []
  private var places: [String: Int] = [:]

  /// Reads a report.
  ///
  /// - Parameter path: the report.
  /// - Throws: `FileError` where it cannot be read.
  init(_ path: String) throws(FileError) {
    try ReportLine.forEach(of: path) { take($0) }
    choose()
  }

  private mutating func take(_ line: ReportLine) {
    let row = Row(index: total, line: line)
    total += 1
    counts[line.status, default: 0] += 1
    for (index, warning) in line.warnings.enumerated() {
      if index == 0 { warnedCount += 1 }
      Self.add(warning, of: line.source, to: &warnings)
    }
    for metric in line.metrics {
      if let place = metrics.firstIndex(where: { $0.name == metric.name }) {
        metrics[place].add(metric.value)
      } else {
        metrics.append(FigureSample(metric.name, metric.value))
      }
    }
    if line.status == "failed" {
      add(failure: line)
      if failedRows.count < Self.mostRows { failedRows.append(row) }
      return
    }
    // The worst and the sample are kept in order, as far as they can be among what is shown.
    Self.keep(row, by: Self.badness(of: line), among: &worst, most: Self.mostRows)
    let hash = XXHash64.hash("\(line.source)\u{0}\(line.view ?? 0)".utf8)
    Self.keep(row, by: hash, among: &sample, most: Self.mostRows)
  }

  private mutating func add(failure line: ReportLine) {
    let kind = line.kind ?? ""
    let place = places[kind] ?? failures.count
    if place == failures.count {
      failures.append(FailureGroup(kind: kind))
      places[kind] = place
    }
    Self.add(line.message ?? "", of: line.source, to: &failures[place])
  }

  private static func add(_ text: String, of source: String, to group: inout FailureGroup) {
    group.count += 1
    let text = text.count > mostCharacters ? "\(text.prefix(mostCharacters))…" : text
    if let index = group.messages.firstIndex(where: { $0.text == text }) {
      group.messages[index].count += 1
    } else if group.messages.count < mostCounted {
      group.messages.append((text, 1, source))
    } else {
      group.restCount += 1
    }
  }

  /// Keeps the largest; twice as many as wanted are held, so that sorting is rare.
  private static func keep<Key: Comparable>(
    _ row: Row, by key: Key, among kept: inout [(key: Key, row: Row)], most: Int
  ) {
    kept.append((key, row))
    if kept.count >= 2 * most { cut(&kept, to: most) }
  }

  private static func cut<Key: Comparable>(_ kept: inout [(key: Key, row: Row)], to most: Int) {
    kept.sort { $0.key > $1.key || $0.key == $1.key && $0.row.index < $1.row.index }
    kept.removeLast(max(kept.count - most, 0))
  }

  /// How bad a line is: by its first figure, or else by clipped values and warnings.
  private static func badness(of line: ReportLine) -> Double {
    if line.status == "not_run" { return -.infinity }
    if let metric = line.metrics.first {
      if metric.value.isNaN { return .infinity }
      return ["psnr", "ssim"].contains(metric.name) ? -metric.value : metric.value
    }
    return (line.saturated ?? 0) + Double(line.warnings.count)
  }

  private mutating func choose() {
    failures.sort { $0.count > $1.count || $0.count == $1.count && $0.kind < $1.kind }
    for index in failures.indices { failures[index].cut(to: Self.mostMessages) }
    warnings.cut(to: Self.mostMessages)
    badness = metrics.first.map(\.name) ?? "clipped values and warnings"
    Self.cut(&worst, to: Self.mostRows)
    Self.cut(&sample, to: Self.mostRows)
    for row in failedRows { show(row) }
    failedCount = shown.count
    let room = Self.mostRows - shown.count
    let rest = total - (counts["failed"] ?? 0)
    for (_, row) in worst.prefix(rest <= room ? room : Self.mostWorst) { show(row) }
    worstCount = shown.count - failedCount
    let seen = Set(shown.map(\.index))
    for (_, row) in sample where !seen.contains(row.index) { show(row) }
    (failedRows, worst, sample) = ([], [], [])
  }

  /// Takes a row among those that are shown, if there is room.
  private mutating func show(_ row: Row) {
    let line = row.line
    let texts = [line.source, String(line.note.prefix(Self.mostCharacters))]
    let byteCount = texts.reduce(70 + 20 * line.metrics.count) {
      $0 + JSONWriter.quoted($1).utf8.count
    }
    guard shown.count < Self.mostRows, self.byteCount + byteCount <= Self.mostBytes else { return }
    self.byteCount += byteCount
    shown.append(row)
  }
}

extension ReportLine {
  /// What is told of it: why it failed, or what was odd.
  var note: String { message ?? warnings.joined(separator: "; ") }
}
