import TesseraConfiguration

/// A line of the report of a shard, of an item that is done or has failed.
package struct ShardReportLine {
  private let line: [UInt8]
  /// Where the status stands, its quotes included.
  private let status: Range<Int>
  /// Whether the item gave nothing.
  let isFailed: Bool
  /// The members that follow from item and pipeline, as an object's text; `nil` where it gave nothing.
  package let details: String?

  /// Reads a line; `nil` where it is not that of an item, or of one that was not come to.
  ///
  /// - Parameters:
  ///   - bytes: the line without its end.
  ///   - item: the item that it should tell of.
  package init?(_ bytes: UnsafeRawBufferPointer, of item: Item) {
    let view = item.view.map { #","view":\#($0)"# } ?? ""
    let start = Array(
      #"{"source":\#(JSONWriter.quoted(item.name))\#(view),"status":"#.utf8)
    guard bytes.starts(with: start),
      let end = bytes.dropFirst(start.count).firstIndex(of: UInt8(ascii: ","))
    else { return nil }
    line = Array(bytes)
    status = start.count..<end
    let word = String(decoding: line[status].dropFirst().dropLast(), as: UTF8.self)
    switch InputOutcome.Status(rawValue: word) {
    case .ok, .skipped:
      guard let members = Self.members(of: line[end...]) else { return nil }
      details = "{" + members + "}"
      isFailed = false
    case .failed:
      guard line.last == UInt8(ascii: "}") else { return nil }
      details = nil
      isFailed = true
    case .notRun, nil: return nil
    }
  }

  /// What stands between error and seconds.
  private static func members(of rest: ArraySlice<UInt8>) -> String? {
    let error = Array(#","error":null,"#.utf8)
    let seconds = Array(#","seconds":"#.utf8)
    guard rest.starts(with: error), rest.last == UInt8(ascii: "}"),
      let last = rest.lastIndex(of: UInt8(ascii: ",")), rest[last...].starts(with: seconds),
      last >= rest.startIndex + error.count
    else { return nil }
    return String(decoding: rest[(rest.startIndex + error.count)..<last], as: UTF8.self)
  }

  /// The line, its end included.
  ///
  /// - Parameter isDone: whether what an earlier attempt has done counts as done: together they are one
  ///   run.
  /// - Returns: its text.
  package func text(asDone isDone: Bool) -> String {
    var line = line
    if isDone, line[status].elementsEqual("\"\(InputOutcome.Status.skipped.rawValue)\"".utf8) {
      line.replaceSubrange(status, with: "\"\(InputOutcome.Status.ok.rawValue)\"".utf8)
    }
    return String(decoding: line, as: UTF8.self) + "\n"
  }
}
