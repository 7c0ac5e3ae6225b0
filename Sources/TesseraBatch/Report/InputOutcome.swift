import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// How one input ended, as the report tells it.
struct InputOutcome: Sendable {
  /// The report's `status`.
  enum Status: String, Sendable {
    /// Its outputs are in place.
    case ok
    /// It gave nothing.
    case failed
    /// An earlier run had done it.
    case skipped
    /// The run ended before.
    case notRun = "not_run"
  }

  var status: Status
  var error: InputFailure?
  /// Whether an earlier run has found it out.
  var isRecorded = false
  /// Members of the report's line that follow from input and pipeline.
  var details: String
  var seconds = 0.0
  /// Height · width of the source.
  var pixelCount = 0
  var writtenByteCount = 0
  var stageTimes: [StageTime] = []
  /// Sentences on what was odd but accepted.
  var warnings: [String] = []

  /// What is told of an item beside its times and amounts.
  init(
    _ status: Status, _ result: InputResult = InputResult(), error: InputFailure? = nil,
    details: String
  ) {
    self.status = status
    self.error = error
    self.details = details
    stageTimes = result.stageTimes
    warnings = result.warnings
  }

  /// How an item failed.
  init(failed item: Item, _ result: InputResult, _ failure: InputFailure) {
    var result = result
    result.outputs = []
    self.init(
      .failed, result, error: failure, details: result.details(of: item, outputs: []))
  }

  /// What an earlier run has made of an item.
  init(recorded member: RunRecord.Member) {
    self.init(
      member.failure == nil ? .skipped : .failed, error: member.failure, details: member.details)
    isRecorded = true
    warnings = Self.warnings(in: member.details)
  }

  /// The warnings that are told of in the members of a report's line.
  private static func warnings(in details: String) -> [String] {
    // Nearly all have none: then nothing need be read.
    guard !details.holds("\"warnings\":[]"),
      let values = try? JSONParser.parse(Array(details.utf8))
    else { return [] }
    return values["warnings"]?.elements?.compactMap(\.string) ?? []
  }

  /// The outputs, as records name them.
  var outputs: [String] {
    let values = try? JSONParser.parse(Array(details.utf8))
    return values?["outputs"]?.elements?.compactMap { $0["path"]?.string } ?? []
  }

  /// The report's line, with a message for those who made the run.
  func line(of item: Item, for audience: Audience) -> String {
    var error = "null"
    if let failure = self.error {
      let stage = failure.stageIndex.map(String.init) ?? "null"
      let message = JSONWriter.quoted(failure.message(for: audience))
      error = #"{"kind":"\#(failure.kind.rawValue)","stage":\#(stage),"message":\#(message)}"#
    }
    // By hand: a run over files that were done before does little else. The text of an object, of which
    // only the members are wanted.
    let members = Substring(details.utf8.dropFirst().dropLast())
    let seconds = JSONWriter.compact(
      JSONValue(.number(JSONNumber((self.seconds * 1e6).rounded() / 1e6))))
    let view = item.view.map { #","view":\#($0)"# } ?? ""
    return
      #"{"source":\#(JSONWriter.quoted(item.name))\#(view),"status":"\#(status.rawValue)","error":"#
      + #"\#(error),\#(members),"seconds":\#(seconds)}"# + "\n"
  }
}

extension String {
  /// Whether some bytes stand anywhere in it: far quicker than a search for characters.
  fileprivate func holds(_ text: StaticString) -> Bool {
    var view = self
    return view.withUTF8 { bytes in
      text.withUTF8Buffer { part in
        bytes.count >= part.count
          && (0...bytes.count - part.count).contains { bytes[$0...].starts(with: part) }
      }
    }
  }
}

extension InputResult {
  /// The members of the report's line that follow from input and pipeline, as an object's text.
  ///
  /// - Parameters:
  ///   - item: What was processed.
  ///   - records: What was written, as records name it, in the order of `outputs`.
  /// - Returns: A text without line breaks.
  func details(of item: Item, outputs records: [RunRecord.Output]) -> String {
    let files = zip(outputs, records).map { output, record -> JSONValue in
      [
        "path": JSONValue(.string(record.path)),
        "bytes": JSONValue(.number(JSONNumber(output.byteCount))),
        "shape": JSONValue(.array(output.shape.map { JSONValue(.number(JSONNumber($0))) })),
        "dtype": JSONValue(.string(output.dtype)),
        "xxh64": record.hash.map { JSONValue(.string($0.hexadecimal)) } ?? .init(.null),
      ]
    }
    let metrics = metrics.map { JSONMember($0.name, JSONValue(finiteOrWord: $0.value)) }
    var members: JSONValue = [
      "channels": JSONValue(source?.channels), "height": JSONValue(source?.height),
      "width": JSONValue(source?.width),
      "bytes": JSONValue(.number(JSONNumber(item.byteCount))),
      "decoder": decoder.map { JSONValue(.string($0)) } ?? .init(.null),
      "partial": JSONValue(.bool(isPartial)),
      "warnings": JSONValue(.array(warnings.map { JSONValue(.string($0)) })),
      "blocks": JSONValue(blocks),
      "metrics": JSONValue(.object(metrics)),
      "saturated": saturatedFraction.map { JSONValue(finiteOrWord: $0) } ?? .init(.null),
      "outputs": JSONValue(.array(files)),
    ]
    if let droppedBlocks, var all = members.members {
      all.append(JSONMember("dropped", JSONValue(droppedBlocks)))
      members = JSONValue(.object(all))
    }
    if !entries.isEmpty, var all = members.members {
      let entries = entries.map { JSONMember(String($0.stageIndex), $0.members) }
      all.append(JSONMember("dataset", JSONValue(.object(entries))))
      members = JSONValue(.object(all))
    }
    return JSONWriter.compact(members)
  }
}

extension JSONValue {
  /// An integer, or `null` where there is none.
  fileprivate init(_ integer: Int?) {
    self.init(integer.map { .number(JSONNumber($0)) } ?? .null)
  }

  /// A number; infinities and NaN, which JSON has no numbers for, become words.
  package init(finiteOrWord value: Double) {
    if value.isFinite {
      self.init(.number(JSONNumber(value)))
    } else {
      self.init(.string(value.isNaN ? "nan" : value > 0 ? "inf" : "-inf"))
    }
  }
}
