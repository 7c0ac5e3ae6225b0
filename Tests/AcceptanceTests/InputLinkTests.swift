import Foundation
import Glibc
import Testing

/// Links among the inputs of a run.
@Suite struct InputLinkTests {
  /// Links to a file and a folder elsewhere, to a folder inside, and to all there is.
  private func bench() throws -> Workbench {
    let bench = try Workbench(["a.npy", "deep/b.npy"])
    for name in ["c.npy", "more/d.npy"] {
      try bench.folder.write(Workbench.array(seed: 9), to: "elsewhere/\(name)")
    }
    let links = [
      ("c.npy", "../elsewhere/c.npy"), ("inside", "deep"), ("outside", "../elsewhere/more"),
      ("all", "/"), ("up", ".."), ("deep/self", "."), ("deep/loop", "../deep/loop"),
    ]
    for (name, target) in links { symlink(target, bench.folder.path("in/\(name)")) }
    return bench
  }

  @Test("Links to folders that leave the inputs are told of and followed where that is wished for")
  func outside() throws {
    let bench = try bench()
    let outcome = try bench.run()
    // "loop" leads nowhere, which may be to an image.
    #expect(outcome.status == 65 && outcome.errors.contains("deep/loop"), "\(outcome.errors)")
    let words = [
      "passed over 1 link that leads out of the folder that is loaded: 'in/outside'",
      "\"follow_links\": true", "2 links that lead back to folders around the one that is loaded",
    ]
    for word in words { #expect(outcome.errors.contains(word), "\(outcome.errors)") }
    #expect(bench.folder.outputs(in: "out") == ["a.npy", "c.npy", "deep/b.npy"])
    unlink(bench.folder.path("in/deep/loop"))
    let followed = try bench.run("--set", "follow_links=true")
    #expect(followed.status == 0 && followed.errors.contains("1 done, 3 done before"))
    #expect(!followed.errors.contains("that leads out"), "\(followed.errors)")
    #expect(bench.folder.outputs(in: "out") == ["a.npy", "c.npy", "deep/b.npy", "outside/d.npy"])
    let dry = try bench.run("--dry-run")
    #expect(dry.status == 0 && dry.output.contains("passed over 1 link that leads out"))
  }

  /// Links to nothing, by one step or more, and what they are said to lead to.
  private static let broken = [
    ("one.npy", "gone.npy", "gone.npy"), ("two.npy", "one.npy", "gone.npy"),
    ("deep.npy", "in/../nowhere/x.npy", "in/../nowhere/x.npy"),
    ("far.npy", "/no/such/folder/x.npy", "/no/such/folder/x.npy"),
    ("last.npy", "in/inner.npy", "in/gone too.npy"), ("braced[1].npy", "gone.npy", "gone.npy"),
  ]

  private func brokenBench() throws -> Workbench {
    let bench = try Workbench()
    symlink("gone too.npy", bench.folder.path("in/inner.npy"))
    for (name, target, _) in Self.broken { symlink(target, bench.folder.path(name)) }
    return bench
  }

  @Test("A link to nothing is told of by what it leads to", arguments: broken)
  func words(_ name: String, _ target: String, _ end: String) throws {
    let bench = try brokenBench()
    let words = "a link to '\(end)', which does not exist"
    for arguments in [
      ["run", "copy.json", "--input", name], ["run", name], ["validate", name],
      ["explain", "copy.json", name], ["run", "copy.json", "--input", "@\(name)"],
      ["verify", name], ["run", "copy.json", "--input", name, "--input", name],
    ] {
      let outcome = try Command.run(arguments, in: bench.folder.path)
      #expect(outcome.status == 66 && !outcome.hasCrashed, "\(arguments): \(outcome.errors)")
      #expect(outcome.errors.contains("it is \(words)"), "\(arguments): \(outcome.errors)")
      #expect(bench.folder.files(in: "out") == [])
    }
    try bench.folder.write("\(name)\nin/a.npy\n", to: "list")
    for arguments in [["@list"], [name, "in/a.npy"], ["in/a.npy", name, "./\(name)"]] {
      let outcome = try Command.run(
        ["run", "copy.json", "--output", "out-\(arguments.count)"] + arguments,
        in: bench.folder.path)
      #expect(outcome.status == 65, "\(arguments): \(outcome.errors)")
      let isTold = outcome.errors.contains("\(name): expected a regular file, found \(words)")
      #expect(isTold, "\(arguments): \(outcome.errors)")
      // Names of a list count from its folder.
      let isList = arguments == ["@list"]
      let outputs = bench.folder.outputs(in: "out-\(arguments.count)")
      #expect(outputs == [isList ? "in/a.npy" : "a.npy"])
    }
  }

  @Test("Of several paths, one that is there and leads nowhere fails by itself")
  func nowhere() throws {
    let bench = try Workbench()
    symlink("loop", bench.folder.path("loop"))
    for path in ["loop", "loop/x.npy", "\(String(repeating: "long", count: 1100))/x.npy"] {
      let alone = try bench.run("--input", path)
      #expect(alone.status == 66, "\(alone.errors)")
      let both = try bench.run(
        "--input", path, "--input", "in", "--output", "out\(path.utf8.count)")
      // A name that is too long for any file is a slip.
      let isSlip = path.hasPrefix("long")
      #expect(both.status == (isSlip ? 66 : 65), "\(both.errors)")
      #expect(bench.folder.outputs(in: "out\(path.utf8.count)").count == (isSlip ? 0 : 3))
    }
    let missing = try bench.run("--input", "in", "--input", "missing.npy")
    #expect(missing.status == 66 && bench.folder.files(in: "out") == [], "\(missing.errors)")
  }

  @Test("A link to nothing that is an input is not replaced", arguments: [[], ["--overwrite"]])
  func replaced(_ arguments: [String]) throws {
    let bench = try Workbench(["a.npy"])
    try bench.writePipeline(encode: #", "name": "{stem}-{ext}.npy""#)
    for name in ["place/a-npy.npy", "place/b-npy.npy"] { try bench.folder.write("", to: name) }
    unlink(bench.folder.path("place/a-npy.npy"))
    symlink("nothing.npy", bench.folder.path("place/a-npy.npy"))
    let outcome = try Command.run(
      ["run", "copy.json", "in/a.npy", "place/a-npy.npy", "--output", "place"] + arguments,
      in: bench.folder.path)
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("conflict"), "\(outcome.errors)")
    var status = stat()
    #expect(lstat(bench.folder.path("place/a-npy.npy"), &status) == 0)
    #expect(status.st_mode & S_IFMT == S_IFLNK)
  }

  @Test("A folder that is named itself may be a link, and globs go by the folder they begin at")
  func named() throws {
    let bench = try bench()
    symlink("elsewhere", bench.folder.path("linked"))
    #expect(try bench.run("--input", "linked").status == 0)
    #expect(bench.folder.outputs(in: "out") == ["c.npy", "more/d.npy"])
    let glob = try bench.run("--input", "in/outside/*.npy", "--output", "globbed")
    #expect(glob.status == 0 && bench.folder.outputs(in: "globbed") == ["d.npy"])
    let star = try bench.run("--input", "in/*/d.npy", "--output", "starred")
    #expect(star.status == 66 && star.errors.contains("follow_links"), "\(star.errors)")
  }
}
