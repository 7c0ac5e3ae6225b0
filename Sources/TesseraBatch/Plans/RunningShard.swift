import Glibc
import TesseraConfiguration
import TesseraFiles

/// How far a shard is that somebody works on.
package struct RunningShard: Hashable, Sendable {
  /// Its number.
  package var shard: Int
  /// Where it runs.
  package var host: String
  /// The number of the process there.
  package var process: Int
  /// Inputs that have ended.
  package var endedCount: Int
  /// Of those, failures.
  package var failedCount: Int
  /// Inputs.
  package var inputCount: Int
  /// Images per second; `nil` before the first.
  package var rate: Double?

  /// The text of its file.
  private var text: String {
    JSONWriter.compact([
      "shard": JSONValue.integer(shard), "host": JSONValue(.string(host)),
      "process": JSONValue.integer(process), "ended": JSONValue.integer(endedCount),
      "failed": JSONValue.integer(failedCount), "inputs": JSONValue.integer(inputCount),
      "rate": rate.map { JSONValue(.number(JSONNumber($0))) } ?? .init(.null),
    ]) + "\n"
  }

  /// Seconds between two words from somebody who works.
  static let interval = 10.0

  /// Writes it, as far as that is possible: nothing but what `status` shows hangs on it.
  func write(to path: String) {
    do throws(FileError) {
      let file = try AtomicFile(at: path)
      try file.write(text.utf8)
      try file.finish()
    } catch {}
  }

  /// Removes what this process has written, and nothing of another one that works on the shard now.
  static func remove(_ path: String) {
    guard let value = try? JSONValue(ofSmallFile: path), value["host"]?.string == Host.name,
      value["process"]?.number?.integer == Int(getpid())
    else { return }
    FileSystem.remove(path)
  }

  /// Reads what is written of a shard; `nil` where nobody works on it, or that is not of this plan.
  ///
  /// Who was killed has left the file, but not the lock; from another machine the lock may not be seen,
  /// but a file that is renewed is.
  init?(_ shard: Int, of plan: RunPlan, in folder: PlanFolder) {
    let path = folder.running(ofShard: shard)
    let inputCount = plan.shards[shard].count * (plan.viewCount ?? 1)
    // Counts of all shards are added up.
    guard let status = FileStatus(of: path), let value = try? JSONValue(ofSmallFile: path),
      value["inputs"]?.number?.integer == inputCount,
      let ended = value["ended"]?.number?.integer, (0...inputCount).contains(ended),
      let failed = value["failed"]?.number?.integer, (0...ended).contains(failed)
    else { return nil }
    let host = value["host"]?.string ?? ""
    let places = RunPlaces(folder.path, state: folder.folder(ofShard: shard))
    let isFresh = host != Host.name && status.age < 3 * Self.interval
    guard isFresh || RunLocks.isTaken(places.lock) else { return nil }
    self.init(
      shard: shard, host: host, process: value["process"]?.number?.integer ?? 0,
      endedCount: ended, failedCount: failed, inputCount: inputCount,
      rate: value["rate"]?.number?.value)
  }

  init(
    shard: Int, host: String, process: Int, endedCount: Int, failedCount: Int, inputCount: Int,
    rate: Double?
  ) {
    self.shard = shard
    self.host = host
    self.process = process
    self.endedCount = endedCount
    self.failedCount = failedCount
    self.inputCount = inputCount
    self.rate = rate
  }
}
