import Foundation
import Glibc
import Testing

/// What may stand on the command line, and in lists of inputs.
@Suite struct ArgumentTests {
  private func names(_ outcome: Command.Outcome) throws -> [String] {
    let inputs = try #require(outcome.json?["inputs"] as? [[String: Any]], "\(outcome.errors)")
    return inputs.compactMap { $0["source"] as? String }
  }

  private func chosen(_ bench: Workbench, _ arguments: String...) throws -> [String] {
    try names(
      Command.run(["run", "copy.json", "--dry-run", "--json"] + arguments, in: bench.folder.path))
  }

  @Test("What stands behind the pipeline are inputs, beside those of -i and --input")
  func positional() throws {
    let bench = try Workbench(["a.npy", "b.npy", "s/c.npy"])
    #expect(try chosen(bench, "in/a.npy", "in/b.npy") == ["a.npy", "b.npy"])
    #expect(
      try chosen(bench, "in/a.npy", "-i", "in/b.npy", "--input", "in/s") == [
        "a.npy", "b.npy", "c.npy",
      ])
    #expect(try chosen(bench, "-o", "other", "in/s") == ["c.npy"])
    let run = try bench.run("in/a.npy", "-o", "other", "-j", "1", "in/s/c.npy")
    #expect(run.status == 0 && bench.folder.outputs(in: "other") == ["a.npy", "c.npy"])
    let explained = try Command.run(["explain", "copy.json", "in/b.npy"], in: bench.folder.path)
    #expect(explained.status == 0 && explained.errors.contains("in/b.npy"))
    #expect(
      try Command.run(["explain", "copy.json", "-i", "in/b.npy"], in: bench.folder.path).status == 0
    )
    #expect(
      try Command.run(["explain", "copy.json", "in/a.npy", "-i", "in"], in: bench.folder.path)
        .status
        == 64)
  }

  @Test(
    "A list may have comments, blank lines, ends as on Windows and a mark of byte order",
    arguments: [
      "# all\na.npy\nb.npy\n", "a.npy\r\nb.npy\r\n", "\u{FEFF}a.npy\nb.npy",
      "\u{FEFF}# x\r\n\r\na.npy\r\n \t\r\nb.npy",
      "a.npy\0b.npy\0", "a.npy\n#c.npy\nb.npy\n#", "\u{FEFF}a.npy\0b.npy",
    ])
  func lists(_ text: String) throws {
    let bench = try Workbench()
    try bench.folder.write(text, to: "in/list.txt")
    #expect(try chosen(bench, "@in/list.txt") == ["a.npy", "b.npy"])
    try bench.writePipeline()
    try bench.folder.write(
      pipeline(load: #""list": "in/list.txt""#, encode: #""path": "out", "format": "npy""#),
      to: "copy.json")
    #expect(try chosen(bench) == ["a.npy", "b.npy"])
  }

  @Test(
    "A list in UTF-16 or UTF-32 is refused as what it is",
    arguments: [
      String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf32LittleEndian, .utf32BigEndian,
    ])
  func wideLists(_ encoding: String.Encoding) throws {
    let bench = try Workbench()
    for text in ["in/a.npy\r\nin/b.npy\r\n", "in/c.npy", ""] {
      let content = try #require("\u{FEFF}\(text)".data(using: encoding))
      try bench.folder.write(content, to: "list.txt")
      let outcome = try bench.run("@list.txt", "--json")
      #expect(outcome.status == 66, "\(outcome.errors)")
      #expect(outcome.errors.contains("'list.txt' is UTF-16 or UTF-32 text"), "\(outcome.errors)")
      #expect(outcome.errors.contains("save it as"))
      let errors = outcome.json?["errors"] as? [[String: Any]]
      #expect(errors?.first?["file"] as? String == "list.txt")
    }
    // A name may begin with those bytes.
    try bench.folder.write([0xFF, 0xFE] + Array("x.npy\nin/a.npy\n".utf8), to: "list.txt")
    #expect(try bench.run("@list.txt").status == 65)
  }

  @Test("A file whose name begins as a comment does is reached by its path")
  func hashNames() throws {
    let bench = try Workbench(["#a.npy"])
    try bench.folder.write("./#a.npy\n", to: "in/list")
    #expect(try chosen(bench, "@in/list") == ["#a.npy"])
    try bench.folder.write("#a.npy\0", to: "in/list")
    #expect(try chosen(bench, "@in/list") == ["#a.npy"])
  }

  @Test("Folders in a list are passed over, with one warning that counts them")
  func foldersInLists() throws {
    let bench = try Workbench(["a.npy", "s/b.npy", "s/t/c.npy"])
    let list = "in\0in/a.npy\0in/s\0in/s/b.npy\0in/s/t\0in/s/t/c.npy\0"
    let outcome = try Command.run(
      ["run", "copy.json", "--input", "-", "--json"], in: bench.folder.path, input: list)
    #expect(outcome.status == 0 && outcome.errors.contains("3 images: 3 done"), "\(outcome.errors)")
    #expect(outcome.errors.contains("warning: passed over 3 folders in a list"))
    let warnings = try #require(outcome.json?["warnings"] as? [[String: Any]])
    #expect(warnings.count == 1 && warnings[0]["count"] as? Int == 0)
    try bench.folder.write("in\nin/s\n", to: "folders")
    let none = try bench.run("@folders")
    #expect(none.status == 66 && none.errors.contains("passed over 2 folders"), "\(none.errors)")
  }

  @Test(
    "include, exclude and recursive hold for lists, files and globs as well",
    arguments: [
      (#""exclude": ["b.npy"]"#, ["@list"], ["in/a.npy", "in/s/c.npy"], 1),
      (#""exclude": ["s"]"#, ["@list"], ["in/a.npy", "in/b.npy"], 1),
      (#""include": ["in/s/*"]"#, ["@list"], ["in/s/c.npy"], 2),
      (#""include": ["a*"]"#, ["in/a.npy", "in/b.npy"], ["a.npy"], 1),
      (#""exclude": ["a*"]"#, ["in/a.npy", "in/s/c.npy"], ["c.npy"], 1),
      (#""recursive": false"#, ["in/**/*.npy"], ["a.npy", "b.npy"], 0),
      (#""recursive": false"#, ["in/a.npy"], ["a.npy"], 0),
      (#""recursive": false"#, ["@in/near"], ["a.npy"], 1),
    ] as [(String, [String], [String], Int)])
  func selection(_ keys: String, _ arguments: [String], _ expected: [String], _ leftOut: Int) throws
  {
    let bench = try Workbench(["a.npy", "b.npy", "s/c.npy"])
    try bench.folder.write("in/a.npy\nin/b.npy\nin/s/c.npy\n", to: "list")
    try bench.folder.write("a.npy\ns/c.npy\n", to: "in/near")
    try bench.writePipeline(load: ", " + keys)
    let outcome = try Command.run(
      ["run", "copy.json", "--dry-run", "--json"] + arguments, in: bench.folder.path)
    #expect(try names(outcome) == expected)
    let warnings = outcome.json?["warnings"] as? [String] ?? []
    #expect(
      warnings.contains { $0.contains("left out \(leftOut) file") } == (leftOut > 0), "\(warnings)")
  }

  @Test("What nothing of is left says what left it out")
  func nothingLeft() throws {
    let bench = try Workbench()
    try bench.writePipeline(load: #", "include": ["*.png"]"#)
    let outcome = try bench.run("in/a.npy", "in/b.npy")
    #expect(outcome.status == 66 && outcome.errors.contains(#"left out 2 files by "include""#))
  }

  @Test(
    "A path that exists is a path, whatever characters are in it",
    arguments: [
      ("p [a]/*.npy", ["x.npy"]), ("p [a]", ["s/y.npy", "x.npy"]),
      ("p [a]/**/*.npy", ["s/y.npy", "x.npy"]),
      ("p [a]/s/*.npy", ["y.npy"]), ("w{1,2}/?.npy", ["z.npy"]), ("st*r/*", ["q.npy"]),
      ("p [b]/*.npy", ["p b/v.npy"]), ("p [a]/[xy].npy", ["x.npy"]), ("./p [a]/x.npy", ["x.npy"]),
    ])
  func brackets(_ input: String, _ expected: [String]) throws {
    let bench = try Workbench([])
    let files = [
      "p [a]/x.npy", "p [a]/s/y.npy", "p a/u.npy", "p b/v.npy", "w{1,2}/z.npy", "w1/z1.npy",
      "st*r/q.npy",
      "star/r.npy",
    ]
    for file in files { try bench.folder.write(Workbench.array(seed: 1), to: file) }
    #expect(try chosen(bench, "-i", input) == expected)
    try bench.folder.write(
      pipeline(load: #""path": "\#(input)""#, encode: #""path": "out", "format": "npy""#),
      to: "copy.json")
    #expect(try chosen(bench) == expected)
  }

  @Test("--set with a key alone speaks of the one stage that has it")
  func shortSet() throws {
    let bench = try Workbench.jpeg()
    #expect(try bench.run("-o", "full").status == 0)
    #expect(try bench.run("-o", "low", "--set", "quality=10").status == 0)
    #expect(try bench.run("-o", "same", "--set", "stages[2].quality=10").status == 0)
    #expect(try bench.folder.bytes("low/a.jpg") == bench.folder.bytes("same/a.jpg"))
    #expect(try bench.folder.bytes("low/a.jpg").count < bench.folder.bytes("full/a.jpg").count)
    #expect(try bench.run("-o", "pad", "--set", "amount=5", "--set", "color=gray").status == 0)
    let wrong = try bench.run("--set", "qualty=10")
    #expect(wrong.status == 78 && wrong.errors.contains("did you mean quality?"), "\(wrong.errors)")
    let value = try bench.run("--set", "quality=1000")
    #expect(
      value.status == 78 && value.errors.contains("--set quality=1000: stages[2] (encode).quality"))
  }

  @Test("--set with a key of several stages names their paths, unless it is written in one")
  func ambiguousSet() throws {
    let bench = try Workbench()
    let unfold = #"{ "stage": "unfold", "kernel_size": 2 }, { "stage": "fold" }"#
    try bench.writePipeline([
      unfold, #"{ "stage": "unfold", "kernel_size": 2, "stride": 2 }, { "stage": "fold" }"#,
    ])
    let outcome = try bench.run("--set", "kernel_size=3")
    #expect(outcome.status == 78, "\(outcome.errors)")
    for path in ["stages[1].kernel_size", "stages[3].kernel_size"] {
      #expect(outcome.errors.contains(path), "\(outcome.errors)")
    }
    #expect(try bench.run("--set", "edge=shift").status == 78)
    try bench.writePipeline([
      #"{ "stage": "unfold", "kernel_size": 2, "edge": "shift" }, { "stage": "fold" }"#, unfold,
    ])
    #expect(try bench.run("--set", "edge=pad").status == 0)
  }

  @Test("explain passes over what lies in the pipeline's output folder, as run does")
  func explainSkipsOutputs() throws {
    let bench = try Workbench(["z.npy"])
    try bench.folder.write(
      pipeline(load: #""path": "in""#, encode: #""path": "in/done", "format": "npy""#),
      to: "copy.json")
    try bench.write("done/a.npy", seed: 4)
    let outcome = try Command.run(["explain", "copy.json"], in: bench.folder.path)
    #expect(outcome.errors.contains("in/z.npy") && outcome.status == 0, "\(outcome.errors)")
  }
}
