import Foundation
import Testing

/// Few files that a process may have open at once.
@Suite struct FileLimitTests {
  /// Has the number of open files limited: to one that the process may raise, and to one that stays;
  /// those that the tests have open themselves are closed.
  private static func limiting(_ soft: Int, _ hard: Int) -> [String] {
    let close =
      "for file in /proc/$$/fd/*; do file=${file##*/}; "
      + "[ $file -gt 2 ] && eval \"exec $file>&-\"; done"
    let limit = "ulimit -Sn \(soft) && ulimit -Hn \(hard)"
    return ["bash", "-c", "\(close); \(limit) && exec \"$@\"", "bash"]
  }

  @Test(
    "However few files may be open, all of many small images are done",
    arguments: [(24, 1), (40, 1), (40, 4), (64, 4), (100, 8)])
  func manyImages(_ limit: Int, _ jobs: Int) throws {
    let count = 200
    let bench = try Workbench((0..<count).map { "\($0).npy" })
    try bench.writePipeline([#"{ "stage": "encode", "path": "out", "format": "png" }"#])
    let outcome = try bench.run("--jobs", "\(jobs)", through: Self.limiting(limit, limit))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out").count == 2 * count)
    for number in [0, 99, 199] {
      let isSame =
        try bench.folder.bytes("out/\(number).npy") == bench.folder.bytes("in/\(number).npy")
      #expect(isSame)
    }
  }

  @Test("What a process may raise is raised, and what needs more than that fails by its name")
  func manyChannels() throws {
    let bench = try Workbench(["a.npy", "z.npy"])
    let shape = [100, 3, 4]
    try bench.folder.write(
      NPYFile.file(descriptor: "|u1", shape: shape) + [UInt8](repeating: 7, count: 1200),
      to: "in/many.npy")
    try bench.folder.write(
      pipeline(load: #""path": "in""#, encode: #""path": "out", "format": "png""#),
      to: "copy.json")
    let refused = try bench.run("--jobs", "1", through: Self.limiting(40, 40))
    #expect([65, 73, 74].contains(refused.status) && !refused.hasCrashed, "\(refused.errors)")
    #expect(refused.errors.contains("Too many open files"), "\(refused.errors)")
    #expect(try bench.sources("failed") == ["many.npy"])
    #expect(bench.halfFiles() == [])
    let outcome = try bench.run("--jobs", "1", through: Self.limiting(40, 4096))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out").count == 102)
  }

  @Test("An image may give more pictures than may be open, and none appears before all are whole")
  func manyTiles() throws {
    let bench = try Workbench(["a.npy"])
    try bench.write("a.npy", seed: 1, height: 24, width: 25)
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "unfold", "kernel_size": 1 }"#],
        encode: #""path": "out", "format": "imagefolder""#), to: "copy.json")
    let outcome = try bench.run("--jobs", "1", through: Self.limiting(40, 40))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.files(in: "out").count { $0.hasSuffix(".png") } == 600)
    #expect(bench.halfFiles() == [])
  }
}
