import Foundation
import Glibc
import TesseraBatch
import Testing

/// Plans that cannot be made, or are not what they were.
@Suite(.timeLimit(.minutes(10))) struct PlanRefusalTests {
  @Test("The same plan again changes nothing, and another one is refused")
  func again() throws {
    let bench = try PlanBench()
    #expect(try bench.plan("--shards", "3").status == 0)
    let stamps = bench.folder.stamps(of: ["plan/plan.json", "plan/inputs.jsonl"])
    #expect(try bench.plan("--shards", "3").status == 0)
    for arguments in [["--shards", "4"], ["--shards", "3", "--no-digest"]] {
      let outcome = try Command.run(
        ["plan", "copy.json", "--output", "out", "--plan", "plan"] + arguments,
        in: bench.folder.path)
      #expect(outcome.status == 73)
      #expect(outcome.errors.contains("another plan"), "\(outcome.errors)")
    }
    try bench.bench.write("b/c.npy", seed: 70)
    #expect(try bench.plan("--shards", "3").status == 73)
    #expect(bench.folder.stamps(of: ["plan/plan.json", "plan/inputs.jsonl"]) == stamps)
  }

  @Test(
    "A changed input is refused with both digests named", arguments: [false, true], [false, true])
  func changedInput(isLonger: Bool, knowsSizes: Bool) throws {
    let bench = try PlanBench()
    if knowsSizes {
      try bench.plan("--shards", "2", "--no-digest")
    } else {
      try bench.plan("--shards", "2")
    }
    let before = XXHash.digest(try bench.folder.bytes("in/b/c.npy"))
    try bench.bench.write("b/c.npy", seed: 70, height: isLonger ? 9 : 8)
    let after = XXHash.digest(try bench.folder.bytes("in/b/c.npy"))
    let outcome = try bench.run("0", "--jobs", "1")
    if knowsSizes, !isLonger {
      #expect(outcome.status == 0)
      return
    }
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("b/c.npy"), "\(outcome.errors)")
    if !knowsSizes {
      #expect(outcome.errors.contains(before) && outcome.errors.contains(after))
    }
    #expect(try bench.missing() == "0-1")
    #expect(!FileManager.default.fileExists(atPath: bench.folder.path("out/b/c.npy")))
    try bench.bench.write("b/c.npy", seed: 2)
    #expect(try bench.run("0,1").status == 0)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("A changed pipeline is refused with both digests named")
  func changedPipeline() throws {
    let bench = try PlanBench()
    try bench.folder.write(
      NPYFile.float32([1, 2, 1, 2, 4, 2, 1, 2, 1], shape: [3, 3]), to: "kernel.npy")
    try bench.bench.writePipeline(
      [#"{ "stage": "convolve", "weights": "kernel.npy", "padding": "same" }"#])
    try bench.plan("--shards", "2")
    #expect(try bench.run("0").status == 0)
    let digest = try bench.plan("--shards", "2", "--json").json?["digest"] as? String
    try bench.folder.write(
      NPYFile.float32([1, 2, 1, 2, 5, 2, 1, 2, 1], shape: [3, 3]), to: "kernel.npy")
    for outcome in [try bench.run("1"), try bench.merge()] {
      #expect(outcome.status == (outcome.errors.contains("not complete") ? 75 : 78))
      #expect(outcome.errors.contains(digest ?? "none"), "\(outcome.errors)")
    }
  }

  @Test("A plan of another version is refused")
  func otherVersion() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    let text = String(decoding: try bench.folder.bytes("plan/plan.json"), as: UTF8.self)
    let older = text.replacing(/"tessera": "[^"]+"/, with: #""tessera": "0.0.1""#)
    let members = older.replacing(/,\n  "xxh64": "[^"]+"\n}\n$/, with: "\n}\n")
    #expect(RunPlan.sealed(members) != older)
    try bench.folder.write(RunPlan.sealed(members), to: "plan/plan.json")
    let outcome = try bench.run("0")
    #expect(outcome.status == 78)
    #expect(outcome.errors.contains("the plan is of Tessera 0.0.1"), "\(outcome.errors)")
  }

  @Test("Nothing is written to another folder where the plan's has changed")
  func otherOutput() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    let text = String(decoding: try bench.folder.bytes("plan/plan.json"), as: UTF8.self)
    let out = "\"\(bench.folder.path("out"))\""
    #expect(text.contains(out))
    try bench.folder.write(
      text.replacing(out, with: "\"\(bench.folder.path("our"))\""), to: "plan/plan.json")
    for outcome in [try bench.run("0"), try bench.run("1"), try bench.merge()] {
      #expect(outcome.status == 78)
      #expect(outcome.errors.contains("a plan as it was written"), "\(outcome.errors)")
    }
    #expect(bench.folder.files(in: "out") == [] && bench.folder.files(in: "our") == [])
  }

  @Test(
    "A damaged plan is refused, and so is what never was one",
    arguments: ["plan.json", "inputs.jsonl"], ["", "cut", "other", "gone"])
  func damaged(_ file: String, _ damage: String) throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    let path = "plan/\(file)"
    let bytes = try bench.folder.bytes(path)
    switch damage {
    case "gone": unlink(bench.folder.path(path))
    case "cut": try bench.folder.write(bytes.dropLast(bytes.count / 2), to: path)
    case "other":
      try bench.folder.write(
        bytes.map { $0 == UInt8(ascii: "a") ? UInt8(ascii: "x") : $0 }, to: path)
    default: try bench.folder.write("", to: path)
    }
    let outcome = try bench.run("0")
    #expect([66, 78].contains(outcome.status), "\(outcome.status) \(outcome.errors)")
    #expect(outcome.errors.contains(file), "\(outcome.errors)")
    #expect(bench.folder.files(in: "out") == [])
  }

  @Test("Parts of files beyond all numbers are none")
  func parts() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    let text = String(decoding: try bench.folder.bytes("plan/inputs.jsonl"), as: UTF8.self)
    try bench.folder.write(
      text.replacing(
        /"size":[0-9]+/,
        with: #""size":9223372036854775807,"offset":9007199254740991"#, maxReplacements: 1),
      to: "plan/inputs.jsonl")
    let outcome = try bench.run("0")
    #expect(outcome.status == 78)
    #expect(outcome.errors.contains("inputs.jsonl:1: expected an input"), "\(outcome.errors)")
  }

  @Test("A shard is complete that tells of as many inputs as it has")
  func counts() throws {
    let bench = try PlanBench(["a.npy", "b.npy", "c.npy"])
    try bench.plan("--shards", "2")
    #expect(try bench.run("0-1").status == 0)
    let text = String(
      decoding: try bench.folder.bytes("plan/shards/00000.done.json"), as: UTF8.self)
    for (old, new) in [(#""inputs":2"#, #""inputs":3"#), (#""failed":0"#, #""failed":3"#)] {
      #expect(text.contains(old))
      try bench.folder.write(text.replacing(old, with: new), to: "plan/shards/00000.done.json")
      #expect(try bench.missing() == "0")
    }
    try bench.folder.write(text, to: "plan/shards/00000.done.json")
    #expect(try bench.missing() == "")
  }

  @Test("A shard none of whose inputs is there is refused; one that is missing fails by itself")
  func missingInputs() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    unlink(bench.folder.path("in/k.npy"))
    #expect(try bench.run("1").status == 65)
    try FileManager.default.removeItem(atPath: bench.folder.path("in"))
    let outcome = try bench.run("0")
    #expect(outcome.status == 66)
    #expect(outcome.errors.contains("none of them"), "\(outcome.errors)")
    #expect(try bench.missing() == "0")
  }

  @Test(
    "What a plan has settled is not asked for again, and what it needs is",
    arguments: [
      ["run", "copy.json", "--plan", "plan", "--shard", "0"], ["run", "--plan", "plan"],
      ["run", "copy.json", "--shard", "0"], ["run", "--plan", "plan", "--shard", ""],
      ["run", "--plan", "", "--shard", "0"], ["run", "--plan", "plan", "--shard", "3-1"],
      ["run", "--plan", "plan", "--shard", "0", "--set", "format=png"],
      ["run", "--plan", "plan", "--shard", "0", "--overwrite"],
      ["run", "--plan", "plan", "--shard", "0", "--fail-fast"],
      ["run", "--plan", "plan", "--shard", "0", "--state", "s"],
      ["run", "--plan", "plan", "--shard", "0", "--dry-run"],
      ["run", "--plan", "plan", "--shard", "2"], ["run"],
      ["run", "--plan", "plan", "--shard", "0", "-i", "in", "-i", "in"],
      ["run", "copy.json", "--max-failures", "x"], ["run", "copy.json", "--max-failures", "-1"],
      ["plan", "copy.json", "--output", "out", "--plan", "other"],
      ["plan", "copy.json", "--output", "out", "--shards", "2"],
      ["plan", "copy.json", "--plan", "other", "--shards", "0"],
      ["plan", "copy.json", "--plan", "other", "--shards", "2", "--shard-size", "2"],
      [
        "plan", "copy.json", "--plan", "other", "--shards", "2", "--output", "a.npy/", "--files",
        "1",
      ],
      ["plan", "--plan", "plan", "--files", "2"], ["plan", "--plan", "plan", "--shards", "2"],
      ["plan", "copy.json", "--plan", "other", "--shards", "2", "--null"],
      ["plan", "--plan", "plan", "--files", "1", "--null", "--json"],
      ["status"], ["status", "--plan", "plan", "--json", "--missing"], ["merge", "plan"],
    ])
  func lines(_ arguments: [String]) throws {
    let bench = try PlanBench(["a.npy", "b.npy"])
    try bench.plan("--shards", "2")
    let outcome = try Command.run(arguments, in: bench.folder.path)
    #expect(outcome.status == 64, "\(outcome.status) \(outcome.errors)")
    #expect(bench.folder.files(in: "out") == [])
    #expect(bench.folder.files(in: "other") == [])
  }

  @Test(
    "What says how to plan does not go with a list of what is planned",
    arguments: [
      ["copy.json"], ["--set", "format=png"], ["--input", "in"], ["--output", "out"],
      ["--shards", "2"], ["--shard-size", "2"], ["--no-digest"],
    ])
  func listing(_ arguments: [String]) throws {
    let bench = try PlanBench(["a.npy", "b.npy"])
    try bench.plan("--shards", "2")
    let list = ["plan", "--plan", "plan", "--files", "1"]
    let outcome = try Command.run(list + arguments, in: bench.folder.path)
    #expect(outcome.status == 64 && outcome.output == "", "\(outcome.output)")
    #expect(
      outcome.errors.contains("--files lists what is planned, and goes with --plan alone"),
      "\(outcome.errors)")
    #expect(try Command.run(list, in: bench.folder.path).output == "b.npy\n")
  }

  @Test(
    "A shard that there is not is told by its number, with those that there are",
    arguments: [("2", 2), ("0-4", 4), ("1,7", 7)])
  func noSuchShard(_ shards: String, _ last: Int) throws {
    let bench = try PlanBench(["a.npy", "b.npy"])
    try bench.plan("--shards", "2")
    let outcome = try bench.run(shards)
    #expect(outcome.status == 64 && bench.folder.files(in: "out") == [])
    #expect(
      outcome.errors.contains("there is no shard \(last): the plan has 2, from 0 to 1"),
      "\(outcome.errors)")
  }

  @Test("Files per channel of different shards that may have one name are refused")
  func channels() throws {
    let bench = try PlanBench(["a.npy", "a.0.npy", "b.npy"])
    try bench.folder.write(
      pipeline(load: #""path": "in""#, encode: #""path": "out""#), to: "copy.json")
    let outcome = try bench.plan("--shards", "3")
    #expect(outcome.status == 73)
    #expect(outcome.errors.contains("different shards"), "\(outcome.errors)")
    #expect(try bench.plan("--shards", "1").status == 0)
  }

  @Test("A plan is of images, into a folder, and the plan's own folder is no input")
  func places() throws {
    let bench = try PlanBench()
    let file = try Command.run(
      ["plan", "copy.json", "-o", "x.npy", "--plan", "p", "--shards", "2"], in: bench.folder.path)
    #expect(file.status == 64)
    let inside = try Command.run(
      ["plan", "copy.json", "-o", "out", "--plan", "in/plan", "--shards", "2", "--json"],
      in: bench.folder.path)
    #expect(inside.json?["inputs"] as? Int == PlanBench.names.count)
    #expect(
      try Command.run(
        ["plan", "copy.json", "-o", "out", "--plan", "in/plan", "--shards", "2", "--json"],
        in: bench.folder.path
      ).json?["new"] as? Bool == false)
  }
}
