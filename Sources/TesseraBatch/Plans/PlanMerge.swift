import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads

/// Puts what shards have left together, as if one machine had made it.
package struct PlanMerge<Processor: PlannableProcessor> {
  /// What was put together.
  package struct Summary: Sendable {
    /// Shards.
    package let shardCount: Int
    /// Inputs.
    package let inputCount: Int
    /// Inputs that gave nothing.
    package let failedCount: Int
    /// The report.
    package let reportPath: String?

    /// How a command that merges ends.
    package var exitStatus: ExitStatus { failedCount > 0 ? .failedInputs : .done }
  }

  private let plan: RunPlan
  private let digest: String
  private let folder: PlanFolder
  private let processor: Processor
  private let options: BatchOptions

  /// Makes ready.
  ///
  /// - Parameters:
  ///   - plan: the plan.
  ///   - digest: what tells it from others.
  ///   - folder: where it is.
  ///   - processor: that of its pipeline.
  ///   - options: the folder of the outputs, and others that the pipeline writes to.
  /// - Throws: ``PlanError`` where version or pipeline are not those of the plan.
  package init(
    _ plan: RunPlan, digest: String, in folder: PlanFolder, _ processor: Processor,
    options: BatchOptions
  ) throws(PlanError) {
    try plan.check(options)
    self.plan = plan
    self.digest = digest
    self.folder = folder
    self.processor = processor
    self.options = options
  }

  /// Writes report, records, and what tells of all outputs.
  ///
  /// - Throws: ``PlanError`` where shards are missing, or what they have left is.
  package func merge() throws(PlanError) -> Summary {
    var missing: [Int] = []
    var failedCount = 0
    for shard in plan.shards.indices {
      if let done = CompleteShard(shard, of: digest, in: folder) {
        failedCount += done.failedCount
      } else {
        missing.append(shard)
      }
    }
    guard missing.isEmpty else { throw .incomplete(ShardNumbers(missing)) }
    var inputs = try PlannedInputs(
      0..<plan.inputCount, of: plan, in: folder, lookingAtFiles: false)
    inputs.items.viewCount = plan.viewCount
    guard processor.take(common: plan.common, of: inputs) else {
      throw .malformed(
        folder.plan, line: nil, expected: "what its inputs have in common", found: "something else")
    }
    let items = ArrangedItems(inputs.items, ends: plan.ends.map { $0 * (plan.viewCount ?? 1) })
    do throws(BatchError) {
      try write(items, removesSurplus: failedCount == 0)
    } catch {
      throw .batch(error)
    }
    return Summary(
      shardCount: plan.shards.count, inputCount: items.items.count, failedCount: failedCount,
      reportPath: options.reportPath)
  }

  private func write(
    _ arranged: ArrangedItems, removesSurplus: Bool
  ) throws(BatchError) {
    let run = BatchRun(processor, on: arranged, options: options)
    guard let places = options.places else {
      preconditionFailure("a plan has a folder of outputs")
    }
    let index = processor.index(of: arranged.items)
    let out = try RunFolder(places, others: run.foldersReferring, options)
    defer { out.release() }
    try run.checkReport()
    _ = try IndexPlaces(index, overwriting: false)
    clean(arranged)
    do throws(FileError) {
      var report = try ReportWriter(at: options.reportPath)
      var emptied = EmptyFolders(below: options)
      for shard in plan.shards.indices {
        try add(shard, of: arranged, to: out, &report, index, &emptied)
      }
      try out.synchronize()
      report.finish()
      if let error = report.error { throw error }
      try index?.finish()
      index?.discard()
      // Of a shard whose images all fail nothing is told, and what it was before may still be wanted.
      if let index, removesSurplus { run.removeSurplus(index, knowing: out.records) }
      emptied.remove()
    } catch {
      index?.discard()
      throw .file(error)
    }
  }

  /// Removes what attempts that were killed have left.
  private func clean(_ arranged: ArrangedItems) {
    let shards = ShardList(arranged, for: processor)
    var seen: Set<PathKey> = []
    func clean(_ folder: String) {
      let key = PathKey(Path.normalized(folder))
      if seen.insert(key).inserted { AtomicFile.removeLeftovers(in: folder) }
    }
    for index in shards.indices {
      for output in shards[index].outputs { clean(Path.folder(of: output.path)) }
    }
    for shard in plan.shards.indices { clean(folder.folder(ofShard: shard)) }
    clean(Path.folder(of: folder.done(ofShard: 0)))
  }

  /// Takes over what one shard has left.
  private func add(
    _ shard: Int, of arranged: ArrangedItems, to out: RunFolder, _ report: inout ReportWriter,
    _ index: (any RunIndex)?, _ emptied: inout EmptyFolders
  ) throws(FileError) {
    let views = plan.viewCount ?? 1
    let items = plan.shards[shard].lowerBound * views..<plan.shards[shard].upperBound * views
    if items.isEmpty { return }
    var members = try records(of: shard, to: out)
    takeEarlier(&members, of: items, arranged, out)
    let path = folder.report(ofShard: shard)
    var number = items.lowerBound
    var failure: FileError?
    let text = try RecordText(at: path)
    try text.forEachLine { bytes, _ in
      defer { number += 1 }
      guard failure == nil, items.contains(number) else { return }
      let item = arranged.items[number]
      guard let line = ReportLine(bytes, of: item) else {
        failure = FileError(
          .read, path,
          "its line \(number - items.lowerBound + 1) is not that of "
            + "'\(item.name.printable)'")
        return
      }
      let member = members[PathKey(item.recordName)]
      report.add(line.text(asDone: member?.isOurs == true), at: number)
      let details = line.isFailed ? nil : member?.details
      if index != nil, !line.isFailed, details == nil {
        failure = FileError(
          .read, folder.folder(ofShard: shard),
          "its records do not tell of '\(item.name.printable)'")
        return
      }
      index?.add(item, at: number, details: details)
      if line.isFailed {
        for output in processor.outputs(
          of: ShardPlace(items: number..<number + 1, number: 0), in: arranged.items)
        where output.item != nil { emptied.add(Path.folder(of: output.path)) }
      }
    }
    if let failure { throw failure }
    guard number == items.upperBound else {
      throw FileError(
        .read, path, "it has \(number - items.lowerBound) lines, and \(items.count) were expected")
    }
  }

  /// Takes what an earlier run has done and this one found done.
  private func takeEarlier(
    _ members: inout [PathKey: Member], of range: Range<Int>, _ arranged: ArrangedItems,
    _ out: RunFolder
  ) {
    let shards = ShardList(arranged, for: processor)
    for index in shards.index(of: range.lowerBound)...shards.index(of: range.upperBound - 1) {
      let first = arranged.items[shards.range(of: index).lowerBound]
      guard members[PathKey(first.recordName)] == nil,
        let record = out.records.record(of: first.recordName, recipe: plan.recipe),
        record.state == .done
      else { continue }
      for item in record.items where item.failure == nil {
        members[PathKey(item.name)] = Member(details: item.details, isOurs: false)
      }
    }
  }

  /// What the records of a shard tell of an item.
  private struct Member {
    var details: String
    /// Whether some output was written for the plan, rather than found to be there.
    var isOurs: Bool
  }

  /// Takes the records of a shard over, and tells what they say of each item.
  private func records(
    of shard: Int, to out: RunFolder
  ) throws(FileError) -> [PathKey: Member] {
    let places = RunPlaces(out.path, state: folder.folder(ofShard: shard))
    var members: [PathKey: Member] = [:]
    var new: [RunRecord] = []
    guard FileStatus(of: places.records) != nil else { return [:] }
    // Attempts on different machines may have written to different folders: what counts is the last.
    try RunRecords(RecordText(at: places.records)).forEach { record in
      guard record.state == .done, record.recipe == plan.recipe else { return }
      let isOurs = record.outputs.contains { $0.claim != .foreign }
      for item in record.items where item.failure == nil {
        members[PathKey(item.name)] = Member(details: item.details, isOurs: isOurs)
      }
      var record = record
      record.folder = RunPlaces.here
      if out.records.record(of: record.key, recipe: record.recipe) != record { new.append(record) }
    }
    try out.append(new)
    return members
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
private struct EmptyFolders {
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
