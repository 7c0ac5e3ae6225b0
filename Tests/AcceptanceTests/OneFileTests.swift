import Foundation
import Glibc
import Testing

/// `--output` with the name of a file.
@Suite struct OneFileTests {
  @Test("An output with the extension of an image is that file alone")
  func oneFile() throws {
    let bench = try Workbench.jpeg()
    for output in ["x.jpg", "deep/er/x.JPEG", "x{1}.jpeg"] {
      let outcome = try bench.run("in/a.png", "-o", output)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(!outcome.errors.contains("report:"))
    }
    #expect(
      bench.folder.files()
        == ["copy.json", "deep/er/x.JPEG", "in/a.png", "x.jpg", "x{1}.jpeg"])
    // The same again is there already; something else is in the way.
    #expect(try bench.run("in/a.png", "-o", "x.jpg").status == 0)
    try bench.folder.write("mine", to: "x.jpg")
    let refused = try bench.run("in/a.png", "-o", "x.jpg", "--json")
    #expect(refused.status == 73 && refused.errors.contains("exists already"), "\(refused.errors)")
    #expect(refused.json?["exit_status"] as? Int == 73)
    #expect(try bench.folder.bytes("x.jpg") == Array("mine".utf8))
    #expect(try bench.run("in/a.png", "-o", "x.jpg", "--overwrite").status == 0)
    #expect(try bench.folder.bytes("x.jpg") == bench.folder.bytes("x{1}.jpeg"))
  }

  @Test("With --state the one file is known to the next run, and has a report")
  func oneFileWithState() throws {
    let bench = try Workbench.jpeg()
    #expect(try bench.run("-o", "y/x.jpg", "--state", "s").status == 0)
    #expect(bench.folder.files(in: "s") == ["lock", "records", "report.jsonl"])
    #expect(bench.folder.files(in: "y") == ["x.jpg"])
    #expect(try bench.folder.report(in: "s").map { $0.outputs.map(\.path) } == [["x.jpg"]])
    #expect(try bench.run("-o", "y/x.jpg", "--state", "s").errors.contains("1 done before"))
    try bench.folder.copy(Repository.sample("camera-gray.jpg"), to: "b.jpg")
    rename(bench.folder.path("b.jpg"), bench.folder.path("in/a.png"))
    #expect(try bench.run("-o", "y/x.jpg", "--state", "s").errors.contains("1 image: 1 done"))
    #expect(
      try Command.run(["verify", "y", "--state", "s"], in: bench.folder.path).status == 0)
  }

  @Test(
    "One file that is none of this pipeline is a mistake of the command line, before any work",
    arguments: [
      (["-o", "x.png"], "writes .jpg"), (["-o", "x.npy"], "writes .jpg"),
      (["-o", "x.jpg", "in/a.png", "in/b.png"], "there are 2 inputs"),
    ])
  func notOneFile(_ arguments: [String], _ words: String) throws {
    let bench = try Workbench.jpeg()
    try bench.folder.copy(Repository.sample("horse-1bit.png"), to: "in/b.png")
    let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(bench.folder.files() == ["copy.json", "in/a.png", "in/b.png"])
  }

  private func patches(_ encode: String) throws -> Workbench {
    let bench = try Workbench.jpeg()
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "unfold", "kernel_size": 8 }"#],
        encode: #""path": "out""# + encode), to: "copy.json")
    return bench
  }

  @Test("The format that is advised is one that the pipeline takes")
  func advisedFormat() throws {
    let cases: [(bench: Workbench, outputs: [String], isTaken: Bool)] = [
      (try Workbench.jpeg(), ["y.png", "y.npy"], true),
      (try Workbench.jpeg(quality: 10), ["y.png", "y.npy"], false),
      (try patches(#", "format": "npy""#), ["y.png", "d/y.jpg", "y.JPEG"], false),
      (try Workbench(["a.npy"]), ["y.png", "y.jpg"], true),
    ]
    for (bench, outputs, isTaken) in cases {
      for output in outputs {
        let outcome = try bench.run("-o", output)
        #expect(outcome.status == 64, "\(outcome.errors)")
        #expect(outcome.errors.contains("give it the extension ."), "\(outcome.errors)")
        let advice = outcome.errors.firstMatch(of: /--set (format=\w+)/)?.1
        #expect((advice != nil) == isTaken, "\(outcome.errors)")
        guard let advice else { continue }
        #expect(try bench.run("-o", output, "--set", String(advice)).status == 0)
      }
    }
  }

  @Test(
    "The extension of an image that is not written makes no folder of that name",
    arguments: ["x.avif", "x.TGA", "deep/x.exr", "x.bmp", "x.gif", "x.y.heic"])
  func otherFormats(_ output: String) throws {
    let bench = try Workbench.jpeg()
    let before = bench.folder.files()
    let outcome = try bench.run("-o", output)
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.errors.contains("stages[2] writes .jpg; give it the extension .jpg"))
    #expect(outcome.errors.contains("'\(output)/' for a folder of this name"))
    #expect(bench.folder.files() == before)
    #expect(try bench.run("-o", output + "/").status == 0)
    #expect(try bench.run("-o", output).status == 0)
    #expect(bench.folder.outputs(in: output) == ["a.jpg"])
  }

  @Test(
    "A file cannot be called as Tessera's own are",
    arguments: [".tessera-x.jpg", "deep/.tessera.jpeg", ".tessera-records.jpg"])
  func ownNames(_ output: String) throws {
    let outcome = try Workbench.jpeg().run("-o", output)
    #expect(outcome.status == 64, "\(outcome.errors)")
    #expect(outcome.errors.contains("--output '\(output)' has a name that Tessera keeps"))
    #expect(!outcome.errors.contains("`name`"))
  }

  @Test("Where an input gives a file per channel, the summary says under which names they are")
  func filePerChannel() throws {
    let bench = try Workbench([])
    try bench.folder.write(
      NPYFile.file(descriptor: "|u1", shape: [6, 4, 5]) + (0..<120).map { UInt8($0) },
      to: "in/a.npy")
    try bench.folder.write(
      pipeline(load: #""path": "in""#, encode: #""path": "out""#), to: "copy.json")
    for (folder, more) in [("", []), ("deep/", []), ("s/", ["--state", "kept"])] {
      for _ in 0..<2 {
        let outcome = try Command.run(
          ["run", "copy.json", "-o", "\(folder)t.png", "--json"] + more, in: bench.folder.path)
        #expect(outcome.status == 0)
        #expect(
          outcome.errors.contains(
            "6 files, one per channel: \(folder)t.0.png … \(folder)t.5.png\n"),
          "\(outcome.errors)")
        #expect(
          outcome.json?["files"] as? [String] == (0..<6).map { "\(folder)t.\($0).png" })
      }
    }
    let alone = try Workbench.jpeg().run("-o", "x.jpg", "--json")
    #expect(alone.json?["files"] as? [String] == ["x.jpg"])
    #expect(!alone.errors.contains("per channel"))
  }

  @Test("The same under another name is another file, with --state too")
  func otherName() throws {
    let bench = try Workbench.jpeg()
    for output in ["x.jpg", "y.jpg", "deep/x.jpg", "x.jpg"] {
      let outcome = try bench.run("in/a.png", "-o", output, "--state", "kept")
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let first = try bench.folder.bytes("x.jpg")
    for name in ["y.jpg", "deep/x.jpg"] { #expect(try bench.folder.bytes(name) == first) }
  }

  @Test("A folder with the extension of an image stays a folder, and a slash makes one")
  func folderWithExtension() throws {
    let bench = try Workbench.jpeg()
    mkdir(bench.folder.path("old.jpg"), 0o777)
    for output in ["old.jpg", "new.jpg/", "plain"] {
      #expect(try bench.run("-o", output).status == 0)
      let folder = output.hasSuffix("/") ? String(output.dropLast()) : output
      #expect(bench.folder.outputs(in: folder) == ["a.jpg"])
    }
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "encode", "path": "two" }"#],
        encode: #""path": "out", "format": "jpeg""#), to: "copy.json")
    #expect(try bench.run("-o", "x.jpg").status == 64)
  }
}
