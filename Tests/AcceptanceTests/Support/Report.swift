import Foundation
import Testing

/// One line of report.jsonl.
struct ReportLine {
  var values: [String: Any]

  /// Everything that a line must have.
  static let keys: Set<String> = [
    "source", "status", "error", "channels", "height", "width", "bytes", "decoder", "partial",
    "warnings", "blocks", "metrics", "saturated", "outputs", "seconds",
  ]

  var source: String { values["source"] as? String ?? "" }
  var status: String { values["status"] as? String ?? "" }
  var warnings: [String] { values["warnings"] as? [String] ?? [] }
  var outputs: [Output] { (values["outputs"] as? [[String: Any]] ?? []).map(Output.init) }
  var metrics: [String: Any] { values["metrics"] as? [String: Any] ?? [:] }

  private var error: [String: Any]? { values["error"] as? [String: Any] }
  /// Why it failed: the report's word.
  var failureKind: String? { error?["kind"] as? String }
  /// Why it failed: the report's sentence.
  var failureMessage: String? { error?["message"] as? String }

  /// A file that the line tells of.
  struct Output {
    var path: String
    var byteCount: Int
    var shape: [Int]
    var dtype: String
    var hash: String

    init(_ values: [String: Any]) {
      path = values["path"] as? String ?? ""
      byteCount = values["bytes"] as? Int ?? -1
      shape = values["shape"] as? [Int] ?? []
      dtype = values["dtype"] as? String ?? ""
      hash = values["xxh64"] as? String ?? ""
    }
  }
}

extension TemporaryFolder {
  /// The lines of a report.
  func report(in folder: String = "out") throws -> [ReportLine] {
    try reportText(in: folder).split(separator: "\n").map { line in
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
      return ReportLine(values: try #require(value as? [String: Any]))
    }
  }

  /// A report without the times, the only thing in it that two runs may not share.
  func timelessReport(in folder: String = "out") throws -> String {
    try reportText(in: folder).replacingOccurrences(
      of: #""seconds":[-+.0-9eE]+"#, with: "", options: .regularExpression)
  }

  private func reportText(in folder: String) throws -> String {
    String(decoding: try bytes("\(folder)/report.jsonl"), as: UTF8.self)
  }
}
