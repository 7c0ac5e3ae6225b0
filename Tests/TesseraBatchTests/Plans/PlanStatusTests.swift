import TesseraTestSupport
import Testing

@testable import TesseraBatch

/// How far a plan is, by files that machines write while they work.
struct PlanStatusTests {
  /// A folder with a plan of shards of 4, 5 and no inputs, each in three views.
  private func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    try folder.write(RunPlanTests.plan.text, to: "plan.json")
    return folder
  }

  private func running(_ shard: Int, ended: Int, failed: Int, inputs: Int) -> String {
    #"{"shard":\#(shard),"host":"elsewhere","process":1,"ended":\#(ended),"failed":\#(failed),"#
      + #""inputs":\#(inputs),"rate":2.5}"#
  }

  @Test("What machines have written last is added up")
  func sums() throws {
    let folder = try folder()
    try folder.write(running(0, ended: 7, failed: 1, inputs: 12), to: "shards/00000/running.json")
    try folder.write(running(1, ended: 15, failed: 0, inputs: 15), to: "shards/00001/running.json")
    let status = try PlanStatus(of: PlanFolder(folder.path))
    #expect(status.endedCount == 22 && status.failedCount == 1 && status.inputCount == 27)
    #expect(status.rate == 5 && status.missing == ShardNumbers([2]))
  }

  @Test(
    "Counts that no shard of the plan has are those of none",
    arguments: [(13, 0, 12), (-1, 0, 12), (7, 8, 12), (7, -1, 12), (7, 0, 13), (.max, 0, .max)])
  func foreign(_ ended: Int, _ failed: Int, _ inputs: Int) throws {
    let folder = try folder()
    for shard in 0..<3 {
      try folder.write(
        running(shard, ended: ended, failed: failed, inputs: inputs),
        to: "shards/0000\(shard)/running.json")
    }
    let status = try PlanStatus(of: PlanFolder(folder.path))
    #expect(status.running.isEmpty && status.endedCount == 0)
    #expect(status.missing == ShardNumbers([0, 1, 2]))
  }

  @Test("Complete shards count with all of their inputs, whatever else is there")
  func complete() throws {
    let folder = try folder()
    let digest = try PlanFolder(folder.path).read().digest
    for (shard, failed) in [(0, 2), (2, 0)] {
      let done = CompleteShard(
        shard: shard, plan: digest, inputCount: shard == 0 ? 12 : 0, failedCount: failed,
        report: 1, seconds: 2, host: "h")
      try folder.write(done.text, to: "shards/0000\(shard).done.json")
    }
    try folder.write(running(0, ended: 7, failed: 1, inputs: 12), to: "shards/00000/running.json")
    try folder.write(running(1, ended: 5, failed: 1, inputs: 15), to: "shards/00001/running.json")
    let status = try PlanStatus(of: PlanFolder(folder.path))
    #expect(status.complete.map(\.shard) == [0, 2] && status.running.map(\.shard) == [1])
    #expect(status.shardCount == 3 && status.inputCount == 27)
    #expect(status.endedCount == 17 && status.failedCount == 3)
    #expect(status.failedShards == ShardNumbers([0]) && status.missing.isEmpty)
  }
}
