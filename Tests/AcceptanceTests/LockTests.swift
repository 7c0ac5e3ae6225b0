import Foundation
import Glibc
import Testing

/// The lock that keeps a second run out of a folder, and what is looked at before it is taken.
@Suite struct LockTests {
  private static func run(
    _ bench: Workbench, _ code: Int32, _ more: String...
  ) throws -> Command.Outcome {
    try Command.run(
      ["run", "copy.json"] + more, in: bench.folder.path,
      environment: FaultyCalls.environment(
        .init(call: "flock", code: code, path: ".tessera-lock"), below: "out"))
  }

  @Test(
    "A file system without locks is told of and refused, unless --no-lock says that it may be",
    arguments: [ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL])
  func noLocks(_ code: Int32) throws {
    let bench = try Workbench()
    let refused = try Self.run(bench, code)
    #expect(refused.status == 73, "\(refused.errors)")
    #expect(refused.errors.contains("cannot lock 'out/.tessera-lock'"), "\(refused.errors)")
    #expect(refused.errors.contains("--no-lock"), "\(refused.errors)")
    // Nothing has been made, not even the folder.
    #expect(!bench.folder.files().contains { $0.hasPrefix("out") })
    let taken = try Self.run(bench, code, "--no-lock")
    #expect(taken.status == 0 && taken.errors.contains("file system without locks"))
    #expect(try bench.contents().count == 3)
  }

  @Test("A lock that cannot be had for another reason is refused", arguments: [EIO, ENOMEM, EBADF])
  func failed(_ code: Int32) throws {
    let bench = try Workbench()
    for outcome in [try Self.run(bench, code), try Self.run(bench, code, "--no-lock")] {
      #expect(outcome.status == 73 && outcome.errors.contains("cannot lock 'out/.tessera-lock'"))
      #expect(!bench.folder.files().contains { $0.hasPrefix("out") })
    }
  }

  @Test("A folder that another run takes away again is made anew", arguments: ["open", "mkdir"])
  func folderGone(_ call: String) throws {
    let bench = try Workbench()
    let path = call == "open" ? ".tessera-lock" : "out/a/b"
    let outcome = try Command.run(
      ["run", "copy.json", "-o", "out/a/b"], in: bench.folder.path,
      environment: FaultyCalls.environment(
        // The first attempt at a folder finds that those above it are missing.
        .init(call: call, number: call == "open" ? 1 : 2, code: ENOENT, path: path), below: "out"))
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(bench.folder.files().filter { $0.hasSuffix(".npy") || $0.hasSuffix(".png") }.count > 3)
  }

  @Test("A lock that another run holds is 75, also with --no-lock")
  func held() throws {
    let bench = try Workbench()
    for more in [[], ["--no-lock"]] {
      let outcome = try Command.run(
        ["run", "copy.json"] + more, in: bench.folder.path,
        environment: FaultyCalls.environment(
          .init(call: "flock", code: EWOULDBLOCK, path: ".tessera-lock"), below: "out"))
      #expect(outcome.status == 75 && outcome.errors.contains("another run"))
      #expect(try bench.contents() == [:])
    }
  }

  @Test("Nothing is looked at in a folder that another run holds")
  func lockFirst() throws {
    let bench = try Workbench()
    // Each of these would be refused otherwise.
    try bench.folder.write("mine", to: "out/report.jsonl")
    try bench.folder.write("x", to: "out/.tessera-records")
    #expect(try Self.run(bench, EWOULDBLOCK).status == 75)
    unlink(bench.folder.path("out/.tessera-lock"))
    #expect(try bench.run().status == 73)
    // What was made for a run that is refused is taken away again.
    #expect(bench.folder.files(in: "out").sorted() == [".tessera-records", "report.jsonl"])
  }
}
