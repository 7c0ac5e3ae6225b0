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

  @Test(
    "What a killed command of a single file has left goes with the next one",
    arguments: [
      ["fit", "copy.json", "--output", "one.safetensors"], ["bank", "laws", "--png", "one.png"],
      ["inspect", "in/a.npy", "--grid", "one.png"],
      ["kernel-matrix", "copy.json", "--size", "6x6x1", "--output", "one.npy"],
    ])
  func singleFile(_ arguments: [String]) throws {
    let bench = try Workbench(["a.npy"])
    try bench.writePipeline([
      #"{ "stage": "unfold", "kernel_size": 2, "stride": 2 }"#,
      #"{ "stage": "transform.reduce", "kind": "mean" }"#,
    ])
    if arguments[0] == "kernel-matrix" {
      try bench.writePipeline([#"{ "stage": "convolve", "kernels": [[1, 2], [3, 4]] }"#])
    }
    let name = try #require(arguments.last)
    try bench.folder.write("half", to: ".\(name).tessera-part")
    try bench.folder.write("half", to: ".other.png.0123456789abcdef.tessera-part")
    let outcome = try Command.run(arguments, in: bench.folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.files().filter { $0.hasSuffix("tessera-part") } == [])
    #expect(bench.folder.files().contains(name))
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
