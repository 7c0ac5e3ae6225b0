import Foundation
import Glibc
import Testing

/// Which status a run ends with, for every cause alone and for causes that meet.
@Suite struct ExitStatusTests {
  /// Something that goes wrong.
  struct Cause: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let status: Int32
    /// What the message has.
    let words: String
    /// What the cause needs for itself: two that need the same cannot meet.
    var needs: Set<String> = []
    var arguments: [String] = []
    var wrapper: [String] = []
    var prepare: @Sendable (TemporaryFolder) throws -> Void = { _ in }
  }

  /// Before any input is looked at; an earlier one wins over all later ones.
  static let refusals: [Cause] = [
    Cause(
      testDescription: "wrong command line", status: 64, words: "--jobs",
      arguments: ["--jobs", "0"]),
    Cause(
      testDescription: "no pipeline file", status: 66, words: "copy.json", needs: ["pipeline"],
      prepare: { unlink($0.path("copy.json")) }),
    Cause(
      testDescription: "wrong pipeline", status: 78, words: "copy.json:1:", needs: ["pipeline"],
      prepare: { try $0.write(#"{ "version": 1, "stages": [ ] }"#, to: "copy.json") }),
    Cause(
      testDescription: "missing input", status: 66, words: "nowhere", needs: ["input"],
      arguments: ["--input", "nowhere"]),
    Cause(
      testDescription: "nothing matches", status: 66, words: "nothing to process", needs: ["input"],
      arguments: ["--input", "in/*.tif"]),
    Cause(
      testDescription: "output folder is input", status: 78, words: "both read and written",
      needs: ["output"], arguments: ["--output", "in"]),
    Cause(
      testDescription: "two inputs for one output", status: 73, words: "would both write",
      prepare: { try $0.write("x", to: "in/good.png") }),
    Cause(
      testDescription: "no output folder", status: 73, words: "out/.tessera-records",
      needs: ["output"],
      prepare: { try $0.write("a file", to: "out/.tessera-records/a") }),
  ]

  /// The disk has no place for the name of the report.
  static let reportWithoutName: [String] = {
    let variables = try? FaultyCalls.environment(
      .init(call: "rename", code: ENOSPC, path: "report.jsonl"), below: "out")
    return ["env"] + (variables ?? [:]).map { "\($0)=\($1)" }.sorted()
  }()

  /// While inputs are worked on; an earlier one wins over all later ones.
  static let failures: [Cause] = [
    Cause(
      testDescription: "output not written", status: 74, words: "failed (write)",
      wrapper: Wrapper.limitingFiles,
      prepare: {
        try $0.write(Workbench.array(seed: 1, height: 400, width: 400), to: "in/large.npy")
      }),
    Cause(
      testDescription: "report not written", status: 74, words: "there is no new report",
      needs: ["output"], wrapper: reportWithoutName, prepare: { _ in }),
    Cause(
      testDescription: "output not created", status: 73, words: "failed (create)",
      needs: ["output"],
      prepare: { folder in
        // With the extension of the output its name is too long.
        let name = "a-long-" + String(repeating: "x", count: 245)
        try folder.write(Workbench.array(seed: 2), to: "in/\(name)")
      }),
    Cause(
      testDescription: "input failed", status: 65, words: "failed (malformed)",
      prepare: { try $0.write("no array", to: "in/bad.npy") }),
    Cause(
      testDescription: "folder not read", status: 65, words: "inputs in it are missing",
      wrapper: Wrapper.heedingPermissions,
      prepare: { folder in
        try folder.write(Workbench.array(seed: 3), to: "in/closed/a.npy")
        chmod(folder.path("in/closed"), 0)
      }),
    Cause(
      testDescription: "output exists", status: 65, words: "failed (exists)", needs: ["output"],
      prepare: { try $0.write("mine", to: "out/good.npy") }),
  ]

  private func run(_ causes: [Cause], _ more: String...) throws -> Command.Outcome {
    let bench = try Workbench(["good.npy", "also.npy"])
    // Permissions last: nothing can be removed from a closed folder.
    defer { chmod(bench.folder.path("in/closed"), 0o700) }
    for cause in causes { try cause.prepare(bench.folder) }
    return try Command.run(
      ["run", "copy.json"] + causes.flatMap(\.arguments) + more, in: bench.folder.path,
      through: causes.flatMap(\.wrapper))
  }

  @Test("Nothing wrong ends with 0")
  func none() throws { #expect(try run([]).status == 0) }

  @Test("A cause alone has its status and its words", arguments: refusals + failures)
  func alone(_ cause: Cause) throws {
    let outcome = try run([cause])
    #expect(outcome.status == cause.status, "\(outcome.errors)")
    #expect(outcome.errors.contains("error: ") && outcome.errors.contains(cause.words))
  }

  /// All pairs of causes that can meet, the stronger first.
  static let pairs: [[Cause]] = {
    let causes = refusals + failures
    return causes.indices.flatMap { first in
      causes[(first + 1)...].filter { causes[first].needs.isDisjoint(with: $0.needs) }
        .map { [causes[first], $0] }
    }
  }()

  @Test(
    "Of two causes the stronger one has its status, whichever the run met first",
    arguments: pairs)
  func pair(_ causes: [Cause]) throws {
    let outcome = try run(causes)
    #expect(outcome.status == causes[0].status, "\(outcome.errors)")
    #expect(outcome.errors.contains(causes[0].words), "\(outcome.errors)")
    // What hides behind another failure is told as well.
    if Self.failures.contains(where: { $0.words == causes[0].words }) {
      #expect(outcome.errors.contains(causes[1].words), "\(outcome.errors)")
    }
  }

  @Test("All failures at once have the status of the strongest, in the summary too")
  func all() throws {
    let causes = Self.failures.filter { $0.needs.isEmpty } + [Self.failures[1]]
    let outcome = try run(causes, "--json")
    #expect(outcome.status == 74 && outcome.json?["exit_status"] as? Int == 74)
    for cause in causes { #expect(outcome.errors.contains(cause.words), "\(outcome.errors)") }
    let counts = outcome.json?["counts"] as? [String: Int]
    #expect(
      counts == [
        "total": 4, "ok": 2, "failed": 2, "skipped": 0, "not_run": 0, "ignored": 0, "warnings": 0,
        "special_files": 0,
      ])
  }

  /// A stage that no good input fits.
  private static let misfit = #"{ "stage": "unfold", "kernel_size": 64 }, { "stage": "fold" }"#

  @Test(
    "A stage that refuses every input is the pipeline's fault, unless something weighs more",
    arguments: [
      ([], 78, true), (["folder not read"], 78, true), (["report not written"], 74, true),
      (["output not created"], 78, true), (["input failed"], 65, false),
      // The large input fits.
      (["output not written"], 74, false),
    ] as [([String], Int32, Bool)])
  func refusedByAll(_ names: [String], _ status: Int32, _ refusesAll: Bool) throws {
    let misfit = Cause(testDescription: "misfit", status: 78, words: "") { folder in
      try folder.write(
        pipeline(
          load: #""path": "in""#, [Self.misfit], encode: #""path": "out", "format": "npy""#),
        to: "copy.json")
    }
    let others = Self.failures.filter { names.contains($0.testDescription) }
    #expect(others.count == names.count)
    let outcome = try run([misfit] + others)
    #expect(outcome.status == status, "\(outcome.errors)")
    #expect(outcome.errors.contains("no input fits: stages[1] (unfold)") == refusesAll)
  }

  @Test("What was done before neither hides a folder that cannot be read nor a missing report")
  func doneBefore() throws {
    for (cause, status) in [(Self.failures[4], Int32(65)), (Self.failures[1], 74)] {
      let bench = try Workbench()
      defer { chmod(bench.folder.path("in/closed"), 0o700) }
      #expect(try bench.run().status == 0)
      unlink(bench.folder.path("out/report.jsonl"))
      try cause.prepare(bench.folder)
      let outcome = try bench.run(through: cause.wrapper)
      #expect(outcome.status == status && outcome.errors.contains("3 done before"))
      #expect(outcome.errors.contains(cause.words))
    }
  }

  @Test("Nothing but a folder that cannot be read is nothing to do")
  func closedRoot() throws {
    let bench = try Workbench()
    defer { chmod(bench.folder.path("in"), 0o700) }
    chmod(bench.folder.path("in"), 0)
    let outcome = try bench.run(through: Wrapper.heedingPermissions)
    #expect(outcome.status == 66 && outcome.errors.contains("cannot read"), "\(outcome.errors)")
  }

  @Test("A dry run tells of a folder that cannot be read as a run does")
  func closedDryRun() throws {
    let outcome = try run([Self.failures[4]], "--dry-run", "--json")
    #expect(outcome.status == 65 && outcome.json?["exit_status"] as? Int == 65)
    #expect(outcome.errors.contains(Self.failures[4].words), "\(outcome.errors)")
    let entries = try #require(outcome.json?["errors"] as? [[String: Any]])
    #expect(entries.map { $0["file"] as? String } == ["in/closed"])
  }

  @Test("The first failure ends the run with --fail-fast, with its own status")
  func failFast() throws {
    for (cause, status) in [(Self.failures[3], Int32(65)), (Self.failures[2], 73)] {
      let outcome = try run([cause], "--fail-fast", "--jobs", "1")
      #expect(outcome.status == status && outcome.errors.contains("not run"), "\(outcome.errors)")
    }
  }

  @Test("Another run at work on the folder is told, and nothing is touched")
  func locked() throws {
    let bench = try Workbench()
    #expect(try bench.run().status == 0)
    let lock = open(bench.folder.path("out/.tessera-lock"), O_RDWR | O_CLOEXEC)
    defer { close(lock) }
    #expect(flock(lock, LOCK_EX | LOCK_NB) == 0)
    let before = bench.stamps()
    let report = try bench.folder.bytes("out/report.jsonl")
    let outcome = try bench.run()
    #expect(outcome.status == 75 && outcome.errors.contains("another run"), "\(outcome.errors)")
    #expect(try bench.stamps() == before && bench.folder.bytes("out/report.jsonl") == report)
    // A dry run looks and writes nothing: it may.
    #expect(try bench.run("--dry-run").status == 0)
    flock(lock, LOCK_UN)
    #expect(try bench.run().status == 0)
  }
}
