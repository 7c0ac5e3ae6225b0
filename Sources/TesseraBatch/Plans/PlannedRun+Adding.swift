import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// Taking over what one shard has left.
extension PlannedRun {
  /// Takes over report and records of a shard.
  func add(
    _ shard: Int, of arranged: ArrangedItems, to out: RunFolder, _ report: inout ReportWriter,
    _ index: (any RunIndex)?, _ emptied: inout EmptyFolders, _ lost: inout LostShards
  ) throws(PlanError) {
    let views = plan.viewCount ?? 1
    let items = plan.shards[shard].lowerBound * views..<plan.shards[shard].upperBound * views
    if items.isEmpty { return }
    let path = folder.report(ofShard: shard)
    guard try isAsWritten(path, of: shard) else { return lost.addDamaged(shard, path) }
    var members = try PlanError.reading { () throws(FileError) in try records(of: shard, in: out) }
    takeEarlier(&members, of: items, arranged, out)
    var number = items.lowerBound
    var failure: PlanError?
    try PlanError.reading { () throws(FileError) in
      try RecordText(at: path).forEachLine { bytes, _ in
        defer { number += 1 }
        guard failure == nil, items.contains(number) else { return }
        let item = arranged.items[number]
        guard let line = ShardReportLine(bytes, of: item) else {
          failure = .malformed(
            path, line: number - items.lowerBound + 1,
            expected: "the line of '\(item.name.printable)', done or failed",
            found: "something else")
          return
        }
        let place = ShardPlace(items: number..<number + 1, number: 0)
        let outputs = processor.outputs(of: place, in: arranged.items)
        let name = item.recordName
        if !line.isFailed, !outputs.isEmpty, !members.know(name) {
          // A line of the records that was damaged is none.
          return lost.addDamaged(shard, folder.folder(ofShard: shard))
        }
        report.add(line.text(asDone: members.areOurs(name)), at: number)
        index?.add(item, at: number, details: line.details)
        if !line.isFailed {
          return lost.look(at: members.takeOutputs(of: name), of: shard, in: out)
        }
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

  /// Whether the report of a shard still is what the shard has written.
  private func isAsWritten(_ report: String, of shard: Int) throws(PlanError) -> Bool {
    let digest = try PlanError.reading { () throws(FileError) in
      try CompleteShard.digest(ofReport: report)
    }
    guard let digest else { return false }
    return try CompleteShard(shard, of: plan, self.digest, in: folder)?.report == digest
  }

  /// Takes what an earlier run has done and this one found done.
  private func takeEarlier(
    _ members: inout Members, of range: Range<Int>, _ arranged: ArrangedItems,
    _ out: RunFolder
  ) {
    let shards = ShardList(arranged, for: processor)
    for index in shards.index(of: range.lowerBound)...shards.index(of: range.upperBound - 1) {
      let first = arranged.items[shards.range(of: index).lowerBound]
      guard !members.know(first.recordName),
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
      // Where an input could not be read, the record of those that share its file stays begun: a later
      // run is to try again.
      guard record.state != .released, record.recipe == plan.recipe else { return }
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

/// Records of a shard, by the names of their items.
private struct Members {
  private struct Kept {
    var outputs: [RunRecord.Output]
    /// Whether some output was written for the plan, rather than found to be there.
    var isOurs: Bool
  }

  private var kept: [Kept] = []
  private var places: [PathKey: Int] = [:]
  /// Those whose outputs have been handed out.
  private var told: Set<Int> = []
  /// Records that the outputs' folder does not have.
  var new: [RunRecord] = []

  /// Takes a record of files that may be there.
  mutating func take(_ record: RunRecord, isOurs: Bool) {
    for item in record.items { places[PathKey(item.name)] = kept.count }
    kept.append(Kept(outputs: record.outputs, isOurs: isOurs))
  }

  /// Whether there is a record of an item.
  func know(_ name: String) -> Bool { places[PathKey(name)] != nil }

  /// Whether some output of an item was written for the plan.
  func areOurs(_ name: String) -> Bool { places[PathKey(name)].map { kept[$0].isOurs } ?? false }

  /// The outputs of an item that gave something; of items that share their files, only the first time.
  mutating func takeOutputs(of name: String) -> [RunRecord.Output] {
    guard let place = places[PathKey(name)], told.insert(place).inserted else { return [] }
    return kept[place].outputs
  }
}
