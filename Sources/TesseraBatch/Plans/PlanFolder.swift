import TesseraCore
import TesseraFiles

/// Where the files of a plan are.
package struct PlanFolder: Hashable, Sendable {
  /// The folder.
  package let path: String

  /// Names a folder; nothing is looked at.
  package init(_ path: String) { self.path = path }

  /// What was planned.
  package var plan: String { Path.join(path, "plan.json") }

  /// The inputs, in order.
  package var inputs: String { Path.join(path, "inputs.jsonl") }

  private var shards: String { Path.join(path, "shards") }

  private func name(of shard: Int) -> String {
    let digits = String(shard)
    return String(repeating: "0", count: max(5 - digits.count, 0)) + digits
  }

  /// Records, lock and report of a shard.
  func folder(ofShard shard: Int) -> String { Path.join(shards, name(of: shard)) }

  /// The report of a shard.
  func report(ofShard shard: Int) -> String { Path.join(folder(ofShard: shard), OwnNames.report) }

  /// What tells, last of all, that a shard is complete.
  func done(ofShard shard: Int) -> String { Path.join(shards, "\(name(of: shard)).done.json") }

  /// What tells how far a shard is, as long as somebody works on it.
  func running(ofShard shard: Int) -> String {
    Path.join(folder(ofShard: shard), "running.json")
  }
}
