import Foundation
import Glibc
import Testing

/// Half files of killed runs: those of the output folder go, and none behind a link.
@Suite struct LeftoverTests {
  private static let half = Array("half a file".utf8)

  @Test("Half files in folders of outputs go, those behind links below the root stay")
  func links() throws {
    let bench = try Workbench(["a.npy", "sub/b.npy", "linked/c.npy", "linked/deep/d.npy"])
    let gone = ["out/.a.npy.tessera-part", "out/sub/.x.png.tessera-part"]
    let kept = [
      "elsewhere/.c.npy.tessera-part", "elsewhere/deep/.d.npy.tessera-part",
      "elsewhere/deep/.y.npy.0123456789abcdef.tessera-part",
    ]
    for name in gone + kept { try bench.folder.write(Self.half, to: name) }
    symlink("../elsewhere", bench.folder.path("out/linked"))
    let stamps = bench.folder.stamps(of: kept)
    for arguments in [[], ["--overwrite"], ["--no-lock"]] {
      let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
      #expect(outcome.status == 65, "\(outcome.errors)")
      #expect(bench.folder.stamps(of: kept) == stamps, "\(arguments)")
      #expect(bench.folder.files(in: "elsewhere").count == kept.count)
      for name in gone { #expect(access(bench.folder.path(name), F_OK) != 0, "\(name)") }
    }
  }

  @Test("What a killed run has begun stays where its folder has given way to a link")
  func movedFolder() throws {
    let bench = try Workbench(["a.npy", "was/b.npy", "was/deep/c.npy"])
    let killed = try Command.run(
      ["run", "copy.json", "--jobs", "1"], in: bench.folder.path,
      environment: FaultyCalls.environment(
        .init(call: "rename", number: 1, code: FaultyCalls.kill), below: "out"))
    #expect(killed.status == 128 + SIGKILL)
    let halves = bench.halfFiles()
    #expect(halves.count { $0.contains(".npy") } == 3, "\(halves)")
    let out = bench.folder.path("out")
    #expect(rename("\(out)/was", bench.folder.path("elsewhere")) == 0)
    symlink("../elsewhere", "\(out)/was")
    let before = bench.folder.files(in: "elsewhere")
    try #require(before.count == 2)
    for name in ["was/b.npy", "was/deep/c.npy"] { unlink(bench.folder.path("in/\(name)")) }
    #expect(try bench.run().status == 0)
    #expect(bench.folder.files(in: "elsewhere") == before)
    #expect(bench.halfFiles().filter { !$0.hasPrefix("was/") } == [])
    // Once the folder is a folder again, they go.
    unlink("\(out)/was")
    #expect(rename(bench.folder.path("elsewhere"), "\(out)/was") == 0)
    #expect(try bench.run().status == 0)
    #expect(bench.halfFiles() == [])
  }

  @Test("An output root that is a link itself is cleaned as any other")
  func linkedRoot() throws {
    let bench = try Workbench(["a.npy", "sub/b.npy"])
    let gone = ["elsewhere/.a.npy.tessera-part", "elsewhere/sub/.b.npy.tessera-part"]
    for name in gone { try bench.folder.write(Self.half, to: name) }
    symlink("elsewhere", bench.folder.path("out"))
    #expect(try bench.run().status == 0)
    for name in gone { #expect(access(bench.folder.path(name), F_OK) != 0, "\(name)") }
  }
}
