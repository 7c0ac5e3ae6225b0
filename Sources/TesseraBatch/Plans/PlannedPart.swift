import Glibc
import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// What a run knows of itself that does one shard of a plan.
struct PlannedPart: Sendable {
  /// What the inputs are to be.
  let identities: [PlannedInputs.Identity]
  /// How many items each input comes as.
  let viewCount: Int
  /// The file that tells that the shard is complete.
  let done: String
  /// What it tells of a run that was complete, with the digest of the report.
  let text: @Sendable (RunSummary, UInt64) -> String
  /// The report.
  let report: String
  /// Takes why the file could not be written.
  let failed: @Sendable (FileError) -> Void

  /// Refuses an item that is not what was planned.
  ///
  /// - Parameters:
  ///   - item: the item.
  ///   - index: its place.
  ///   - hash: XXH64 of its content; `nil` where it cannot be read, which is told elsewhere.
  /// - Throws: the failure that ends the run.
  func check(_ item: Item, at index: Int, hash: UInt64?) throws(InputFailure) {
    let identity = identities[index / viewCount]
    guard let planned = identity.hash, let hash, planned != hash else { return }
    throw InputFailure(
      .inputChanged(
        planned: identity.description,
        found: PlannedInputs.Identity(byteCount: item.byteCount, hash: hash).description))
  }

  /// Takes back that the shard is complete, before report and outputs change.
  ///
  /// - Throws: ``FileError`` where it cannot be taken back.
  func begin() throws(FileError) { try FileSystem.removeSurely(done) }

  /// Tells that the shard is complete, once everything else is on the disk.
  func end(_ summary: RunSummary, _ folder: RunFolder?) {
    guard summary.isComplete else { return }
    do throws(FileError) {
      guard let digest = try CompleteShard.digest(ofReport: report) else {
        throw FileError(.read, report, code: ENOENT)
      }
      try folder?.synchronize()
      let file = try AtomicFile(at: done)
      try file.write(text(summary, digest).utf8)
      try file.finish(synchronized: true)
    } catch {
      failed(error)
    }
  }
}

extension PlannedInputs.Identity: CustomStringConvertible {
  /// Size and digest in words.
  var description: String {
    let size = byteCount.counted("byte")
    return hash.map { "\(size) with the digest \($0.hexadecimal)" } ?? size
  }
}
