import Glibc
import TesseraConfiguration
import TesseraFiles
import TesseraThreads

/// What is written of a shard that is complete.
package struct CompleteShard: Hashable, Sendable {
  /// Its number.
  package var shard: Int
  /// The digest of the plan.
  var plan: String
  /// Inputs.
  package var inputCount: Int
  /// Inputs that gave nothing.
  package var failedCount: Int
  /// What the last run of it took [s].
  package var seconds: Double
  /// Where it ran.
  package var host: String

  /// The text of its file.
  var text: String {
    JSONWriter.compact([
      "shard": JSONValue.integer(shard), "plan": JSONValue(.string(plan)),
      "inputs": JSONValue.integer(inputCount), "failed": JSONValue.integer(failedCount),
      "seconds": JSONValue(.number(JSONNumber(seconds))), "host": JSONValue(.string(host)),
    ]) + "\n"
  }

  /// Reads a file; `nil` where there is none, or not one of this plan.
  init?(_ shard: Int, of plan: String, in folder: PlanFolder) {
    guard let value = JSONValue(ofSmallFile: folder.done(ofShard: shard)),
      value["shard"]?.number?.integer == shard, value["plan"]?.string == plan,
      let inputCount = value["inputs"]?.number?.integer,
      let failedCount = value["failed"]?.number?.integer, (0...inputCount).contains(failedCount)
    else { return nil }
    self.init(
      shard: shard, plan: plan, inputCount: inputCount, failedCount: failedCount,
      seconds: value["seconds"]?.number?.value ?? 0, host: value["host"]?.string ?? "")
  }

  init(
    shard: Int, plan: String, inputCount: Int, failedCount: Int, seconds: Double, host: String
  ) {
    self.shard = shard
    self.plan = plan
    self.inputCount = inputCount
    self.failedCount = failedCount
    self.seconds = seconds
    self.host = host
  }
}

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

  /// Reads what is written of a shard; `nil` where nobody works on it.
  ///
  /// Who was killed has left the file, but not the lock; from another machine the lock may not be seen,
  /// but a file that is renewed is.
  init?(_ shard: Int, in folder: PlanFolder) {
    let path = folder.running(ofShard: shard)
    guard let status = FileStatus(of: path), let value = JSONValue(ofSmallFile: path),
      let inputCount = value["inputs"]?.number?.integer
    else { return nil }
    let host = value["host"]?.string ?? ""
    let places = RunPlaces(folder.path, state: folder.folder(ofShard: shard))
    let isFresh = host != Host.name && status.age < 3 * Self.interval
    guard isFresh || RunLocks.isTaken(places.lock) else { return nil }
    self.init(
      shard: shard, host: host, process: value["process"]?.number?.integer ?? 0,
      endedCount: value["ended"]?.number?.integer ?? 0,
      failedCount: value["failed"]?.number?.integer ?? 0, inputCount: inputCount,
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

extension JSONValue {
  /// Reads a file of a few hundred bytes; `nil` where there is none, or it holds something else.
  fileprivate init?(ofSmallFile path: String) {
    guard
      let bytes = try? FileSystem.content(
        of: path, as: [.file], limit: 1 << 16, cancellation: Cancellation()),
      let value = try? JSONParser.parse(bytes)
    else { return nil }
    self = value
  }
}

extension RunLocks {
  /// Whether somebody has a lock; it is held for a moment to find out.
  static func isTaken(_ path: String) -> Bool {
    guard let file = try? OpenFile(path, flags: O_RDWR | O_NOFOLLOW) else { return false }
    return flock(file.descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }
}
