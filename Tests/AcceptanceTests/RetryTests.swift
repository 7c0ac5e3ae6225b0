import Foundation
import Glibc
import Testing

/// Runs that fail after one that was killed, and what the next one finds.
@Suite(.timeLimit(.minutes(10))) struct RetryTests {
  private static let names = ["a.npy", "sub/b.npy", "c.npy"]

  /// Inputs with two outputs each; with those of older inputs, which are done.
  private static func bench(isDoneBefore: Bool) throws -> Workbench {
    let bench = try Workbench(names)
    try bench.writePipeline([#"{ "stage": "encode", "path": "out", "format": "png" }"#])
    if isDoneBefore { #expect(try bench.run().status == 0) }
    for (index, name) in names.enumerated() { try bench.write(name, seed: index + 50) }
    return bench
  }

  private static func run(
    _ bench: Workbench, _ fault: FaultyCalls.Fault
  ) throws -> Command.Outcome {
    try Command.run(
      ["run", "copy.json", "--jobs", "1"], in: bench.folder.path,
      environment: FaultyCalls.environment(fault, below: "out"))
  }

  private static let whole = Result {
    let bench = try Self.bench(isDoneBefore: false)
    try #require(try bench.run().status == 0)
    return try bench.contents()
  }

  /// In what way the second run fails.
  static let failures: [FaultyCalls.Fault] =
    (1...4).map { .init(call: "rename", number: $0, code: ENOSPC) }
    + (1...3).map { .init(call: "write", number: $0, code: ENOSPC, path: ".tessera-records") }
    + [
      .init(call: "write", code: ENOSPC, path: ".tessera-part"),
      .init(call: "write", number: 2, code: ENOSPC, path: ".png.tessera-part"),
      .init(call: "syncfs", number: 1, code: FaultyCalls.kill),
      .init(call: "fsync", code: EIO), .init(call: "fsync", number: 2, code: EIO),
      .init(call: "fsync", number: 3, code: EIO), .init(call: "rename", code: EIO),
    ]

  @Test(
    "After a run killed while it gave names and one that failed, all is ours and ends the same",
    arguments: failures, [false, true])
  func retry(_ failure: FaultyCalls.Fault, _ isDoneBefore: Bool) throws {
    let whole = try Self.whole.get()
    var failed = 0
    for number in [1, 3, 6] {
      let bench = try Self.bench(isDoneBefore: isDoneBefore)
      let killed = try Self.run(
        bench, .init(call: "rename", number: number, code: FaultyCalls.kill))
      #expect(killed.status == 128 + SIGKILL)
      let second = try Self.run(bench, failure)
      #expect([0, 73, 74, 128 + SIGKILL].contains(second.status), "\(number) \(second.errors)")
      if second.status != 0 { failed += 1 }
      let outcome = try bench.run()
      #expect(outcome.status == 0, "\(number) \(second.errors) \(outcome.errors)")
      for errors in [second.errors, outcome.errors] {
        #expect(!errors.contains("exists already"), "\(number) \(errors)")
      }
      #expect(try bench.contents() == whole, "\(number)")
      #expect(bench.halfFiles() == [], "\(number)")
    }
    #expect(failed > 0)
  }

  @Test(
    "After a run killed anywhere while it replaced outputs, other inputs replace them again",
    arguments: [[], ["--overwrite"]])
  func changedAgain(_ options: [String]) throws {
    let fresh = try Self.bench(isDoneBefore: false)
    for (index, name) in Self.names.enumerated() { try fresh.write(name, seed: index + 90) }
    try #require(try fresh.run().status == 0)
    let whole = try fresh.contents()
    var killCount = 0
    for (call, count) in [("rename", 6), ("syncfs", 1), ("fsync", 2), ("write", 16)] {
      for number in 1...count {
        let bench = try Self.bench(isDoneBefore: true)
        let killed = try Command.run(
          ["run", "copy.json", "--jobs", "1"] + options, in: bench.folder.path,
          environment: FaultyCalls.environment(
            .init(call: call, number: number, code: FaultyCalls.kill), below: "out"))
        if killed.hasCrashed { killCount += 1 }
        for (index, name) in Self.names.enumerated() { try bench.write(name, seed: index + 90) }
        let outcome = try bench.run()
        #expect(outcome.status == 0, "\(call) \(number) \(outcome.errors)")
        #expect(try bench.contents() == whole, "\(call) \(number)")
      }
    }
    #expect(killCount > 20)
  }
}
