import TesseraFiles

/// What is already there where a run would write.
struct ExistingOutputs: Sendable {
  /// For every shard, the record that proves it done.
  let done: [RunRecord?]
  private let records: RunRecords
  private let folder: String?
  private let recipe: String
  private let overwrites: Bool
  /// Whether what is ours, and as we wrote it, may go although its items have changed since.
  private let redoesChanged: Bool
  /// The inputs themselves, where something might be replaced.
  private let inputs: [FileStatus.Identity: String]

  /// Looks at all outputs.
  ///
  /// - Parameters:
  ///   - shards: what is to be done.
  ///   - items: all items of the run.
  ///   - names: the outputs of the shards.
  ///   - options: folder, recipe, and whether everything may be replaced.
  ///   - redoesChanged: whether a shard whose items are no longer those of its outputs is done
  ///     again; otherwise they are in the way.
  /// - Throws: ``BatchError`` where an output is in the way or an input would be replaced.
  init(
    of shards: [Shard], _ items: [Item], names: OutputNames, options: BatchOptions,
    redoesChanged: Bool
  ) throws(BatchError) {
    folder = options.folder
    recipe = options.recipe
    overwrites = options.overwrites
    self.redoesChanged = redoesChanged
    do throws(FileError) {
      records =
        try options.folder.map { (path) throws(FileError) in
          try RunFolder.records(in: path)
        } ?? RunRecords([])
    } catch {
      throw .file(error)
    }
    var done: [RunRecord?] = []
    var existing: [(path: String, shard: Int, identity: FileStatus.Identity)] = []
    for (index, shard) in shards.enumerated() {
      let record = Self.finishedRecord(of: items[shard.items], in: records, options)
      done.append(record)
      guard record == nil else { continue }
      for path in names.basePaths[index] {
        if let status = FileStatus(of: path, followingLinks: false) {
          existing.append((path, index, FileStatus(of: path)?.identity ?? status.identity))
        }
      }
    }
    self.done = done
    var inputs: [FileStatus.Identity: String] = [:]
    if !existing.isEmpty || overwrites {
      for item in items {
        if let status = FileStatus(of: item.source.path) { inputs[status.identity] = item.name }
      }
    }
    self.inputs = inputs
    for (path, _, identity) in existing {
      if let input = inputs[identity] { throw .inputWouldBeReplaced(input: input, output: path) }
    }
    let inTheWay = existing.filter { !mayReplace($0.path, for: items[shards[$0.shard].items]) }
    if !inTheWay.isEmpty { throw .outputsExist(inTheWay.map(\.path)) }
  }

  /// Why a shard may not write `path`, where a check before the run could not know that name.
  func objection(to path: String, for items: ArraySlice<Item>) -> InputFailure? {
    guard let status = FileStatus(of: path) ?? FileStatus(of: path, followingLinks: false) else {
      return nil
    }
    if let other = inputs[status.identity] {
      return InputFailure(.inputWouldBeReplaced(other), isPlanning: true)
    }
    if mayReplace(path, for: items) { return nil }
    return InputFailure(.outputExists(Path.name(of: path)), isPlanning: true)
  }

  /// Whether the file at `path` may go: it was asked for, or it is what an earlier run of this
  /// recipe made of these items, or began to make.
  private func mayReplace(_ path: String, for items: ArraySlice<Item>) -> Bool {
    guard let status = FileStatus(of: path, followingLinks: false), status.kind != .folder else {
      return false
    }
    if overwrites { return true }
    guard let folder, case let name = Path.relative(path, to: folder),
      let record = records.owner(of: name), record.recipe == recipe
    else { return false }
    if record.state == .started { return true }
    guard let written = record.outputs.first(where: { $0.path.utf8.elementsEqual(name.utf8) }),
      written.byteCount == status.byteCount
    else { return false }
    if record.isAbout(items) { return true }
    return redoesChanged && (try? FileDigest(of: path))?.hash == written.hash
  }

  /// The record of a shard whose outputs are all still as they were written.
  private static func finishedRecord(
    of items: ArraySlice<Item>, in records: RunRecords, _ options: BatchOptions
  ) -> RunRecord? {
    guard let folder = options.folder, let first = items.first,
      let record = records.record(of: first.name, recipe: options.recipe),
      record.state == .done, record.isAbout(items), !record.outputs.isEmpty,
      record.outputs.allSatisfy({
        let status = FileStatus(of: Path.join(folder, $0.path))
        return status?.kind == .file && status?.byteCount == $0.byteCount
      })
    else { return nil }
    return record
  }
}
