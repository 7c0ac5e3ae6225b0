import Foundation
import Testing

/// Every input several times: views that are told apart in names, records and reports.
@Suite struct ViewsTests {
  private static let random = [
    #"{ "stage": "flip" }"#, #"{ "stage": "crop", "size": 5, "position": "random" }"#,
  ]

  private func bench(_ load: String = #", "repeat": 8"#, encode: String = "") throws -> Workbench {
    let bench = try Workbench(["a.npy", "cat/b.npy"])
    try bench.writePipeline(load: load, Self.random, encode: encode)
    return bench
  }

  @Test("Every view has an output of its own, its number in the report, and choices of its own")
  func outputs() throws {
    let bench = try bench()
    #expect(try bench.run().status == 0)
    let names = ["a", "cat/b"].flatMap { name in (0..<8).map { "\(name)_v\($0).npy" } }
    #expect(bench.folder.outputs(in: "out") == names.sorted())
    let lines = try bench.folder.report()
    #expect(
      lines.map(\.source) == [String](repeating: "a.npy", count: 8)
        + [String](repeating: "cat/b.npy", count: 8))
    #expect(lines.map { $0.values["view"] as? Int } == Array(0..<8) + Array(0..<8))
    #expect(Set(try bench.contents().values.map { Data($0) }).count > 12)
  }

  @Test("Without repeat there is no view, and one view of it has the values of the first")
  func single() throws {
    let (plain, several) = try (bench(""), bench())
    #expect(try plain.run().status == 0 && several.run().status == 0)
    #expect(try plain.folder.report().allSatisfy { $0.values["view"] == nil })
    #expect(plain.folder.outputs(in: "out") == ["a.npy", "cat/b.npy"])
    #expect(try plain.contents()["a.npy"] == several.contents()["a_v0.npy"])
  }

  @Test("Choices are the same for any number of jobs, any number of views and any other inputs")
  func independence() throws {
    let (one, other) = try (bench(), bench())
    try other.write("0.npy", seed: 9)
    #expect(try one.run("--jobs", "1").status == 0)
    #expect(try other.run("--jobs", "4", "--set", "stages[0].repeat=11").status == 0)
    let (expected, found) = try (one.contents(), other.contents())
    for (name, bytes) in expected { #expect(found[name] == bytes, "\(name)") }
    #expect(found.count == 33)
  }

  @Test("A repeated run knows each view by itself, and makes those that are missing or more")
  func records() throws {
    let bench = try bench()
    #expect(try bench.run().status == 0)
    let before = bench.stamps()
    #expect(try bench.run().errors.contains("16 done before"))
    #expect(bench.stamps() == before)
    try FileManager.default.removeItem(atPath: bench.folder.path("out/a_v3.npy"))
    #expect(try bench.run().errors.contains("1 done, 15 done before"))
    let more = try bench.run("--set", "stages[0].repeat=9")
    #expect(more.errors.contains("2 done, 16 done before"), "\(more.errors)")
    #expect(try Command.run(["verify", "out"], in: bench.folder.path).status == 0)
    try bench.write("a.npy", seed: 77)
    #expect(try bench.run().errors.contains("8 done, 8 done before"))
  }

  @Test("Names may say where the number stands; one without it is refused, with advice")
  func names() throws {
    let bench = try bench(encode: #", "name": "{view}/{dir}/{stem}.npy""#)
    #expect(try bench.run().status == 0)
    #expect(bench.folder.outputs(in: "out").contains("7/cat/b.npy"))
    let clash = try self.bench(encode: #", "name": "{dir}/{stem}.npy""#)
    let outcome = try clash.run()
    #expect(outcome.status == 73)
    #expect(outcome.errors.contains("{view}"), "\(outcome.errors)")
    let advised = try #require(outcome.errors.firstMatch(of: /stages\[\d\]\.name=[^\s']+/)).0
    #expect(try clash.run("--set", String(advised)).status == 0)
  }

  @Test("A dry run lists every view")
  func dryRun() throws {
    let outcome = try bench().run("--dry-run", "--json")
    #expect(outcome.status == 0)
    #expect(outcome.output.contains(#""view":7"#) || outcome.output.contains(#""view": 7"#))
    #expect(outcome.output.contains("cat/b_v7.npy"))
  }
}
