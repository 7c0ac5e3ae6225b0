import TesseraFiles
import TesseraThreads

/// Checks that outputs still are what the run wrote.
public struct OutputVerification: Sendable {
  /// An output that is not.
  public struct Finding: Hashable, Sendable {
    /// What is wrong with it.
    public enum Problem: Hashable, Sendable {
      /// It cannot be read; most often it is missing.
      case unreadable(reason: String)
      /// Its size differs.
      case size(Int, recorded: Int)
      /// Its size is right, its content differs.
      case content
    }

    /// The output, seen from the folder of the run.
    public var path: String
    /// The input that it was made of, or the first and the last of several.
    public var source: String
    /// What is wrong with it.
    public var problem: Problem
  }

  /// Outputs that were looked at.
  public private(set) var checkedCount = 0
  /// Those that have changed, in order of the inputs.
  public private(set) var findings: [Finding] = []
  /// Other folders whose records tell of outputs in this one.
  public private(set) var otherFolders: [String] = []
  private let cancellation: Cancellation

  /// Reads every output in a folder that its records tell of, wherever they are: those of the folder,
  /// those to which they refer, or all that are kept in a folder of records.
  ///
  /// - Parameters:
  ///   - path: where the outputs are, or one of them.
  ///   - state: the folder of the records; `nil` takes those in the folder of the outputs.
  ///   - cancellation: ends the reading early; findings are of what was read then.
  /// - Throws: ``FileError`` where the records cannot be read.
  public init(
    of path: String, state: String? = nil, cancellation: Cancellation = Cancellation()
  ) throws(FileError) {
    self.cancellation = cancellation
    let status = try FileStatus(at: path)
    if status.kind == .folder {
      try check(path, state: state)
      return
    }
    let file = RunPlaces.resolved(file: path)
    var folder = Path.folder(of: file)
    try check(folder, state: state, only: file)
    // The folder of the run may be any above the output.
    while checkedCount == 0, state == nil, folder != "/", !folder.isEmpty {
      folder = Path.folder(of: folder)
      try check(folder, state: nil, only: file)
    }
    otherFolders = []
  }

  /// Checks the outputs in a folder; where one is given, that alone, by a path without links.
  private mutating func check(
    _ folder: String, state: String?, only file: String? = nil
  ) throws(FileError) {
    let places = RunPlaces(folder, state: state)
    let own = try places.read()
    let root = FileSystem.resolved(folder)
    let area = Area(root: root, file: file)
    try own.forEach { record in
      if record.folder == places.home {
        check(record, in: folder, within: file == nil ? nil : area)
      } else if let state {
        // The run was told of its first folder alone, and this may be another of them.
        check(record, in: Path.join(FileSystem.resolved(state), record.folder), within: area)
      }
    }
    for reference in own.references {
      let other = Path.normalized(Path.join(root, reference))
      let before = checkedCount
      try RunPlaces(other).read().forEach { record in
        if record.folder == RunPlaces.here { check(record, in: other, within: area) }
      }
      if checkedCount > before {
        otherFolders.append(Path.normalized(Path.join(folder, reference)))
      }
    }
    findings.sort { PathKey($0.source) < PathKey($1.source) }
  }

  /// Where outputs are looked at.
  private struct Area {
    /// A folder, reached through no link.
    let root: String
    /// One file in it alone.
    let file: String?
  }

  /// Checks the outputs of a record that are named from `folder`.
  private mutating func check(_ record: RunRecord, in folder: String, within area: Area?) {
    guard record.state == .done else { return }
    for output in record.outputs where !cancellation.isCancelled {
      var path = Path.join(folder, output.path)
      var name = output.path
      if let area {
        path = RunPlaces.resolved(file: path)
        let start = area.root == "/" ? area.root : area.root + "/"
        guard path.utf8.starts(with: start.utf8) else { continue }
        if let file = area.file, !path.utf8.elementsEqual(file.utf8) { continue }
        name = Path.relative(path, to: area.root)
      }
      checkedCount += 1
      guard let problem = problem(with: output, at: path) else { continue }
      findings.append(Finding(path: name, source: record.source, problem: problem))
    }
  }

  private func problem(
    with output: RunRecord.Output, at path: String
  ) -> Finding.Problem? {
    do throws(FileError) {
      let digest = try FileDigest(
        of: path, workers: BatchOptions.processorCount, cancellation: cancellation)
      if let byteCount = output.byteCount, digest.byteCount != byteCount {
        return .size(digest.byteCount, recorded: byteCount)
      }
      return digest.hash == output.hash ? nil : .content
    } catch {
      return error.isCancelled ? nil : .unreadable(reason: error.reason)
    }
  }
}

extension OutputVerification.Finding: CustomStringConvertible {
  /// Which output, of which input, and what is wrong with it.
  public var description: String {
    let what =
      switch problem {
      case .unreadable(let reason): "cannot be read: \(reason)"
      case .size(let size, let recorded): "has \(size) bytes, the run wrote \(recorded)"
      case .content: "has changed since the run wrote it"
      }
    return "'\(path.printable)' (from '\(source.printable)') \(what)"
  }
}
