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
  /// - Returns: whether it was not there already.
  /// - Throws: ``PlanError`` where another one is, or the disk refuses it.
  package func write(_ made: MadePlan) throws(PlanError) -> Bool {
    let text = Array(made.plan.text.utf8)
    if let found = try contentIfThere(of: plan) {
      if found == text, try contentIfThere(of: inputs) == made.inputs { return false }
      throw .exists(
        plan, what: "plan", planned: Self.words(made.plan, of: text),
        found: (try? RunPlan(found, from: plan)).map { Self.words($0, of: found) }
          ?? "something else")
    }
    // What a planning that was killed has left is replaced, but nothing of somebody's.
    if let found = try contentIfThere(of: inputs), found != made.inputs,
      !found.isEmpty, !found.starts(with: Array(#"{"path":""#.utf8))
    {
      throw .exists(
        inputs, what: "file", planned: "a list of inputs", found: "something else")
    }
    do throws(FileError) {
      var new: [String] = []
      try FileSystem.makeFolder(path) { new.append($0) }
      for (path, bytes) in [(inputs, made.inputs), (plan, text)] {
        let file = try AtomicFile(at: path)
        try file.write(bytes)
        try file.finish(synchronized: true)
      }
      for folder in new { try DiskSync.folder(Path.folder(of: folder)) }
    } catch {
      throw .unwritable(error)
    }
    return true
  }

  private static func words(_ plan: RunPlan, of text: [UInt8]) -> String {
    let inputs = plan.inputCount == 1 ? "1 input" : "\(plan.inputCount) inputs"
    let shards = plan.shards.count == 1 ? "1 shard" : "\(plan.shards.count) shards"
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
