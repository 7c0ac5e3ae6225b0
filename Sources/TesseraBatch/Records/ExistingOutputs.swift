import TesseraFiles

/// What is already there where a run would write.
package struct ExistingOutputs: Sendable {
  /// For every input, the record that proves it done.
  let done: [RunRecord?]
  private let records: RunRecords
  private let folder: String?
  private let recipe: String
  private let overwrites: Bool
  /// The inputs themselves, where something might be replaced.
  private let inputs: [FileStatus.Identity: String]

  /// Looks at all outputs.
  ///
  /// - Throws: ``BatchError`` where an output is in the way or an input would be replaced.
  package init(
    of files: [InputFile], names: OutputNames, options: BatchOptions
  ) throws(BatchError) {
    folder = options.folder
    recipe = options.recipe
    overwrites = options.overwrites
    do throws(FileError) {
      records =
        try options.folder.map { (path) throws(FileError) in
          try RunFolder.records(in: path)
        } ?? RunRecords([])
    } catch {
      throw .file(error)
    }
    var done: [RunRecord?] = []
    var existing: [(path: String, input: Int, identity: FileStatus.Identity)] = []
    for (index, file) in files.enumerated() {
      let record = Self.finishedRecord(of: file, in: records, options)
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
      for file in files {
        if let status = FileStatus(of: file.path) { inputs[status.identity] = file.relativePath }
      }
    }
    self.inputs = inputs
    for (path, _, identity) in existing {
      if let input = inputs[identity] { throw .inputWouldBeReplaced(input: input, output: path) }
    }
    let inTheWay = existing.filter { !mayReplace($0.path, for: files[$0.input]) }
    if !inTheWay.isEmpty { throw .outputsExist(inTheWay.map(\.path)) }
  }

  /// Why an input may not write `path`, where a check before the run could not know that name.
  package func objection(to path: String, for input: InputFile) -> InputFailure? {
    guard let status = FileStatus(of: path) ?? FileStatus(of: path, followingLinks: false) else {
      return nil
    }
    if let other = inputs[status.identity] {
      return InputFailure(
        .conflict, "its output would replace the input '\(other.printable)'", isPlanning: true)
    }
    if mayReplace(path, for: input) { return nil }
    return InputFailure(
      .conflict, "its output '\(Path.name(of: path).printable)' exists already; use --overwrite",
      isPlanning: true)
  }

  /// Whether the file at `path` may go: it was asked for, or it is what an earlier run of this
  /// recipe made of this input, or began to make.
  private func mayReplace(_ path: String, for input: InputFile) -> Bool {
    guard let status = FileStatus(of: path, followingLinks: false), status.kind != .folder else {
      return false
    }
    if overwrites { return true }
    guard let folder, case let name = Path.relative(path, to: folder),
      let record = records.owner(of: name), record.recipe == recipe
    else { return false }
    if record.state == .started { return true }
    let written = record.outputs.first { $0.path.utf8.elementsEqual(name.utf8) }
    return record.isAbout(input) && written?.byteCount == status.byteCount
  }

  /// The record of an input whose outputs are all still as they were written.
  private static func finishedRecord(
    of file: InputFile, in records: RunRecords, _ options: BatchOptions
  ) -> RunRecord? {
    guard let folder = options.folder,
      let record = records.record(of: file.relativePath, recipe: options.recipe),
      record.state == .done, record.isAbout(file), !record.outputs.isEmpty,
      record.outputs.allSatisfy({
        let status = FileStatus(of: Path.join(folder, $0.path))
        return status?.kind == .file && status?.byteCount == $0.byteCount
      })
    else { return nil }
    return record
  }
}
