import Foundation
import Glibc
import Testing

/// `--output` with the name of a file.
@Suite struct OneFileTests {
  private func jpeg() throws -> Workbench {
    let bench = try Workbench([])
    try bench.folder.copy(Repository.sample("chelsea-rgb.png"), to: "in/a.png")
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "pad", "amount": 1 }"#],
        encode: #""path": "out", "format": "jpeg", "quality": 90"#), to: "copy.json")
    return bench
  }

  @Test("An output with the extension of an image is that file alone")
  func oneFile() throws {
    let bench = try jpeg()
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
    let bench = try jpeg()
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
    let bench = try jpeg()
    try bench.folder.copy(Repository.sample("horse-1bit.png"), to: "in/b.png")
    let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(outcome.status == 64 && outcome.errors.contains(words), "\(outcome.errors)")
    #expect(bench.folder.files() == ["copy.json", "in/a.png", "in/b.png"])
  }

  @Test("The same under another name is another file, with --state too")
  func otherName() throws {
    let bench = try jpeg()
    for output in ["x.jpg", "y.jpg", "deep/x.jpg", "x.jpg"] {
      let outcome = try bench.run("in/a.png", "-o", output, "--state", "kept")
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
    let first = try bench.folder.bytes("x.jpg")
    for name in ["y.jpg", "deep/x.jpg"] { #expect(try bench.folder.bytes(name) == first) }
  }

  @Test("A folder with the extension of an image stays a folder, and a slash makes one")
  func folderWithExtension() throws {
    let bench = try jpeg()
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
