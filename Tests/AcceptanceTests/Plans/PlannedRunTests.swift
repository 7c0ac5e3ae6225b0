import Foundation
import Glibc
import Testing

/// Runs that are planned once and done in parts.
@Suite(.timeLimit(.minutes(10))) struct PlannedRunTests {
  /// What pipelines write, by the members of `encode` and stages before it.
  struct Kind: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var load = ""
    var stages: [String] = []
    var encode = ""
  }

  private static let unfold = #"{ "stage": "unfold", "kernel_size": 3, "stride": 3 }"#

  static let kinds = [
    Kind(testDescription: "a file each"),
    Kind(
      testDescription: "arrays of many",
      stages: [unfold], encode: #", "images_per_shard": 2"#),
    Kind(
      testDescription: "arrays of many in parts", stages: [unfold],
      encode: #", "images_per_shard": 3, "split": { "val": 0.4 }"#),
    Kind(
      testDescription: "safetensors", load: #", "repeat": 3"#,
      stages: [#"{ "stage": "crop", "size": [6, 6], "position": "random" }"#, unfold],
      encode: #", "format": "safetensors", "images_per_shard": 4"#),
    Kind(
      testDescription: "webdataset", stages: [unfold],
      encode: #", "format": "webdataset", "images_per_shard": 2, "labels": "folder""#),
    Kind(
      testDescription: "a picture for each patch", stages: [unfold],
      encode: #", "format": "imagefolder", "split": { "val": 0.3 }"#),
    Kind(
      testDescription: "a picture for each patch of each view", load: #", "repeat": 3"#,
      stages: [#"{ "stage": "crop", "size": [6, 6], "position": "random" }"#, unfold],
      encode: #", "format": "imagefolder""#),
    Kind(
      testDescription: "tiles in folders", stages: [unfold], encode: #", "format": "tiles""#),
    Kind(
      testDescription: "tiles of views in folders", load: #", "repeat": 3"#,
      stages: [#"{ "stage": "crop", "size": [6, 6], "position": "random" }"#, unfold],
      encode: #", "format": "tiles""#),
  ]

  private static func bench(_ kind: Kind) throws -> PlanBench {
    let bench = try PlanBench(
      kind.encode.contains("labels") ? PlanBench.names.filter { $0.contains("/") } : PlanBench.names
    )
    let format = kind.encode.contains("format") ? "" : #", "format": "npy""#
    try bench.folder.write(
      pipeline(
        load: #""path": "in""# + kind.load, kind.stages,
        encode: #""path": "elsewhere""# + format + kind.encode), to: "copy.json")
    return bench
  }

  @Test(
    "Shards in any order give what one run gives", arguments: kinds, [1, 4, 7, 13])
  func whole(_ kind: Kind, _ count: Int) throws {
    let bench = try Self.bench(kind)
    let planned = try bench.plan("--shards", "\(count)")
    #expect(planned.status == 0, "\(planned.errors)")
    // Times of copies differ, and no shard looks at the folders of others.
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: 1)],
      ofItemAtPath: bench.folder.path("in/b/c.npy"))
    for shard in (0..<count).reversed() {
      let outcome = try bench.run("\(shard)")
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
    let merged = try bench.merge()
    #expect(merged.status == 0, "\(merged.errors)")
    try bench.expectWhole()
  }

  @Test("A shard is run where its inputs were copied to, and writes where it is told")
  func staged() throws {
    let bench = try PlanBench()
    try bench.plan("--shard-size", "4")
    for shard in 0..<3 {
      let list = try Command.run(
        ["plan", "--plan", "plan", "--files", "\(shard)", "--null"], in: bench.folder.path)
      let names = list.output.split(separator: "\0").map(String.init)
      #expect(names == Array(PlanBench.names.dropFirst(4 * shard).prefix(4)))
      for name in names {
        try bench.folder.copy(bench.folder.path("in/\(name)"), to: "copy\(shard)/\(name)")
      }
    }
    try FileManager.default.moveItem(
      atPath: bench.folder.path("in"), toPath: bench.folder.path("away"))
    for shard in 0..<3 {
      let outcome = try bench.run("\(shard)", "--input", "copy\(shard)", "--output", "out\(shard)")
      #expect(outcome.status == 0, "\(outcome.errors)")
      for name in bench.folder.outputs(in: "out\(shard)") {
        try bench.folder.copy(bench.folder.path("out\(shard)/\(name)"), to: "out/\(name)")
      }
    }
    #expect(try bench.merge().status == 0)
    try FileManager.default.moveItem(
      atPath: bench.folder.path("away"), toPath: bench.folder.path("in"))
    try bench.expectWhole()
  }

  @Test("Inputs that fail are told once more by the merge, and leave no folder")
  func failed() throws {
    let bench = try PlanBench()
    try bench.folder.write("no array", to: "in/z/z.npy")
    try bench.plan("--shards", "3")
    #expect(try bench.run("0-1").status == 0)
    #expect(try bench.run("2", "--max-failures", "0").status == 65)
    #expect(try bench.run("2", "--max-failures", "1").status == 0)
    #expect(try bench.run("2", "--max-failures", "24%").status == 65)
    #expect(try bench.run("2", "--max-failures", "25%").status == 0)
    #expect(try bench.merge().status == 65)
    #expect(!FileManager.default.fileExists(atPath: bench.folder.path("out/z")))
    try bench.expectWhole(status: 65)
    // The file is repaired, and is no longer the one that was planned.
    try bench.bench.write("z/z.npy", seed: 99)
    let refused = try Command.run(
      ["run", "--plan", "plan", "--retry-failed"], in: bench.folder.path)
    #expect(refused.status == 66)
    #expect(refused.errors.contains("z.npy"))
  }

  @Test("An empty file is an input of a plan, and fails as it does in a run")
  func emptyFile() throws {
    let bench = try PlanBench()
    try bench.folder.write("", to: "in/empty.npy")
    let planned = try bench.plan("--shards", "2")
    #expect(planned.status == 0 && planned.output.contains("12 inputs in 2 shards"))
    #expect(try [bench.run("0").status, bench.run("1").status].sorted() == [0, 65])
    #expect(try bench.merge().status == 65)
    try bench.expectWhole(status: 65)
  }

  @Test("A plan of more inputs goes on from what an earlier one has made")
  func extended() throws {
    for encode in ["", #", "images_per_shard": 2"#] {
      let bench = try PlanBench(["a.npy", "c.npy", "d.npy", "e.npy"])
      let unfold = encode.isEmpty ? [] : [Self.unfold]
      try bench.bench.writePipeline(unfold, encode: encode)
      try bench.plan("--shards", "2")
      try bench.run("0,1")
      #expect(try bench.merge().status == 0)
      let stamps = bench.bench.stamps()
      // One comes, one goes, and one changes.
      try bench.bench.write("f.npy", seed: 50)
      try bench.bench.write("e.npy", seed: 51)
      try FileManager.default.removeItem(atPath: bench.folder.path("plan"))
      try bench.plan("--shards", "3")
      #expect(try bench.run("0-2").status == 0)
      #expect(try bench.merge().status == 0)
      let kept = bench.bench.stamps().filter { stamps[$0.key] == $0.value }.keys.sorted()
      let names = encode.isEmpty ? ["a.npy", "c.npy", "d.npy"] : ["data-00000.npy"]
      #expect(kept == names.map { "out/\($0)" })
      let statuses = try bench.folder.report().map(\.status)
      let before = encode.isEmpty ? 3 : 2
      #expect(
        statuses == Array(repeating: "skipped", count: before)
          + Array(repeating: "ok", count: 5 - before))
      let verified = try Command.run(["verify", "out"], in: bench.folder.path)
      #expect(verified.status == 0, "\(verified.errors)")
      // As one run over the same folder would have it.
      try FileManager.default.removeItem(atPath: bench.folder.path("out"))
      let alone = try Command.run(
        ["run", "copy.json", "--output", "one", "--quiet"], in: bench.folder.path)
      #expect(alone.status == 0)
    }
  }

  @Test("A merge tells whose outputs are gone or cut off, and those shards are run again")
  func lost() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "5")
    try bench.run("0-4")
    try FileManager.default.removeItem(atPath: bench.folder.path("out/b/c.npy"))
    try bench.folder.write("", to: "out/k.npy")
    let refused = try bench.merge()
    #expect(refused.status == 75)
    #expect(
      refused.errors.contains("of shards 0,4 outputs are gone"),
      "\(refused.errors)")
    #expect(refused.errors.contains("out/b/c.npy'"), "\(refused.errors)")
    #expect(!FileManager.default.fileExists(atPath: bench.folder.path("out/report.jsonl")))
    #expect(try bench.missing() == "0,4")
    // A file that somebody has cut off is nobody's now.
    let taken = try bench.run("0,4")
    #expect(taken.status == 73)
    #expect(
      taken.errors.contains("k.npy") && !taken.errors.contains("--overwrite"), "\(taken.errors)")
    #expect(try bench.missing() == "4")
    try FileManager.default.removeItem(atPath: bench.folder.path("out/k.npy"))
    #expect(try bench.run("0,4").status == 0)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("A link to what an output was is none")
  func linked() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    try bench.run("0-1")
    let output = bench.folder.path("out/c.npy")
    try FileManager.default.moveItem(atPath: output, toPath: bench.folder.path("c.npy"))
    try FileManager.default.createSymbolicLink(
      atPath: output, withDestinationPath: bench.folder.path("c.npy"))
    let refused = try bench.merge()
    #expect(refused.status == 75 && refused.errors.contains("c.npy"), "\(refused.errors)")
  }

  @Test("Of a shard whose report or records were damaged a merge takes nothing; it is run again")
  func damagedReport() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    try bench.run("0-1")
    let folder = "plan/shards/00001/"
    let report = try bench.folder.bytes(folder + "report.jsonl")
    let records = try bench.folder.bytes(folder + "records")
    #expect(try bench.runAlone().status == 0)
    let whole = try bench.results(in: "one").filter { $0.key != "report.jsonl" }
    let places =
      stride(from: 0, to: records.count, by: 97).map { ("records", $0) }
      + stride(from: 0, to: report.count, by: 97).map { ("report.jsonl", $0) }
    for (name, place) in places + [("report.jsonl", -1), ("records", -1)] {
      var content = try bench.folder.bytes(folder + name)
      if place < 0 { content = [] } else { content[place % content.count] ^= 1 }
      try bench.folder.write(content, to: folder + name)
      // They know what an earlier merge has put there.
      try? FileManager.default.removeItem(atPath: bench.folder.path("out/.tessera-records"))
      let merged = try bench.merge("--no-check")
      if name == "records", place >= 0 {
        // Of each input two lines tell what its outputs are: when it was begun, and when it was done.
        #expect(merged.status == 0, "\(name) \(place) \(merged.errors)")
        try bench.folder.write(records, to: folder + name)
      } else {
        #expect(merged.status == 75, "\(name) \(place)")
        #expect(merged.errors.contains("shard 1 "), "\(merged.errors)")
        #expect(merged.errors.contains("run it again"), "\(merged.errors)")
        #expect(try bench.missing() == "1")
        let again = try bench.run("1")
        #expect(again.status == 0, "\(name) \(place) \(again.errors)")
        #expect(try bench.merge().status == 0, "\(name) \(place)")
      }
      #expect(
        try bench.results(in: "out").filter { $0.key != "report.jsonl" } == whole,
        "\(name) \(place)")
    }
  }

  @Test("A signal before a shard has begun is told of")
  func earlySignal() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    // As soon as requests to end are listened to, there is one.
    let library = try FaultyCalls.build(
      """
      #define _GNU_SOURCE
      #include <dlfcn.h>
      #include <signal.h>
      #include <stddef.h>
      int sigaction(int number, const struct sigaction *action, struct sigaction *old) {
        int (*real)(int, const struct sigaction *, struct sigaction *) = dlsym(RTLD_NEXT, "sigaction");
        int result = real(number, action, old);
        if (number == SIGUSR2 && action != NULL) raise(SIGTERM);
        return result;
      }
      """, in: bench.folder)
    let outcome = try Command.run(
      ["run", "--plan", "plan", "--shard", "0-1"], in: bench.folder.path,
      environment: ["LD_PRELOAD": library])
    #expect(outcome.status == 75)
    #expect(outcome.errors.contains("interrupted before shard 0 had begun"), "\(outcome.errors)")
    #expect(try bench.missing() == "0-1")
  }

  @Test(
    "What a shard has left and cannot be read this time is not lost", arguments: ["open", "read"],
    [("00001/report.jsonl", [0]), ("00001.done.json", [0, 1, 2])])
  func unreadFiles(_ call: String, _ file: (name: String, numbers: [Int])) throws {
    for number in file.numbers {
      let bench = try PlanBench()
      try bench.plan("--shards", "2")
      try bench.run("0-1")
      let environment = try FaultyCalls.environment(
        .init(call: call, number: number, code: EMFILE, path: file.name),
        below: bench.folder.path("plan"))
      let merge = ["merge", "--plan", bench.folder.path("plan")]
      let refused = try Command.run(merge, in: bench.folder.path, environment: environment)
      #expect(refused.status == 66 && refused.errors.contains(file.name), "\(refused.errors)")
      #expect(try bench.missing() == "")
      #expect(try bench.merge().status == 0)
    }
  }

  @Test(
    "Where it cannot be read whether a shard is done, that is said",
    arguments: [["status"], ["status", "--missing"], ["run", "--retry-failed"]])
  func unreadShard(_ arguments: [String]) throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    try bench.run("0-1")
    let environment = try FaultyCalls.environment(
      .init(call: "read", code: EIO, path: "00001.done.json"), below: bench.folder.path("plan"))
    let outcome = try Command.run(
      arguments + ["--plan", bench.folder.path("plan")], in: bench.folder.path,
      environment: environment)
    #expect(outcome.status == 66 && outcome.output == "", "\(outcome.output)")
    #expect(outcome.errors.contains("00001.done.json"), "\(outcome.errors)")
  }

  @Test("A merge looks at outputs where they lie now, and not at those that are kept elsewhere")
  func moved() throws {
    let bench = try PlanBench()
    try bench.plan("--shards", "2")
    try bench.run("0-1")
    try FileManager.default.moveItem(
      atPath: bench.folder.path("out"), toPath: bench.folder.path("moved"))
    #expect(try bench.merge("--no-check").status == 0)
    #expect(bench.folder.files(in: "out").contains("report.jsonl"))
    try FileManager.default.removeItem(atPath: bench.folder.path("out"))
    #expect(try bench.merge("--output", "moved").status == 0)
    #expect(bench.folder.files(in: "moved").contains("report.jsonl"))
    #expect(!FileManager.default.fileExists(atPath: bench.folder.path("out")))
    #expect(try bench.merge().status == 75)
    try FileManager.default.removeItem(atPath: bench.folder.path("out"))
    try FileManager.default.moveItem(
      atPath: bench.folder.path("moved"), toPath: bench.folder.path("out"))
    #expect(try bench.missing() == "0-1")
    let again = try bench.run("0-1", "--json", "--quiet").output
    #expect(!again.contains(#""ok":1"#) && again.contains(#""ok":0"#), "\(again)")
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("Names that are no text, or have line breaks, go through a plan")
  func names() throws {
    let bench = try PlanBench(["a b.npy", "new\nline.npy", "\"q\".npy"])
    let path = Array(bench.folder.path("in/").utf8) + [0xFF, 0x41] + Array(".npy".utf8) + [0]
    let copied = try bench.folder.bytes("in/a b.npy")
    path.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { path in
      guard let path = path.baseAddress else { return }
      let file = open(path, O_WRONLY | O_CREAT, 0o600)
      #expect(copied.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == copied.count)
      close(file)
    }
    #expect(try bench.plan("--shards", "2").status == 0)
    #expect(try bench.run("0-1").status == 0)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("A pipeline that only compares is planned where its report has a folder")
  func comparison() throws {
    let bench = try PlanBench()
    try bench.folder.write(
      #"""
      {"version": 1, "stages": [{"stage": "load", "path": "in"},
        {"stage": "compare", "require": {"max_abs": 0}}]}
      """#, to: "copy.json")
    let nowhere = try Command.run(
      ["plan", "copy.json", "--plan", "plan", "--shards", "2"], in: bench.folder.path)
    #expect(nowhere.status == 64)
    #expect(try bench.plan("--shards", "2").status == 0)
    #expect(try bench.run("0-1").status == 0)
    #expect(try bench.merge().status == 0)
    #expect(try bench.folder.report().map(\.source) == PlanBench.names)
  }

  @Test("Shards without inputs are complete at once")
  func empty() throws {
    let bench = try PlanBench(["a.npy"])
    try bench.plan("--shards", "3")
    #expect(try bench.run("1,2").status == 0)
    #expect(try bench.missing() == "0")
    #expect(try bench.merge().status == 75)
    #expect(try bench.run("0").status == 0)
    #expect(try bench.merge().status == 0)
    try bench.expectWhole()
  }

  @Test("Every shard says how it ended as JSON, a line each")
  func json() throws {
    let bench = try PlanBench()
    let planned = try bench.plan("--shards", "2", "--json")
    #expect(planned.json?["shards"] as? Int == 2)
    #expect(planned.json?["new"] as? Bool == true)
    #expect(try bench.plan("--shards", "2", "--json").json?["new"] as? Bool == false)
    let files = try Command.run(
      ["plan", "--plan", "plan", "--files", "0", "--json"], in: bench.folder.path)
    #expect(files.json?["files"] as? [String] == Array(PlanBench.names.prefix(6)))
    let lines = try bench.run("0,1", "--json", "--quiet").output.split(separator: "\n")
    let shards = try lines.map { line in
      let value = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return value?["shard"] as? Int
    }
    #expect(shards == [0, 1])
    let status = try Command.run(["status", "--plan", "plan", "--json"], in: bench.folder.path)
    #expect((status.json?["shards"] as? [String: Int])?["done"] == 2)
    #expect((status.json?["inputs"] as? [String: Int])?["ended"] == PlanBench.names.count)
    #expect(try bench.merge("--json").json?["inputs"] as? Int == PlanBench.names.count)
  }
}
