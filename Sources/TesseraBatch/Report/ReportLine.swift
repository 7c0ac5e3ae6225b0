import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// A line of report.jsonl, as it is read.
package struct ReportLine: Sendable {
  /// The input's path, as the report has it.
  package var source: String
  /// The number of its view; `nil` where each input comes once.
  package var view: Int?
  /// `ok`, `skipped`, `failed` or `not_run`.
  package var status: String
  /// The kind of its error; `nil` where there is none.
  package var kind: String?
  /// Why it failed.
  package var message: String?
  /// The decoded image before any stage; `nil` where it was not decoded.
  package var shape: ImageShape?
  /// Size of the input [bytes].
  package var byteCount: Int
  /// What was odd but accepted.
  package var warnings: [String]
  /// Figures of `compare`, in their order.
  package var metrics: [Metric]
  /// Share of values that an integer output clipped.
  package var saturated: Double?
  /// Time that it took [s].
  package var seconds: Double

  init?(_ bytes: [UInt8]) {
    guard let line = try? JSONParser.parse(bytes), let source = line["source"]?.string,
      let status = line["status"]?.string
    else { return nil }
    (self.source, self.status) = (source, status)
    view = line["view"]?.number?.integer
    kind = line["error"]?["kind"]?.string
    message = line["error"]?["message"]?.string
    if let channels = line["channels"]?.number?.integer,
      let height = line["height"]?.number?.integer, let width = line["width"]?.number?.integer
    {
      shape = ImageShape(channels: channels, height: height, width: width)
    }
    byteCount = line["bytes"]?.number?.integer ?? 0
    warnings = line["warnings"]?.elements?.compactMap(\.string) ?? []
    metrics = (line["metrics"]?.members ?? []).compactMap { member in
      member.value.finiteOrWord.map { Metric(member.key, $0) }
    }
    // Of several comparisons the first counts.
    var names: Set<String> = []
    metrics.removeAll { !names.insert($0.name).inserted }
    saturated = line["saturated"]?.finiteOrWord
    seconds = line["seconds"]?.number?.value ?? 0
  }

  /// Calls `body` with every line of a report.
  ///
  /// - Parameters:
  ///   - path: the report.
  ///   - body: takes a line, in their order; what is no line of a report is passed over.
  /// - Throws: ``FileError`` where it cannot be read.
  package static func forEach(of path: String, _ body: (ReportLine) -> Void) throws(FileError) {
    try RecordText(at: path).forEachLine { bytes, _ in
      if let line = ReportLine(Array(bytes)) { body(line) }
    }
  }
}

extension JSONValue {
  /// A number, or one of the words that stand for what JSON has no numbers for.
  fileprivate var finiteOrWord: Double? {
    switch string {
    case "inf": .infinity
    case "-inf": -.infinity
    case "nan": .nan
    default: number?.value
    }
  }
}
