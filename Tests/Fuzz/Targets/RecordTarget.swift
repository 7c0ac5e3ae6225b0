import TesseraBatch
import TesseraCore
import TesseraFiles

/// What a run has kept: lines of records, and those of a shard's report.
enum RecordTarget {
  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for line in lines {
      try checkLine(line)
      checkReport(line)
    }
    // As they come, and with what makes them whole: no input would find the digests.
    try checkRecords(bytes, in: folder)
    try checkRecords(Array(lines.map(whole).joined(separator: [UInt8(ascii: "\n")])), in: folder)
  }

  /// A line with the digest of its fields.
  private static func whole(_ line: ArraySlice<UInt8>) -> [UInt8] {
    line + [UInt8(ascii: "\t")] + XXHash64.hash(line).hexadecimal.utf8
  }

  private static func checkLine(_ line: ArraySlice<UInt8>) throws {
    for text in [Array(line), whole(line)] {
      guard let read = RecordLine(text) else { continue }
      let again = RecordLine(read.text.utf8.dropLast())
      try expect(again == read, "a line that is written says the same")
      try expect(again?.text == read.text, "a line that is written again has the same text")
    }
  }

  private static func checkReport(_ line: ArraySlice<UInt8>) {
    let item = Item(
      name: "a.png", source: ByteSource(path: "a.png"), byteCount: 1, modificationTime: 0)
    line.withUnsafeBytes { line in
      guard let read = ShardReportLine(line, of: item) else { return }
      _ = read.text(asDone: true)
      _ = read.details
    }
  }

  /// Records in the folder of a run.
  private static func checkRecords(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let records = try RunRecords(RecordText(bytes))
    var lines: [String] = []
    try records.forEachLine { lines.append($0) }
    let again = try RunRecords(RecordText(Array(lines.joined().utf8)))
    var others: [String] = []
    try again.forEachLine { others.append($0) }
    try expect(others == lines, "records that are written say the same")

    try folder.write(bytes, to: OwnNames.records)
    do throws(FileError) {
      _ = try OutputVerification(of: folder.path)
    } catch {
      _ = error.description
    }
  }
}
