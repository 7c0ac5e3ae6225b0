import Glibc
import TesseraCore
import TesseraFiles
import TesseraThreads

/// The files of a plan, written and read.
extension PlanFolder {
  /// The most bytes of a plan: millions of shards.
  private static let mostBytes = 1 << 30

  /// Writes a plan, that of its inputs first.
  ///
  /// Who plans at the same time into the same folder is waited for.
  ///
  /// - Returns: whether it was not there already.
  /// - Throws: ``PlanError`` where another one is, or the disk refuses it.
  package func write(_ made: MadePlan, _ options: BatchOptions) throws(PlanError) -> Bool {
    // Whoever may only read the folder is told as well.
    let text = Array(made.plan.text.utf8)
    if try isThere(made, text) { return false }
    var new: [String] = []
    var isWritten = false
    defer { if !isWritten { for folder in new.reversed() { FileSystem.removeFolder(folder) } } }
    try PlanError.writing { () throws(FileError) in
      try FileSystem.makeFolder(path) { new.append($0) }
    }
    let lock: RunLocks
    do throws(BatchError) {
      var options = options
      options.waitsForLock = true
      options.needsLock = false
      lock = try RunLocks(RunPlaces(path, state: path), others: [], options)
    } catch {
      throw .batch(error)
    }
    defer {
      lock.removeNew()
      lock.release()
    }
    AtomicFile.removeLeftovers(in: path)
    try PlanError.writing { () throws(FileError) in
      for folder in new { try DiskSync.folder(Path.folder(of: folder)) }
    }
    isWritten = try writeAlone(made, text)
    return isWritten
  }

  /// Whether a plan is there; another one is refused.
  private func isThere(_ made: MadePlan, _ text: [UInt8]) throws(PlanError) -> Bool {
    guard let found = try contentIfThere(of: plan) else { return false }
    if found == text, holds(made.inputs) { return true }
    throw .exists(
      plan, what: "plan", planned: Self.words(made.plan, of: text),
      found: (try? RunPlan(found, from: plan)).map { Self.words($0, of: found) }
        ?? "something else")
  }

  private func writeAlone(_ made: MadePlan, _ text: [UInt8]) throws(PlanError) -> Bool {
    if try isThere(made, text) { return false }
    // What a planning that was killed has left is replaced, but nothing that does not begin like it.
    if FileStatus(of: inputs, followingLinks: false) != nil, !(try isList) {
      throw .exists(
        inputs, what: "file", planned: "a list of inputs", found: "something else")
    }
    var written: [(path: String, status: FileStatus?)] = []
    do throws(FileError) {
      for (path, bytes) in [(inputs, made.inputs), (plan, text)] {
        let file = try AtomicFile(at: path)
        try file.write(bytes)
        written.append((path, FileStatus(of: file.descriptor)))
        try file.finish(synchronized: true)
      }
    } catch {
      // A plan without its list would be in everybody's way; what others have written stays.
      for file in written.reversed() {
        let found = FileStatus(of: file.path, followingLinks: false)
        if let found, found.identity == file.status?.identity { FileSystem.remove(file.path) }
      }
      throw .unwritable(error)
    }
    return true
  }

  /// Whether the list of inputs is there; it may be far longer than what is read at once.
  private func holds(_ list: [UInt8]) -> Bool {
    guard let digest = FileDigest(ofFile: ByteSource(path: inputs)) else { return false }
    return digest.byteCount == list.count && digest.hash == XXHash64.hash(list)
  }

  /// Whether what is there under the name of the list of inputs begins as one does.
  private var isList: Bool {
    get throws(PlanError) {
      guard FileStatus(of: inputs, followingLinks: false)?.kind == .file else { return false }
      let start = Array(#"{"path":""#.utf8)
      let found = try PlanError.reading { () throws(FileError) in
        try RecordText(at: inputs).bytes(at: 0, count: start.count)
      }
      return start.starts(with: found)
    }
  }

  private static func words(_ plan: RunPlan, of text: [UInt8]) -> String {
    let inputs = plan.inputCount.counted("input")
    let shards = plan.shards.count.counted("shard")
    return "one of \(inputs) (digest \(plan.inputsDigest)) in \(shards) with the pipeline "
      + "\(plan.recipe) (digest of the plan \(digest(of: text)))"
  }

  private func contentIfThere(of path: String) throws(PlanError) -> [UInt8]? {
    if FileStatus(of: path, followingLinks: false) == nil, errno == ENOENT || errno == ENOTDIR {
      return nil
    }
    return try content(of: path)
  }

  private func content(of path: String) throws(PlanError) -> [UInt8] {
    do throws(FileError) {
      return try FileSystem.content(
        of: path, as: [.file], limit: Self.mostBytes, cancellation: Cancellation())
    } catch {
      throw .unreadable(error)
    }
  }

  /// Reads the plan.
  ///
  /// - Returns: the plan and its digest, which what is written of shards names.
  /// - Throws: ``PlanError`` where there is none.
  package func read() throws(PlanError) -> (plan: RunPlan, digest: String) {
    let text = try content(of: plan)
    return (try RunPlan(text, from: plan), Self.digest(of: text))
  }

  /// What tells one plan from another.
  private static func digest(of text: [UInt8]) -> String { XXHash64.hash(text).hexadecimal }
}
