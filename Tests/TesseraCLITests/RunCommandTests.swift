import Glibc
import TesseraCore
import TesseraKernels
import TesseraPipeline
import TesseraTestSupport
import Testing

@testable import TesseraConfiguration

struct RunCommandTests {
  @Test("a folder goes through a pipeline, and a second run has nothing to do")
  func runTwice() throws {
    let place = try Workplace()
    let first = try place.run()
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output == "")
    #expect(first.errors.contains("3 images: 3 done"))
    #expect(place.folder.tree("out").filter { !$0.contains("/.") }.count == 4)
    #expect(place.report().map { $0["status"]?.string } == ["ok", "ok", "ok"])
    let second = try place.run()
    #expect(second.status == 0)
    #expect(second.errors.contains("3 done before"))
    #expect(place.report().map { $0["status"]?.string } == ["skipped", "skipped", "skipped"])
  }

  @Test("the bytes do not depend on the number of workers")
  func jobs() throws {
    let place = try Workplace(inputs: 9)
    #expect(try place.run("--output", "one", "--jobs", "1").status == 0)
    #expect(try place.run("--output", "four", "--jobs", "4").status == 0)
    #expect(place.outputs(in: "one").count == 9)
    #expect(place.outputs(in: "one") == place.outputs(in: "four"))
  }

  @Test("one bad input fails, the others are done")
  func badInput() throws {
    let place = try Workplace()
    try place.folder.write("no array", to: "in/bad.npy")
    let outcome = try place.run()
    #expect(outcome.status == 65)
    #expect(outcome.errors.contains("error: 1 input failed (malformed):\n  bad.npy: "))
    #expect(place.outputs().count == 3)
  }

  @Test(
    "as many inputs may fail as --max-failures allows, and nothing else is excused",
    arguments: [("0", 65), ("1", 0), ("2", 0), ("0%", 65), ("24%", 65), ("25%", 0), ("100%", 0)])
  func maxFailures(_ most: String, _ status: Int32) throws {
    let place = try Workplace()
    try place.folder.write("no array", to: "in/bad.npy")
    let outcome = try place.run("--max-failures", most)
    #expect(outcome.status == status && outcome.errors.contains("1 input failed (malformed)"))
    #expect(place.outputs().count == 3)
    #expect(try place.run("--max-failures", most, "--output", "in").status == 78)
    #expect(try place.run("--max-failures", most, "--input", "missing").status == 66)
    #expect(try place.run("--max-failures", most, "--input", "in/0.npy").status == 0)
  }

  @Test("a stage that fits no input is the pipeline's fault, with its place")
  func badPipelineForAll() throws {
    let place = try Workplace(stages: #"{ "stage": "unfold", "kernel_size": 64 },"#)
    let outcome = try place.run()
    #expect(outcome.status == 78)
    #expect(
      outcome.errors.contains(
        "error: pipeline.json:5:41: no input fits: stages[1] (unfold).kernel_size: "))
  }

  @Test("what is there already is not replaced unasked")
  func existing() throws {
    let place = try Workplace()
    try place.folder.write("mine", to: "out/1.npy")
    let refused = try place.run()
    #expect(refused.status == 65)
    #expect(
      refused.errors.contains(
        "1 input failed (exists):\n  1.npy: its output '1.npy' exists already"))
    #expect(place.outputs().count == 3)
    #expect(place.folder.text("out/1.npy") == "mine")
    #expect(try place.run("--overwrite").status == 0)
    #expect(place.folder.text("out/1.npy") != "mine")
  }

  @Test("two inputs for one output are named before anything is written")
  func collision() throws {
    let place = try Workplace()
    try place.folder.write("x", to: "in/1.png")
    let outcome = try place.run()
    #expect(outcome.status == 73)
    #expect(outcome.errors.contains("'in/1.npy' and 'in/1.png' would both write"))
    #expect(place.folder.tree("out") == [])
  }

  @Test("inputs of one relative name are named by where they are")
  func equalNames() throws {
    let place = try Workplace()
    try place.folder.write(Workplace.array(height: 8, width: 8, seed: 1), to: "other/1.npy")
    let outcome = try place.run("--input", "in", "--input", "other")
    #expect(outcome.status == 73)
    #expect(
      outcome.errors.contains("'in/1.npy' and 'other/1.npy' would both write 'out/1.npy'"),
      "\(outcome.errors)")
  }

  @Test("a dry run fails what a run has no memory for")
  func dryRunMemory() throws {
    let place = try Workplace()
    for arguments in [["--dry-run"], []] {
      let outcome = try Child(
        ["run", "pipeline.json", "--memory", "1b"] + arguments, in: place.folder.path
      ).wait()
      #expect(outcome.status == 65, "\(outcome.errors)")
      #expect(outcome.errors.contains("3 inputs failed (memory)"), "\(outcome.errors)")
    }
  }

  @Test("a dry run writes nothing")
  func dryRun() throws {
    let place = try Workplace()
    let outcome = try place.run("--dry-run")
    #expect(outcome.status == 0)
    #expect(outcome.output.hasPrefix("0.npy → out/0.npy, and 2 like it  ("), "\(outcome.output)")
    let listed = try place.run("--dry-run", "--verbose").output
    for name in 0..<3 { #expect(listed.contains("\(name).npy → out/\(name).npy  (")) }
    #expect(try place.run("--verbose").status == 64)
    #expect(outcome.output.contains("3 inputs: 3 to do"))
    #expect(place.folder.tree("out") == [])
    let json = try JSONParser.parse(Array(try place.run("--dry-run", "--json").output.utf8))
    #expect(json["inputs"]?.elements?.count == 3)
  }

  @Test("a dry run shows the first of several outputs, and that there are others")
  func dryRunOfTwo() throws {
    let place = try Workplace(stages: #"{ "stage": "encode", "path": "more", "format": "npy" },"#)
    let listed = try place.run("--dry-run").output
    #expect(listed.hasPrefix("0.npy → more/0.npy, …, and 2 like it  ("), "\(listed)")
  }

  @Test("--json puts the summary on standard output, --quiet leaves errors alone")
  func json() throws {
    let place = try Workplace()
    try place.folder.write("no array", to: "in/bad.npy")
    let outcome = try place.run("--json", "--quiet")
    let summary = try JSONParser.parse(Array(outcome.output.utf8))
    #expect(summary["counts"]?["ok"]?.number?.integer == 3)
    #expect(summary["counts"]?["failed"]?.number?.integer == 1)
    #expect(summary["failures"]?.elements?.first?["kind"]?.string == "malformed")
    #expect(summary["exit_status"]?.number?.integer == 65)
    #expect(outcome.errors.hasPrefix("error: 1 input failed"))
    #expect(try place.run("--quiet", "--input", "in/0.npy").errors == "")
  }

  @Test("-j and -q are --jobs and --quiet")
  func shortOptions() throws {
    let place = try Workplace()
    #expect(try place.run("-j", "0").errors.contains("-j"))
    #expect(try place.run("-j2", "--dry-run", "-q").status == 0)
    let outcome = try place.run("-j", "2", "-q")
    #expect(outcome.status == 0 && outcome.errors == "" && outcome.output == "")
    #expect(place.outputs().count == 3)
    #expect(try place.run("-q", "--dry-run").output == "")
  }

  @Test("--input takes a folder, a file, a glob, and lists")
  func sources() throws {
    let place = try Workplace()
    for (index, source) in ["in", "in/0.npy", "in/[01].npy", "@list", "-"].enumerated() {
      try place.folder.write("in/0.npy\nin/2.npy\n", to: "list")
      let output = "out\(index)"
      let outcome = try place.run("--input", source, "--output", output, input: "in/1.npy\0")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(place.report(in: output).count == [3, 1, 2, 2, 1][index])
    }
  }

  @Test("--set changes the pipeline for one run")
  func override() throws {
    let place = try Workplace()
    #expect(try place.run("--set", "stages[1].kernel_size=5").status == 0)
    let outcome = try place.run("--set", "stages[1].kernel_size=0")
    #expect(outcome.status == 78)
    #expect(outcome.errors.contains("--set stages[1].kernel_size=0"))
  }

  @Test("hostile names go all the way through")
  func hostileNames() throws {
    let place = try Workplace(inputs: 0)
    let invalid = String(pathBytes: [0xFF, 0xFE] + Array(".npy".utf8))
    for name in ["-rf.npy", "new\nline.npy", "e\u{301}.npy", "\u{E9}.npy", invalid] {
      try place.folder.write(Workplace.array(height: 8, width: 8, seed: 1), to: "in/" + name)
    }
    let outcome = try place.run()
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(place.outputs().count == 5)
    #expect(place.folder.text("out/" + invalid) != nil)
    #expect((place.folder.text("out/report.jsonl") ?? "").contains("\"\\udcff\\udcfe.npy\""))
  }

  @Test(
    "Ctrl-C and a request to end stop the run cleanly, and the next one goes on",
    arguments: [SIGINT, SIGTERM])
  func interruption(signal: Int32) throws {
    let place = try Workplace(inputs: 400)
    let child = try Child(["run", "pipeline.json", "--jobs", "2"], in: place.folder.path)
    place.waitForFirstOutput()
    child.send(signal)
    let outcome = child.wait()
    #expect(outcome.status == 75, "\(outcome.errors)")
    #expect(place.report().count == 400)
    #expect(!place.folder.tree("out").contains { $0.hasSuffix("-part") })
    let done = place.outputs().count
    #expect(done < 400)
    let next = try place.run()
    #expect(next.status == 0, "\(next.errors)")
    #expect(next.errors.contains("\(done) done before"))
    #expect(place.outputs().count == 400)
  }

  @Test("a killed run leaves no half file under a final name, and the next one goes on")
  func kill() throws {
    let place = try Workplace(inputs: 300)
    let child = try Child(["run", "pipeline.json", "--jobs", "2"], in: place.folder.path)
    place.waitForFirstOutput()
    child.send(SIGKILL)
    #expect(child.wait().status == 128 + SIGKILL)
    let written = place.folder.tree("out").filter { $0.hasSuffix(".npy") }
    let sizes = Set(written.compactMap { place.folder.content($0)?.count })
    #expect(sizes.count == 1)
    let next = try place.run()
    #expect(next.status == 0, "\(next.errors)")
    #expect(place.outputs().count == 300)
    #expect(!place.folder.tree("out").contains { $0.hasSuffix("-part") })
  }

  @Test("the output folder is never an input, and never both")
  func outputInside() throws {
    let place = try Workplace()
    #expect(try place.run("--output", "in/out").status == 0)
    #expect(try place.run("--output", "in/out").errors.contains("3 images: 0 done, 3 done before"))
    #expect(try place.run("--output", "in").status == 78)
  }

  @Test("a folder that cannot be made is named, with the system's reason")
  func noFolder() throws {
    let place = try Workplace()
    let outcome = try place.run("--output", "/dev/full/out")
    #expect(outcome.status == 73)
    #expect(outcome.errors == "error: cannot create '/dev/full/out': Not a directory\n")
  }
}
