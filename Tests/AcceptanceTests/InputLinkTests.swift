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
