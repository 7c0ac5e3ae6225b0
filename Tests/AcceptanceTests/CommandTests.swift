import Foundation
import Glibc
import Testing

/// What the command does and says on real images, as somebody meets it who has just installed it.
@Suite struct CommandTests {
  private func folder(_ samples: [String] = ["chelsea-rgb.png", "astronaut.jpg"]) throws
    -> TemporaryFolder
  {
    let folder = try TemporaryFolder()
    for name in samples { try folder.copy(Repository.sample(name), to: "in/\(name)") }
    try folder.write(
      pipeline(load: #""path": "in""#, encode: #""path": "out""#), to: "copy.json")
    return folder
  }

  @Test(
    "Every help page says what the command is for and what it takes",
    arguments: [
      (
        "run",
        [
          "--input", "--output", "--jobs", "--set", "--dry-run", "--json", "--quiet",
          "--fail-fast", "--overwrite", "--memory", "report.jsonl", "EXAMPLES",
        ]
      ),
      ("validate", ["<files>", "place"]), ("explain", ["--size", "--input", "memory"]),
      ("stages", ["<name>", "keys"]), ("schema", ["JSON Schema"]),
      ("verify", ["<folders>", "65", "missing"]), ("bank", ["--png", "--set", "--tensor"]),
    ])
  func help(_ subcommand: String, _ words: [String]) throws {
    let page = try Command.run([subcommand, "--help"])
    #expect(page.status == 0 && page.errors.isEmpty)
    for word in words { #expect(page.output.contains(word), "\(word)") }
    #expect(try Command.run(["help", subcommand]).output == page.output)
    let lines = page.output.split(separator: "\n").filter { !$0.hasPrefix("USAGE") }
    #expect(lines.allSatisfy { $0.count <= 80 })
  }

  @Test("Every stage that is listed has a page with its keys")
  func stages() throws {
    let lines = try Command.run(["stages"]).output.split(separator: "\n")
    #expect(lines.count >= 11)
    for line in lines {
      let name = String(line.prefix { $0 != " " })
      let page = try Command.run(["stages", name])
      #expect(page.status == 0 && page.output.hasPrefix("\(name): "), "\(page.errors)")
    }
  }

  @Test("explain tells the shapes that a run then writes", arguments: Repository.pipelineNames)
  func explain(_ name: String) throws {
    let path = "\(Repository.pipelines)/\(name).json"
    let outcome = try Command.run(["explain", path, "--size", "67x45x3"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
    let gray = ["edges", "lm_bank", "maximum_responses", "pca_denoise", "texture_energy"]
    let channels = gray.contains(name) ? 1 : 3
    #expect(outcome.output.contains("\(channels) × 45 × 67"), "\(outcome.output)")
    #expect(outcome.output.contains("of memory for one image"))
    let first = try Command.run(["explain", path])
    #expect(first.status == 0 && first.errors.contains("astronaut.jpg"))
  }

  @Test("A dry run names every output and writes nothing, not even a folder")
  func dryRun() throws {
    let folder = try folder()
    let outcome = try Command.run(["run", "copy.json", "--dry-run"], in: folder.path)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    for name in ["astronaut.jpg → out/astronaut.png", "chelsea-rgb.png → out/chelsea-rgb.png"] {
      #expect(outcome.output.contains(name), "\(outcome.output)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
    #expect(try Command.run(["run", "copy.json"], in: folder.path).status == 0)
    let after = try Command.run(["run", "copy.json", "--dry-run", "--json"], in: folder.path)
    #expect((after.json?["counts"] as? [String: Int])?["skipped"] == 2)
  }

  @Test("--set changes one value, and what it breaks is said to be its fault")
  func set() throws {
    let folder = try folder()
    let changed = try Command.run(
      ["run", "copy.json", "--set", "stages[0].color=gray", "--set", "stages[1].bit_depth=16"],
      in: folder.path)
    #expect(changed.status == 0, "\(changed.errors)")
    let header = try PNGFile(folder.path("out/chelsea-rgb.png")).header
    #expect(header.channels == 1 && header.bitDepth == 16)
    for text in ["stages[9].color=gray", "stages[0].colour=gray", "stages[0].color=grey", "color"] {
      let wrong = try Command.run(["run", "copy.json", "--set", text], in: folder.path)
      #expect(wrong.status == 78 || wrong.status == 64, "\(text)")
      #expect(wrong.errors.contains("--set \(text)"), "\(wrong.errors)")
    }
  }

  @Test("Another setting is another result: it is not taken for done, nor written over unasked")
  func otherSettings() throws {
    let folder = try folder()
    #expect(try Command.run(["run", "copy.json"], in: folder.path).status == 0)
    let before = try folder.bytes("out/chelsea-rgb.png")
    let gray = ["run", "copy.json", "--set", "stages[0].color=gray"]
    let refused = try Command.run(gray, in: folder.path)
    #expect(refused.status == 65 && refused.errors.contains("--overwrite"))
    #expect(try folder.bytes("out/chelsea-rgb.png") == before)
    #expect(try Command.run(gray + ["--overwrite"], in: folder.path).status == 0)
    #expect(try PNGFile(folder.path("out/chelsea-rgb.png")).header.channels == 1)
  }

  @Test("A changed input is done again, the others are not")
  func changedInput() throws {
    let folder = try folder()
    #expect(try Command.run(["run", "copy.json"], in: folder.path).status == 0)
    let stamps = folder.stamps(of: ["out/astronaut.png"])
    try folder.write(
      Data(contentsOf: URL(fileURLWithPath: Repository.sample("horse-1bit.png"))),
      to: "in/chelsea-rgb.png")
    let outcome = try Command.run(["run", "copy.json"], in: folder.path)
    #expect(outcome.status == 0 && outcome.errors.contains("1 done, 1 done before"))
    #expect(try PNGFile(folder.path("out/chelsea-rgb.png")).header.width == 197)
    #expect(folder.stamps(of: ["out/astronaut.png"]) == stamps)
  }

  @Test("Two inputs for one output are both named before anything is written")
  func collision() throws {
    let folder = try folder()
    try folder.copy(Repository.sample("chelsea-rgb.png"), to: "in/astronaut.png")
    let outcome = try Command.run(["run", "copy.json"], in: folder.path)
    #expect(outcome.status == 73)
    for word in ["'in/astronaut.jpg'", "'in/astronaut.png'", "out/astronaut.png", "`name`"] {
      #expect(outcome.errors.contains(word), "\(outcome.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
    let named = try Command.run(
      ["run", "copy.json", "--set", "stages[1].name={dir}/{stem}-{ext}.png"], in: folder.path)
    #expect(named.status == 0, "\(named.errors)")
    let names = ["astronaut-jpg.png", "astronaut-png.png", "chelsea-rgb-png.png"]
    #expect(folder.outputs(in: "out") == names)
  }

  @Test(
    "An input is never written over, not even when all is to be overwritten",
    arguments: ["in", "in/../in", "link"])
  func inputIsSafe(_ output: String) throws {
    let folder = try folder(["chelsea-rgb.png"])
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("link"), withDestinationPath: folder.path("in"))
    let before = folder.stamps(of: ["in/chelsea-rgb.png"])
    for input in ["in", "in/chelsea-rgb.png", "in/*.png"] {
      let outcome = try Command.run(
        ["run", "copy.json", "--input", input, "--output", output, "--overwrite"],
        in: folder.path)
      #expect(outcome.status != 0 && !outcome.hasCrashed, "\(input): \(outcome.errors)")
      #expect(folder.stamps(of: ["in/chelsea-rgb.png"]) == before, "\(input)")
    }
  }

  @Test("An output folder that cannot be made ends with 73")
  func noFolder() throws {
    let folder = try folder()
    try folder.write("a file", to: "taken")
    let outcome = try Command.run(["run", "copy.json", "--output", "taken"], in: folder.path)
    #expect(outcome.status == 73 && outcome.errors.contains("taken"), "\(outcome.errors)")
    let below = try Command.run(["run", "copy.json", "--output", "taken/out"], in: folder.path)
    #expect(below.status == 73 && below.errors.contains("taken"), "\(below.errors)")
  }

  @Test("Neither a path nor --input is the pipeline's fault, with its place")
  func noSource() throws {
    let folder = try folder()
    try folder.write(pipeline(), to: "bare.json")
    let input = try Command.run(["run", "bare.json", "--output", "out"], in: folder.path)
    #expect(input.status == 78 && input.errors.contains("bare.json:2:3: stages[0] (load)"))
    let output = try Command.run(["run", "bare.json", "--input", "in"], in: folder.path)
    #expect(output.status == 78 && output.errors.contains("bare.json:3:3: stages[1] (encode)"))
  }

  @Test(
    "An interrupted run ends with 75, leaves whole files, and goes on where it was",
    .timeLimit(.minutes(10)), arguments: [SIGINT, SIGTERM])
  func interruption(_ signal: Int32) throws {
    let folder = try TemporaryFolder()
    let count = 300
    let side = 64
    for index in 0..<count {
      let values = (0..<3 * side * side).map { UInt8(truncatingIfNeeded: $0 &* (index + 3)) }
      try folder.write(
        NPYFile.file(descriptor: "|u1", shape: [3, side, side]) + values,
        to: "in/\(1000 + index).npy")
    }
    try folder.write(
      pipeline(
        load: #""path": "in""#,
        [
          #"{ "stage": "unfold", "kernel_size": 8 }"#,
          #"{ "stage": "transform.standardize" }"#,
        ], encode: #""path": "out", "format": "npy""#), to: "slow.json")
    let running = try Running(["run", "slow.json", "--jobs", "1"], in: folder.path)
    // The first output tells that it is in the midst of it; 300 of 2.5 MB take far longer.
    for _ in 0..<3000 where folder.outputs(in: "out").isEmpty { usleep(10_000) }
    kill(running.process, signal)
    let stopped = try running.wait()
    #expect(stopped.status == 75 && !stopped.hasCrashed, "\(stopped.errors)")
    #expect(stopped.errors.contains("the same command goes on from here"), "\(stopped.errors)")
    let report = try folder.report()
    #expect(report.count == count)
    #expect(Set(report.map(\.status)) == ["ok", "not_run"])
    let done = report.filter { $0.status == "ok" }.count
    #expect(folder.outputs(in: "out").count == done)

    let rest = try Command.run(
      ["run", "slow.json", "--input", "in/100*.npy", "--output", "out"], in: folder.path)
    #expect(rest.status == 0 && rest.errors.contains("done before"), "\(rest.errors)")
    #expect(try Command.run(["verify", "out"], in: folder.path).status == 0)
  }
}
