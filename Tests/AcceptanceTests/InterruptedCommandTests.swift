import Foundation
import Glibc
import Testing

/// Commands that are asked to end before they have come to their end.
@Suite(.timeLimit(.minutes(5))) struct InterruptedCommandTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var arguments: [String]
    var message: String
    /// What the command would have made.
    var product: String?
  }

  static let cases = [
    Case(
      testDescription: "fit", arguments: ["fit", "fit.json", "-o", "s.safetensors", "--jobs", "1"],
      message: "interrupted; nothing has been written", product: "s.safetensors"),
    Case(
      testDescription: "plan", arguments: ["plan", "copy.json", "--plan", "plan", "--shards", "2"],
      message: "interrupted; nothing is planned", product: "plan/plan.json"),
    Case(
      testDescription: "roundtrip",
      arguments: ["roundtrip", "data", "--source", "in", "--jobs", "1"],
      message: "interrupted: not every image has been compared"),
    Case(
      testDescription: "run",
      arguments: ["run", "copy.json", "--jobs", "1", "--json"],
      message: "interrupted: giving up what is in work; once more ends at once"),
  ]

  private static func bench() throws -> Workbench {
    let bench = try Workbench()
    let cut = #"{ "stage": "unfold", "kernel_size": 3, "stride": 3 }"#
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#,
        [cut, #"{ "stage": "transform.pca", "statistics": "s.safetensors", "components": 1 }"#],
        encode: #""path": "out", "format": "npy""#), to: "fit.json")
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [cut],
        encode: #""path": "data", "format": "npy", "images_per_shard": 1"#), to: "data.json")
    #expect(
      try Command.run(["run", "data.json", "--quiet"], in: bench.folder.path).status == 0)
    return bench
  }

  @Test("They end with 75, say what there is, and leave nothing", arguments: cases)
  func interrupted(_ one: Case) throws {
    let bench = try Self.bench()
    let mark = bench.folder.path("mark")
    // The last input: what comes before it is done.
    let calls = SlowCalls(call: "pread", path: "c.npy", milliseconds: 2000, number: 1)
    let running = try Running(
      one.arguments, in: bench.folder.path, environment: calls.environment(showing: mark))
    try running.waitUntilThere(is: mark)
    kill(running.process, SIGTERM)
    let outcome = try running.wait()
    #expect(outcome.status == 75 && !outcome.hasCrashed, "\(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains(one.message), "\(outcome.errors)")
    if let product = one.product {
      #expect(!FileManager.default.fileExists(atPath: bench.folder.path(product)))
    }
    if one.arguments.contains("--json") {
      let errors = outcome.json?["errors"] as? [[String: Any]]
      #expect(errors?.count == 1 && errors?.first?["kind"] as? String == "interrupted")
      #expect(errors?.first?["message"] as? String == "interrupted with 1 input not run")
      #expect(outcome.json?["exit_status"] as? Int == 75)
    }
    #expect(bench.folder.files().filter { $0.hasSuffix(".tessera-part") } == [])
  }
}
