import Foundation
import Glibc
import Testing

/// How outputs are called, and what becomes of two that would be called alike.
@Suite struct OutputNameTests {
  /// Some inputs, and a pipeline whose `encode` has a `name` where one is given.
  func bench(_ names: [String], template: String? = nil) throws -> Workbench {
    let bench = try Workbench([])
    for (index, name) in names.enumerated() {
      try bench.folder.write(Workbench.array(seed: index), to: name)
    }
    try bench.writePipeline(encode: template.map { #", "name": "\#($0)""# } ?? "")
    return bench
  }

  /// Inputs that collide, with how they are given.
  struct Collision: Sendable, CustomTestStringConvertible {
    let files: [String]
    var arguments: [String] = []
    var template: String?
    /// The two that the message names.
    let named: [String]
    var testDescription: String { "\(files) \(arguments) \(template ?? "")" }
  }

  static let collisions: [Collision] = [
    Collision(files: ["in/a.npy", "in/a.arr"], named: ["in/a.arr", "in/a.npy"]),
    Collision(
      files: ["in/a/x.npy", "in/b/x.npy"], template: "{stem}.npy",
      named: ["in/a/x.npy", "in/b/x.npy"]),
    Collision(
      files: ["in/x.npy", "other/x.npy"], arguments: ["-i", "in", "-i", "other"],
      named: ["in/x.npy", "other/x.npy"]),
    Collision(
      files: ["p/in/d/x.npy", "q/in/d/x.npy", "q/in/d/y.npy"],
      arguments: ["-i", "p/in", "-i", "./q/in/"], named: ["./q/in/d/x.npy", "p/in/d/x.npy"]),
    Collision(
      files: ["in/a/x.npy", "in/b/x.npy"], arguments: ["in/a/x.npy", "in/b/x.npy"],
      named: ["in/a/x.npy", "in/b/x.npy"]),
    Collision(
      files: ["in/a/x.npy", "in/b/x.npy", "in/a/x.arr"],
      arguments: ["in/a/x.npy", "in/b/x.npy", "in/a/x.arr"], named: ["in/a/x.arr", "in/a/x.npy"]),
    Collision(
      files: ["p/x.npy", "p/x.arr", "q/x.npy"], arguments: ["-i", "p", "-i", "q"],
      template: "out-{stem}.npy", named: ["p/x.arr", "p/x.npy"]),
    Collision(
      files: ["in/x.npy", "in/y.npy"], template: "all/one.npy", named: ["in/x.npy", "in/y.npy"]),
  ]

  @Test(
    "Both inputs are named as they were given, and the way out that is told works",
    arguments: collisions)
  func collision(_ collision: Collision) throws {
    let bench = try bench(collision.files, template: collision.template)
    let arguments = ["run", "copy.json"] + collision.arguments
    let outcome = try Command.run(arguments, in: bench.folder.path)
    #expect(outcome.status == 73)
    let both = collision.named.map { "'\($0)'" }
    #expect(
      outcome.errors.contains("\(both[0]) and \(both[1]) would both write"), "\(outcome.errors)")
    #expect(bench.folder.files(in: "out") == [])
    let advice = try #require(
      outcome.errors.firstMatch(of: /--set '([^']+)'/)?.1, "\(outcome.errors)")
    let next = try Command.run(arguments + ["--set", String(advice)], in: bench.folder.path)
    #expect(next.status == 0, "\(advice): \(next.errors)")
    #expect(bench.folder.outputs(in: "out").count == collision.files.count)
  }

  @Test("Two stages for one file of one input are told apart from two inputs")
  func twoStages() throws {
    let bench = try bench(["in/a.npy"])
    try bench.writePipeline(
      [#"{ "stage": "encode", "path": "out", "format": "npy", "name": "{stem}.npy" }"#])
    let outcome = try bench.run()
    #expect(outcome.status == 73)
    #expect(
      outcome.errors.contains("two stages would both write, for 'in/a.npy', 'out/a.npy'"),
      "\(outcome.errors)")
    #expect(outcome.errors.contains("give one of the stages another `path` or `name`"))
  }

  @Test(
    "{parent} is the folder that the file lies in, {root} the input root",
    arguments: [
      ("{parent}-{stem}.npy", ["-i", "in"], ["in-x.npy", "s-y.npy", "t-z.npy"]),
      ("{root}-{stem}.npy", ["-i", "in"], ["in-x.npy", "in-y.npy", "in-z.npy"]),
      ("{root}/{stem}.npy", ["-i", "./in/s/.."], ["in/x.npy", "in/y.npy", "in/z.npy"]),
      ("{root}/{dir}/{stem}.npy", ["in/s", "in/s/t"], ["s/y.npy", "s/t/z.npy"]),
      ("{root}/{stem}.npy", ["in/x.npy", "in/s/y.npy"], ["in/x.npy", "in/s/y.npy"]),
      ("{parent}/{stem}.npy", ["in/x.npy", "in/s/y.npy"], ["in/x.npy", "s/y.npy"]),
      ("{root}/{stem}.npy", ["in/**/t/*.npy"], ["in/z.npy"]),
    ])
  func placeholders(_ template: String, _ arguments: [String], _ outputs: [String]) throws {
    let bench = try bench(["in/x.npy", "in/s/y.npy", "in/s/t/z.npy"], template: template)
    let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out") == outputs.sorted())
  }

  @Test(
    "One file counts once, by whatever paths it is given",
    arguments: [
      ["-i", "in", "-i", "./in"], ["in", "link"], ["in/x.npy", "in/./x.npy", "in"],
      ["in", "in/x.npy"], ["-i", "in/../in", "in/*.npy"], ["in/x.npy", "direct.npy", "in"],
      ["@list", "in"], ["@list", "@list"],
    ])
  func onceOnly(_ arguments: [String]) throws {
    let bench = try bench(["in/x.npy", "in/y.npy"])
    symlink("in", bench.folder.path("link"))
    symlink("in/x.npy", bench.folder.path("direct.npy"))
    try bench.folder.write("in/x.npy\n\(bench.folder.path)/in/x.npy\nlink/y.npy\n", to: "list")
    let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(outcome.errors.contains("2 images: 2 done"), "\(outcome.errors)")
  }

  @Test("Hard links and links of other names in one folder are inputs of their own")
  func links() throws {
    let bench = try bench(["in/x.npy"])
    symlink("x.npy", bench.folder.path("in/y.npy"))
    link(bench.folder.path("in/x.npy"), bench.folder.path("in/z.npy"))
    #expect(try bench.run().errors.contains("3 images: 3 done"))
    #expect(
      try bench.run("in/x.npy", "in/z.npy").errors.contains("2 images: 0 done, 2 done before"))
  }

  @Test(
    "`name` refuses what is ours, and a name that is none",
    arguments: [
      "report.jsonl", "./report.jsonl", "{dir}/report.jsonl", ".", "..", "{dir}/.", "a/..",
      ".tessera-records", ".tessera", ".tessera/{stem}.npy", "{dir}/.tessera{stem}.npy",
      "{stem}.tessera-part", "x/.tessera-lock", "report.jsonl/{stem}.npy",
      "./report.jsonl/{dir}/{stem}.npy", "{dir}/report.jsonl/a/{stem}.npy",
      ".//report.jsonl/{stem}.npy",
    ])
  func reserved(_ template: String) throws {
    let bench = try bench(["in/x.npy"], template: template)
    let outcome = try bench.run()
    #expect(outcome.status == 78 && outcome.errors.contains("stages[1] (encode).name"))
    #expect(!outcome.hasCrashed && bench.folder.files(in: "out") == [])
  }

  @Test(
    "Names that look like ours but are not are taken",
    arguments: [
      "my.tessera.npy", "report.jsonl.npy", "a/report.jsonl/x.npy", "report.jsonl.d/x.npy",
    ])
  func notReserved(_ template: String) throws {
    let bench = try bench(["in/x.npy"], template: template)
    #expect(try bench.run().status == 0)
    #expect(bench.folder.outputs(in: "out") == [template])
  }

  @Test("An input that would be called as what is ours fails alone")
  func reservedInput() throws {
    let bench = try bench(["in/x.npy", "in/.tessera-records.npy"])
    let outcome = try bench.run("in/x.npy", "in/.tessera-records.npy")
    #expect(
      outcome.status == 65 && outcome.errors.contains("failed (conflict)"), "\(outcome.errors)")
    #expect(try bench.sources("ok") == ["x.npy"])
  }

  /// Inputs of 12 and 2 channels, whose files per channel are named by a template.
  private func channels(_ template: String, _ names: [(String, Int)]) throws -> (
    Int32, [String], String
  ) {
    let bench = try Workbench([])
    for (name, count) in names {
      try bench.folder.write(
        NPYFile.file(descriptor: "|u1", shape: [count, 4, 4])
          + (0..<16 * count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ name.utf8.count) },
        to: "in/\(name).npy")
    }
    try bench.folder.write(
      pipeline(load: #""path": "in""#, encode: #""path": "out", "name": "\#(template)""#),
      to: "copy.json")
    let outcome = try bench.run("--jobs", "2")
    return (outcome.status, try bench.sources("failed"), outcome.errors)
  }

  @Test(
    "Files per channel of two inputs that would have one name fail those inputs, whoever is first",
    arguments: [
      ("{channel}{stem}.png", [("a", 12), ("1a", 5)], ["1a.npy", "a.npy"]),
      ("{channel}{stem}.png", [("a", 5), ("1a", 5)], []),
      ("{stem}{channel}.png", [("a", 12), ("a1", 5)], ["a.npy", "a1.npy"]),
      ("{stem}-{channel}.png", [("a", 12), ("a-1", 5)], []),
      ("{channel}/{stem}.png", [("a", 12), ("1a", 5), ("11a", 2)], []),
    ] as [(String, [(String, Int)], [String])])
  func channelNames(_ template: String, _ names: [(String, Int)], _ failing: [String]) throws {
    let (status, failed, errors) = try channels(template, names)
    #expect(
      Set(failed).isSubset(of: Set(failing)) && failed.isEmpty == failing.isEmpty, "\(errors)")
    #expect(status == (failing.isEmpty ? 0 : 65))
    if !failing.isEmpty { #expect(errors.contains("{dir}/{stem}-{channel}.png")) }
  }

  @Test(
    "Folders for channels are removed again where no image has come to lie in them",
    arguments: ["{channel}/{stem}.png", "c{channel}/deep/{stem}.png", "{stem}/{channel}.png"])
  func channelFolders(_ name: String) throws {
    let folder = try TemporaryFolder()
    let picture = Picture.noise(width: 40, height: 30, channels: 3, seed: 1).png()
    let kernels = #"[[[1, 0], [0, 0]], [[0, 1], [0, 0]]]"#
    try folder.write(
      pipeline(
        load: #""path": "in""#,
        [#"{ "stage": "convolve", "kernels": \#(kernels) }"#],
        encode: #""path": "out", "format": "png", "name": "\#(name)", "range": "clip""#),
      to: "p.json")
    try folder.write(Array(picture.prefix(picture.count * 2 / 3)), to: "in/a.png")
    func folders() throws -> [String] {
      try FileManager.default.subpathsOfDirectory(atPath: folder.path("out")).filter {
        var isFolder: ObjCBool = false
        _ = FileManager.default.fileExists(
          atPath: folder.path("out/\($0)"), isDirectory: &isFolder)
        return isFolder.boolValue
      }
    }
    let outcome = try Command.run(["run", "p.json"], in: folder.path)
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(try folders() == [])
    try folder.write(picture, to: "in/a.png")
    #expect(try Command.run(["run", "p.json"], in: folder.path).status == 0)
    #expect(folder.outputs(in: "out").count == 6)
    #expect(try folders() != [])
  }
}
