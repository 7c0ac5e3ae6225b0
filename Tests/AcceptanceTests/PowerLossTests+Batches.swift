import Foundation
import Glibc
import Testing

/// What is on the disk when many files get their names together.
extension PowerLossTests {
  @Test(
    "Records tell that outputs are done once their names are on the disk, and no sooner",
    arguments: [2, 3])
  func namesBeforeRecords(_ number: Int) throws {
    let bench = try Workbench((0..<1000).map { "\($0).npy" })
    let fault = FaultyCalls.Fault(call: "syncfs", number: number, code: FaultyCalls.kill)
    let killed = try Command.run(
      ["run", "copy.json"], in: bench.folder.path,
      environment: FaultyCalls.environment(fault, below: "out", log: bench.folder.path("log")))
    #expect(killed.hasCrashed)
    let calls = try FaultyCalls.calls(in: bench.folder.path("log"))
    try #require(calls.count { $0.name == "syncfs" } == number)
    // Names are brought to the disk with the files of the next ones, or with their folder.
    let steps = calls.filter {
      ["rename", "syncfs"].contains($0.name) || $0.name == "fsync" && $0.path.hasSuffix("/out")
    }.map(\.name)
    let made = steps[(try #require(steps.firstIndex(of: "syncfs")))...]
    // The last one was not made any more.
    let lasting = made[..<(try #require(made.dropLast().lastIndex { $0 != "rename" }))]
      .count { $0 == "rename" }
    let names = made.count { $0 == "rename" }
    let lines = String(decoding: try bench.folder.bytes("out/.tessera-records"), as: UTF8.self)
      .split(separator: "\n")
    #expect(lines.count { $0.hasPrefix("record\tdone\t") } == lasting)
    #expect(names > lasting)
    // What has brought files to the disk has brought the names before them there, too.
    #expect(!zip(made, made.dropFirst()).contains { $0 == ("syncfs", "fsync") })
    #expect(lines.count { $0.hasPrefix("record\tstarted\t") } > names)
    #expect(try bench.run().status == 0)
    #expect(try bench.contents().count == 1000)
    let again = try bench.run()
    #expect(again.status == 0 && again.errors.contains("1000 done before"))
  }

  @Test(
    "Where a file system may not bring all to the disk at once, each file and folder is asked for",
    arguments: ["fstatfs", "syncfs"])
  func oneByOne(_ call: String) throws {
    let names = (0..<70).map { "sub\($0 % 2)/\($0).npy" }
    let bench = try Workbench(names)
    let outcome = try Command.run(
      ["run", "copy.json", "--jobs", "1"], in: bench.folder.path,
      environment: FaultyCalls.environment(
        .init(call: call, code: EIO), below: "out", log: bench.folder.path("log")))
    #expect(outcome.status == 0, "\(outcome.errors)")
    let calls = try FaultyCalls.calls(in: bench.folder.path("log"))
    #expect(!calls.contains { $0.name == "syncfs" && !$0.failed })
    for name in names {
      let file = (name as NSString).lastPathComponent
      let rename = try #require(
        calls.firstIndex { $0.name == "rename" && $0.path.hasSuffix("/\(name)") })
      let part = "/.\(file).tessera-part"
      #expect(
        calls[..<rename].contains { $0.name == "fsync" && $0.path.hasSuffix(part) }, "\(name)")
      let folder = (name as NSString).deletingLastPathComponent
      let named = calls[rename...].firstIndex {
        $0.name == "fsync" && $0.path.hasSuffix("out/\(folder)")
      }
      #expect(named != nil, "\(name)")
    }
  }

  @Test("What a file system calls cancelled is a failure, for nobody has ended the run")
  func cancelledByFileSystem() throws {
    let bench = try Workbench()
    let outcome = try Command.run(
      ["run", "copy.json", "--jobs", "1"], in: bench.folder.path,
      environment: FaultyCalls.environment(
        .init(call: "read", code: ECANCELED, path: ".b.npy.tessera-part"), below: "out"))
    #expect(outcome.status != 0 && outcome.errors.contains("b.npy"), "\(outcome.errors)")
    #expect(try bench.sources("failed") == ["b.npy"])
    #expect(try bench.run().status == 0)
  }
}
