import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// What one shard has left.
extension PlannedRun {
  /// Takes over what one shard has left.
  func add(
    _ shard: Int, of arranged: ArrangedItems, to out: RunFolder, _ report: inout ReportWriter,
    _ index: (any RunIndex)?, _ emptied: inout EmptyFolders, _ lost: inout LostOutputs
  ) throws(PlanError) {
    let views = plan.viewCount ?? 1
    let items = plan.shards[shard].lowerBound * views..<plan.shards[shard].upperBound * views
    if items.isEmpty { return }
    var members = try PlanError.reading { () throws(FileError) in try records(of: shard, in: out) }
    takeEarlier(&members, of: items, arranged, out)
    let path = folder.report(ofShard: shard)
    var number = items.lowerBound
    var failure: PlanError?
    try PlanError.reading { () throws(FileError) in
      try RecordText(at: path).forEachLine { bytes, _ in
        defer { number += 1 }
        guard failure == nil, items.contains(number) else { return }
        let item = arranged.items[number]
        let name = "'\(item.name.printable)'"
        guard let line = ReportLine(bytes, of: item) else {
          failure = .malformed(
            path, line: number - items.lowerBound + 1, expected: "the line of \(name)",
            found: "something else")
          return
        }
        let member = line.isFailed ? nil : members[PathKey(item.recordName)]
        let place = ShardPlace(items: number..<number + 1, number: 0)
        let outputs = processor.outputs(of: place, in: arranged.items)
        if !line.isFailed, member == nil, index != nil || !outputs.isEmpty {
          failure = .malformed(
            folder.folder(ofShard: shard), line: nil, expected: "a record of \(name)", found: "none"
          )
          return
        }
        report.add(line.text(asDone: member?.isOurs == true), at: number)
        index?.add(item, at: number, details: member?.details)
        for output in member?.outputs ?? [] { lost.look(at: output, of: shard, in: out) }
        guard line.isFailed else { return }
        for output in outputs where output.item != nil {
          emptied.add(Path.folder(of: output.path))
        }
      }
    }
    if let failure { throw failure }
    guard number == items.upperBound else {
      throw .malformed(
        path, line: nil, expected: "\(items.count) lines",
        found: "\(number - items.lowerBound)")
    }
    try PlanError.writing { () throws(FileError) in try out.append(members.new) }
  }

  /// Takes what an earlier run has done and this one found done.
  private func takeEarlier(
    _ members: inout Members, of range: Range<Int>, _ arranged: ArrangedItems,
    _ out: RunFolder
  ) {
    let shards = ShardList(arranged, for: processor)
    for index in shards.index(of: range.lowerBound)...shards.index(of: range.upperBound - 1) {
      let first = arranged.items[shards.range(of: index).lowerBound]
      guard members[PathKey(first.recordName)] == nil,
        let record = out.records.record(of: first.recordName, recipe: plan.recipe),
        record.state == .done
      else { continue }
      members.take(record, isOurs: false)
    }
  }

  /// What the records of a shard tell.
  private func records(of shard: Int, in out: RunFolder) throws(FileError) -> Members {
    let places = RunPlaces(out.path, state: folder.folder(ofShard: shard))
    var members = Members()
    guard FileStatus(of: places.records) != nil else { return members }
    // Attempts on different machines may have written to different folders: what counts is the last.
    try RunRecords(RecordText(at: places.records)).forEach { record in
      guard record.state == .done, record.recipe == plan.recipe else { return }
      members.take(record, isOurs: record.outputs.contains { $0.claim != .foreign })
      var record = record
      record.folder = RunPlaces.here
      if out.records.record(of: record.key, recipe: record.recipe) != record {
        members.new.append(record)
      }
    }
    return members
  }
}

/// Items that are done, by their names in records.
private struct Members {
  struct Member {
    var details: String
    /// What was written for it; of items that share their files, those are the first one's.
    var outputs: [RunRecord.Output]
    /// Whether some output was written for the plan, rather than found to be there.
    var isOurs: Bool
  }

  private var known: [PathKey: Member] = [:]
  /// Records that the outputs' folder does not have.
  var new: [RunRecord] = []

  subscript(name: PathKey) -> Member? { known[name] }

  /// Takes the items of a record that gave something.
  mutating func take(_ record: RunRecord, isOurs: Bool) {
    var outputs = record.outputs
    for item in record.items where item.failure == nil {
      known[PathKey(item.name)] = Member(details: item.details, outputs: outputs, isOurs: isOurs)
      outputs = []
    }
  }
}

/// Outputs of complete shards that are there no longer.
struct LostOutputs {
  /// Whether anything is looked for.
  let looks: Bool
  private var shards: [Int] = []
  private var example = ""

  init(looking looks: Bool) { self.looks = looks }

  /// Looks whether an output is there, of the size that was written.
  fileprivate mutating func look(at output: RunRecord.Output, of shard: Int, in out: RunFolder) {
    guard looks, shards.last != shard else { return }
    let path = out.path(of: output.path)
    let status = FileStatus(of: path, followingLinks: false)
    if let status, output.byteCount ?? status.byteCount == status.byteCount { return }
    if shards.isEmpty { example = path }
    shards.append(shard)
  }

  /// Refuses to go on without them.
  func check() throws(PlanError) {
    if !shards.isEmpty { throw .lost(ShardNumbers(shards), example: example) }
  }
}

/// A line of the report of a shard.
private struct ReportLine {
  private let line: [UInt8]
  /// Where the status stands, its quotes included.
  private let status: Range<Int>

  /// Reads a line; `nil` where it is not that of an item.
  init?(_ bytes: UnsafeRawBufferPointer, of item: Item) {
    let view = item.view.map { #","view":\#($0)"# } ?? ""
    let start = Array(
      #"{"source":\#(JSONWriter.quoted(item.name))\#(view),"status":"#.utf8)
    guard bytes.starts(with: start), bytes.last == UInt8(ascii: "}"),
      let end = bytes.dropFirst(start.count).firstIndex(of: UInt8(ascii: ","))
    else { return nil }
    line = Array(bytes)
    status = start.count..<end
  }

  private func has(_ word: InputOutcome.Status) -> Bool {
    line[status].elementsEqual("\"\(word.rawValue)\"".utf8)
  }

  /// Whether the item gave nothing.
  var isFailed: Bool { has(.failed) }

  /// The line, its end included.
  ///
  /// - Parameter isDone: whether what an earlier attempt has done counts as done: together they are one
  ///   run.
  /// - Returns: its text.
  func text(asDone isDone: Bool) -> String {
    var line = line
    if isDone, has(.skipped) {
      line.replaceSubrange(status, with: "\"\(InputOutcome.Status.ok.rawValue)\"".utf8)
    }
    return String(decoding: line, as: UTF8.self) + "\n"
  }
}

/// Folders in which nothing came to lie: to those who read folders as classes they would be classes.
struct EmptyFolders {
  private let roots: [String]
  private var folders: Set<PathKey> = []

  init(below options: BatchOptions) {
    roots = ([options.folder].compactMap(\.self) + options.otherFolders).map(Path.normalized)
  }

  mutating func add(_ folder: String) {
    var folder = Path.normalized(folder)
    while !roots.contains(where: { $0.utf8.elementsEqual(folder.utf8) }), !folder.isEmpty,
      folder != "/", folder != ".", folders.insert(PathKey(folder)).inserted
    {
      folder = Path.folder(of: folder)
    }
  }

  /// Removes those that are empty, the deepest first.
  func remove() {
    for folder in folders.map(\.path).sorted(by: { $0.utf8.count > $1.utf8.count }) {
      FileSystem.removeFolder(folder)
    }
  }
}
