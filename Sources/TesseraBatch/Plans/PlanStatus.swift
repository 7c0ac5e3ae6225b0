import TesseraConfiguration

/// How far a plan is.
package struct PlanStatus: Sendable {
  /// All shards.
  package let shardCount: Int
  /// All inputs.
  package let inputCount: Int
  /// Shards that are complete.
  package private(set) var complete: [CompleteShard] = []
  /// Shards that somebody works on.
  package private(set) var running: [RunningShard] = []
  /// Shards that nobody works on and that are not complete.
  package let missing: ShardNumbers

  /// Looks at every shard of a plan.
  ///
  /// - Throws: ``PlanError`` where there is no plan.
  package init(of folder: PlanFolder) throws(PlanError) {
    let (plan, digest) = try folder.read()
    shardCount = plan.shards.count
    inputCount = plan.inputCount * (plan.viewCount ?? 1)
    var missing: [Int] = []
    for shard in plan.shards.indices {
      if let done = try CompleteShard(shard, of: plan, digest, in: folder) {
        complete.append(done)
      } else if let state = RunningShard(shard, of: plan, in: folder) {
        running.append(state)
      } else {
        missing.append(shard)
      }
    }
    self.missing = ShardNumbers(missing)
  }

  /// Inputs that are done, or have failed.
  package var endedCount: Int {
    complete.reduce(0) { $0 + $1.inputCount } + running.reduce(0) { $0 + $1.endedCount }
  }

  /// Inputs that have failed.
  package var failedCount: Int {
    complete.reduce(0) { $0 + $1.failedCount } + running.reduce(0) { $0 + $1.failedCount }
  }

  /// Complete shards with failed inputs.
  package var failedShards: ShardNumbers {
    ShardNumbers(complete.lazy.filter { $0.failedCount > 0 }.map(\.shard))
  }

  /// Images per second, of all shards that are running together; `nil` where none of them knows.
  package var rate: Double? {
    let rates = running.compactMap(\.rate)
    return rates.isEmpty ? nil : rates.reduce(0, +)
  }
}
