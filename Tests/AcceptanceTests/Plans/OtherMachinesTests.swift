import Foundation
import TesseraBatch
import Testing

/// Plans that were made, and are worked on, by other machines.
@Suite(.timeLimit(.minutes(5))) struct OtherMachinesTests {
  /// A plan with one member changed, as if another machine had made it.
  private static func bench(
    _ pattern: Regex<Substring>, _ replacement: String
  ) throws -> PlanBench {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    let text = String(decoding: try bench.folder.bytes("plan/plan.json"), as: UTF8.self)
    let changed = text.replacing(pattern, with: replacement)
    #expect(changed != text)
    let members = changed.replacing(/,\n  "xxh64": "[^"]+"\n}\n$/, with: "\n}\n")
    try bench.folder.write(RunPlan.sealed(members), to: "plan/plan.json")
    return bench
  }

  @Test("Other codecs are warned of, once for a command, and the shard is done")
  func codecs() throws {
    let bench = try Self.bench(/"codecs": \[[^\]]+\]/, #""codecs": ["libpng 1.2.3", "other 4"]"#)
    let outcome = try bench.run("0-1")
    #expect(outcome.status == 0)
    let warnings = outcome.errors.split(separator: "\n").filter { $0.hasPrefix("warning: ") }
    #expect(warnings.count == 1, "\(outcome.errors)")
    #expect(
      warnings.first?.hasPrefix(
        "warning: the plan was made with libpng 1.2.3, other 4, and this is libpng ") == true)
    #expect(
      warnings.first?.hasSuffix(": pixels or files may differ from those of other machines") == true
    )
    #expect(try bench.merge().errors == "")
  }

  @Test("A processor without the instructions of the plan refuses its shards, and merges them")
  func kernels() throws {
    let bench = try Self.bench(/"kernels": "[^"]+"/, #""kernels": "avx1024""#)
    let outcome = try bench.run("0")
    #expect(outcome.status == 78)
    #expect(
      outcome.errors.hasPrefix(
        "error: the plan is for processors with avx1024, and this one runs baseline"),
      "\(outcome.errors)")
    #expect(
      outcome.errors.hasSuffix(
        "; plan again with TESSERA_ISA set to what all machines run: results of two instruction sets "
          + "may differ in the last bits\n"), "\(outcome.errors)")
    #expect(try bench.merge().status == 75)
  }

  @Test("What another machine says of a shard is shown, with its rate where it has one")
  func running() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "3")
    let counts = [4, 4, 3]
    for (shard, rate) in [(0, "12.345"), (1, "null")] {
      try bench.folder.write(
        #"{"shard":\#(shard),"host":"node7","process":41\#(shard),"ended":2,"failed":\#(shard + 1),"#
          + #""inputs":\#(counts[shard]),"rate":\#(rate)}"#,
        to: "plan/shards/0000\(shard)/running.json")
    }
    let status = try Command.run(["status", "--plan", "plan"], in: bench.folder.path)
    #expect(status.status == 0)
    #expect(
      status.output.contains("  0: 2 of 4 inputs, 12.3 images/s, process 410 on node7\n"),
      "\(status.output)")
    #expect(
      status.output.contains("  1: 2 of 4 inputs, process 411 on node7\n"), "\(status.output)")
    let json = try Command.run(["status", "--plan", "plan", "--json"], in: bench.folder.path).json
    let shards = json?["running"] as? [[String: Any]]
    #expect(shards?.map { $0["rate"] as? Double } == [12.345, nil])
    #expect(json?["rate"] as? Double == 12.345)
    #expect(json?["missing"] as? String == "2")
    let inputs = json?["inputs"] as? [String: Int]
    #expect(inputs == ["total": 11, "ended": 4, "failed": 3])
  }
}
