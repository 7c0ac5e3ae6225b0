import Foundation
import Glibc
import Testing

/// A dry run refuses what the run would refuse before its first input, in the same words.
@Suite struct DryRunRefusalTests {
  struct Obstacle: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var arguments: [String] = []
    var path = "out"
    var wrapper: [String] = []
    let prepare: @Sendable (TemporaryFolder) throws -> Void
  }

  private static let obstacles: [Obstacle] = [
    Obstacle(testDescription: "somebody's report") {
      try $0.write("{\"name\": 1}\n", to: "out/report.jsonl")
    },
    Obstacle(testDescription: "somebody's report of a whole folder", arguments: ["-o", "other"]) {
      try $0.write("mine", to: "other/report.jsonl")
    },
    Obstacle(testDescription: "somebody's records", arguments: ["--state", "state"]) {
      try $0.write("my list\n", to: "state/records")
    },
    Obstacle(testDescription: "the output folder is a file") { try $0.write("x", to: "out") },
    Obstacle(testDescription: "a file on the way", arguments: ["-o", "copy.json/out"]) { _ in },
    Obstacle(testDescription: "a link to nothing") { symlink("nowhere", $0.path("out")) },
    Obstacle(testDescription: "the folder of records is a file", arguments: ["--state", "state"]) {
      try $0.write("x", to: "state")
    },
    Obstacle(testDescription: "records that are a link") {
      try $0.write("precious", to: "precious")
      try $0.write("x", to: "out/x")
      symlink("../precious", $0.path("out/.tessera-records"))
    },
    Obstacle(testDescription: "a lock that is a link") {
      try $0.write("precious", to: "precious")
      try $0.write("x", to: "out/x")
      symlink("../precious", $0.path("out/.tessera-lock"))
    },
    Obstacle(testDescription: "a lock that is a folder") {
      try $0.write("x", to: "out/.tessera-lock/x")
    },
    Obstacle(
      testDescription: "a folder that is closed", arguments: ["-o", "closed/deep/out"],
      wrapper: Wrapper.heedingPermissions
    ) {
      try $0.write("x", to: "closed/x")
      chmod($0.path("closed"), 0o500)
    },
    Obstacle(
      testDescription: "an output folder that is closed", wrapper: Wrapper.heedingPermissions
    ) {
      try $0.write("x", to: "out/x")
      chmod($0.path("out"), 0o500)
    },
    Obstacle(testDescription: "a second folder is a file") {
      try $0.write(
        pipeline(
          load: #""path": "in""#, [#"{ "stage": "encode", "path": "out", "format": "npy" }"#],
          encode: #""path": "two", "format": "npy""#), to: "copy.json")
      try $0.write("x", to: "two")
    },
  ]

  @Test("Both end with 73 and the same message", arguments: obstacles)
  func refused(_ obstacle: Obstacle) throws {
    let bench = try Workbench(["a.npy", "sub/b.npy"])
    try obstacle.prepare(bench.folder)
    defer { for name in ["closed", "out"] { chmod(bench.folder.path(name), 0o700) } }
    let before = bench.folder.files()
    let arguments = ["run", "copy.json"] + obstacle.arguments
    let dry = try Command.run(
      arguments + ["--dry-run"], in: bench.folder.path, through: obstacle.wrapper)
    #expect(bench.folder.files() == before)
    let real = try Command.run(arguments, in: bench.folder.path, through: obstacle.wrapper)
    #expect(real.status == 73, "\(real.errors)")
    #expect(dry.status == 73 && dry.errors == real.errors, "\(dry.errors) \(real.errors)")
    #expect(dry.output == "")
  }

  @Test("A file in place of a folder of outputs fails the inputs below it alone, in both")
  func fileForFolder() throws {
    let bench = try Workbench(["a.npy", "sub/b.npy"])
    try bench.folder.write("x", to: "out/sub")
    for outcome in [try bench.run("--dry-run"), try bench.run()] {
      #expect(outcome.status == 73, "\(outcome.errors)")
      #expect(outcome.errors.contains("sub/b.npy: cannot create"), "\(outcome.errors)")
    }
    #expect(bench.folder.outputs(in: "out").contains("a.npy"))
  }

  @Test("What the run may replace or make does not stop a dry run", arguments: [true, false])
  func free(isThere: Bool) throws {
    let bench = try Workbench(["a.npy", "sub/b.npy"])
    if isThere { try bench.folder.write("mine", to: "out/report.jsonl") }
    let before = bench.folder.files()
    #expect(try bench.run("--dry-run", "--overwrite", "-o", "out").status == 0)
    #expect(try bench.run("--dry-run", "--state", "new/state", "-o", "new/out").status == 0)
    #expect(bench.folder.files() == before)
    #expect(try bench.run("--overwrite").status == 0)
    #expect(try bench.run("--dry-run").status == 0)
  }
}
