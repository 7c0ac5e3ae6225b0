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
  /// XXH64 of its report, from which shards are put together.
  var report: UInt64
  /// What the last run of it took [s].
  package var seconds: Double
  /// Where it ran.
  package var host: String

  /// The text of its file.
  var text: String {
    JSONWriter.compact([
      "shard": JSONValue.integer(shard), "plan": JSONValue(.string(plan)),
      "inputs": JSONValue.integer(inputCount), "failed": JSONValue.integer(failedCount),
      "report": JSONValue(.string(report.hexadecimal)),
      "seconds": JSONValue(.number(JSONNumber(seconds))), "host": JSONValue(.string(host)),
    ]) + "\n"
  }

  /// Reads a file; `nil` where there is none, or not one of this plan.
  ///
  /// - Throws: ``PlanError`` where it cannot be read: another time it may be.
  init?(
    _ shard: Int, of plan: RunPlan, _ digest: String, in folder: PlanFolder
  ) throws(PlanError) {
    let inputCount = plan.shards[shard].count * (plan.viewCount ?? 1)
    let value = try PlanError.reading { () throws(FileError) in
      try JSONValue(ofSmallFile: folder.done(ofShard: shard))
    }
    guard let value,
      value["shard"]?.number?.integer == shard, value["plan"]?.string == digest,
      value["inputs"]?.number?.integer == inputCount,
      let failedCount = value["failed"]?.number?.integer, (0...inputCount).contains(failedCount),
      let report = value["report"]?.string.flatMap({ UInt64($0, radix: 16) })
    else { return nil }
    self.init(
      shard: shard, plan: digest, inputCount: inputCount, failedCount: failedCount, report: report,
      seconds: value["seconds"]?.number?.value ?? 0, host: value["host"]?.string ?? "")
  }

  init(
    shard: Int, plan: String, inputCount: Int, failedCount: Int, report: UInt64, seconds: Double,
    host: String
  ) {
    self.shard = shard
    self.plan = plan
    self.inputCount = inputCount
    self.failedCount = failedCount
    self.report = report
    self.seconds = seconds
    self.host = host
  }
}

extension CompleteShard {
  /// The digest of a report; `nil` where it is gone.
  ///
  /// - Throws: ``FileError`` where it cannot be read: another time it may be.
  static func digest(ofReport path: String) throws(FileError) -> UInt64? {
    do throws(FileError) {
      return try FileDigest(of: path).hash
    } catch {
      guard error.code == ENOENT else { throw error }
      return nil
    }
  }
}

extension JSONValue {
  /// Reads a file of a few hundred bytes; `nil` where there is none, or it holds something else.
  ///
  /// - Throws: ``FileError`` where the system does not let it be read.
  init?(ofSmallFile path: String) throws(FileError) {
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileSystem.content(
        of: path, as: [.file], limit: 1 << 16, cancellation: Cancellation())
    } catch {
      let isNone = [ENOENT, ENOTDIR, EISDIR, ELOOP].contains(error.code)
      if isNone || error.refusal != nil { return nil }
      throw error
    }
    guard let value = try? JSONParser.parse(bytes) else { return nil }
    self = value
  }
}
