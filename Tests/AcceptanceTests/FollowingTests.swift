import Foundation
import Glibc
import Testing

/// How a run is followed while it goes on: progress for programs, and logs.
@Suite(.timeLimit(.minutes(5))) struct FollowingTests {
  private static func log(_ bench: Workbench, _ name: String = "run.log") throws -> [String] {
    let text = String(decoding: try bench.folder.bytes(name), as: UTF8.self)
    #expect(text.isEmpty || text.hasSuffix("\n"))
    return text.split(separator: "\n").map(String.init)
  }

  /// Lines without their times, which are checked to be times.
  private static func timeless(_ lines: [String]) -> [String] {
    lines.map { line in
      let pattern = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z (error|warning|info|debug) +/
      #expect(line.prefixMatch(of: pattern) != nil, "\(line)")
      return String(line.drop { $0 != " " }.dropFirst())
    }
  }

  private static func objects(_ text: String) throws -> [[String: Any]] {
    try text.split(separator: "\n").filter { $0.hasPrefix("{") }.map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  @Test("Programs get objects on standard error, the last of which has all that the summary has")
  func objects() throws {
    let bench = try Workbench()
    try bench.folder.write("bad", to: "in/bad.png")
    let outcome = try bench.run("--progress", "json", "--quiet", "--json")
    #expect(outcome.status == 65)
    let last = try #require(try Self.objects(outcome.errors).last)
    let counts = try #require(outcome.json?["counts"] as? [String: Int])
    #expect(last["done"] as? Int == 3 && last["failed"] as? Int == 1 && last["total"] as? Int == 4)
    #expect(last["skipped"] as? Int == counts["skipped"] && last["shard"] is NSNull)
    #expect(!outcome.errors.contains("done,"), "no summary: \(outcome.errors)")
    let again = try bench.run("--progress=json")
    #expect(try Self.objects(again.errors).last?["skipped"] as? Int == 3)
    #expect(again.errors.contains("4 images: "))
  }

  @Test("While an input is in work, the objects say which, and for how long")
  func slowest() throws {
    let bench = try Workbench()
    let calls = SlowCalls(call: "pread", path: "b.npy", milliseconds: 1500, number: 1)
    let outcome = try Command.run(
      ["run", "copy.json", "--jobs", "1", "--progress", "json"], in: bench.folder.path,
      environment: calls.environment(showing: bench.folder.path("mark")))
    #expect(outcome.status == 0)
    let slow = try Self.objects(outcome.errors).compactMap { $0["slowest"] as? [String: Any] }
    #expect(slow.contains { $0["source"] as? String == "b.npy" }, "\(outcome.errors)")
    let seconds = slow.compactMap { $0["seconds"] as? Double }.max() ?? 0
    #expect(seconds >= 0.4 && seconds < 60, "\(outcome.errors)")
  }

  @Test("Shards say which they are")
  func shards() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    let outcome = try bench.run("0-1", "--progress", "json", "--log", "plan.log")
    #expect(outcome.status == 0)
    #expect(try Self.objects(outcome.errors).compactMap { $0["shard"] as? Int }.contains(1))
    let lines = try Self.timeless(Self.log(bench.bench, "plan.log"))
    #expect(lines.count == 4, "\(lines)")
    #expect(lines[0].contains(": shard 0 of plan, "), "\(lines)")
    #expect(lines[3].hasPrefix("info    shard 1: "), "\(lines)")
  }

  @Test(
    "A log has what its level asks for",
    arguments: [
      ("error", ["error"]), ("warning", ["error", "warning"]),
      ("info", ["error", "warning", "info"]), ("debug", ["error", "warning", "info", "debug"]),
    ])
  func levels(_ level: String, _ expected: [String]) throws {
    let bench = try Workbench()
    try bench.folder.copy(Repository.sample("astronaut.jpg"), to: "in/astronaut.jpg")
    try bench.folder.write("bad", to: "in/bad.png")
    // A photograph whose last bytes are lost draws a warning.
    let photograph = try bench.folder.bytes("in/astronaut.jpg")
    try bench.folder.write(photograph.dropLast(2000), to: "in/cut.jpg")
    try bench.writePipeline(load: #", "fail_on": "none""#)
    let outcome = try bench.run("--log", "run.log", "--log-level", level)
    #expect(outcome.status == 65)
    let lines = try Self.timeless(Self.log(bench))
    let found = Set(lines.map { String($0.prefix { $0 != " " }) })
    #expect(found == Set(expected), "\(lines)")
    #expect(lines.contains { $0.hasPrefix("error   bad.png: the file begins with") })
    #expect(lines.contains { $0.hasPrefix("warning cut.jpg: ") } == (level != "error"), "\(lines)")
    #expect(
      lines.contains { $0.hasPrefix("debug   a.npy: done in ") } == (level == "debug"), "\(lines)")
    #expect(lines.contains { $0.contains("copy.json, 6 inputs, ") } == expected.contains("info"))
  }

  @Test("A log is added to, and says why a run did not begin")
  func added() throws {
    let bench = try Workbench()
    #expect(try bench.run("--log", "run.log").status == 0)
    let first = try Self.log(bench)
    let refused = try Command.run(
      ["run", "missing.json", "--log", "run.log"], in: bench.folder.path)
    #expect(refused.status == 66)
    let lines = try Self.log(bench)
    #expect(Array(lines.prefix(first.count)) == first && lines.count == first.count + 1)
    #expect(
      lines.last?.hasSuffix("error   cannot open 'missing.json': No such file or directory") == true
    )
  }

  @Test("What is no log stays as it is", arguments: ["copy.json", "in/a.npy", "in"])
  func noLog(_ name: String) throws {
    let bench = try Workbench()
    let before = name == "in" ? [] : try bench.folder.bytes(name)
    let refused = try bench.run("--log", name)
    #expect(refused.status == 73 && refused.errors.contains("'\(name)'"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: bench.folder.path("out")))
    if name != "in" { #expect(try bench.folder.bytes(name) == before) }
  }

  @Test("A log that loses lines is told of, and no good end")
  func lost() throws {
    let bench = try Workbench()
    let lost = try bench.run("--log", "/dev/full")
    #expect(lost.status == 74)
    #expect(
      lost.errors.hasSuffix("error: cannot write '/dev/full': No space left on device\n"),
      "\(lost.errors)")
    #expect(try bench.contents().count == 3)
    try bench.folder.write("bad", to: "in/bad.png")
    let failed = try bench.run("--log", "/dev/full")
    #expect(failed.status == 65 && failed.errors.contains("'/dev/full'"), "\(failed.errors)")
  }

  @Test(
    "Options that do not go together are refused",
    arguments: [
      (["--log-level", "debug"], "--log-level goes with --log"),
      (["--log", ""], "--log needs the name of a file"),
      (["--log", "a", "--dry-run"], "--log does not go with --dry-run"),
      (["--log", "a", "--log", "b"], "--log is given twice"),
      (["--progress", "bar"], "'auto', 'lines', 'json'"),
      (["--log", "a", "--log-level", "loud"], "'error', 'warning', 'info'"),
    ])
  func refused(_ arguments: [String], _ sentence: String) throws {
    let bench = try Workbench()
    let refused = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(refused.status == 64 && refused.errors.contains(sentence), "\(refused.errors)")
    #expect(bench.folder.files(in: ".").allSatisfy { !["a", "b"].contains($0) })
  }

  @Test("Progress that is asked for by name is shown as lines on a terminal, or not at all")
  func named() throws {
    let bench = try Workbench()
    for kind in ["lines", "none"] {
      let (status, drawn) = try Terminal(columns: 80).run(
        ["run", "copy.json", "--progress", kind], in: bench.folder.path)
      #expect(status == 0 && !drawn.contains("\u{1B}") && drawn.contains("3 images: "), "\(drawn)")
    }
  }
}
