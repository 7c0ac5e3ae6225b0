import Foundation
import Glibc
import Testing

/// Files of somebody's where a run would keep its own, and what is left of a run's.
@Suite struct ForeignRecordsTests {
  /// Where records may be, and how a run comes to have them there.
  static let places: [(file: String, arguments: [String])] = [
    ("state/records", ["--state", "state"]), ("out/.tessera-records", []),
    ("other/.tessera-records", ["-o", "other"]),
  ]

  private static let picture = Picture.noise(width: 6, height: 5, channels: 3, seed: 4)

  /// What is no record.
  static let contents: [[UInt8]] = [
    Array("my own list\n".utf8), Array("read me\nand this\n".utf8), Array("notes".utf8),
    Array("reads".utf8), Array("seen".utf8), Array("record of a journey\n".utf8), [0, 0, 7],
    picture.png(), Array("{}\n".utf8), Array("done\n".utf8), Array("done\twashing\n".utf8),
  ]

  @Test(
    "A file that is called as records are stays as it is, and the way out that is told works",
    arguments: places.map(\.file), contents)
  func foreign(_ file: String, _ content: [UInt8]) throws {
    let bench = try Workbench()
    try bench.folder.write(content, to: file)
    let arguments = try #require(Self.places.first { $0.file == file }).arguments
    for more in [[], ["--overwrite"], ["--dry-run"]] {
      let outcome = try Command.run(
        ["run", "copy.json"] + arguments + more, in: bench.folder.path)
      #expect(outcome.status == 73 && outcome.errors.contains("'\(file)'"), "\(outcome.errors)")
      #expect(!outcome.errors.contains("--overwrite"))
      #expect(try bench.folder.bytes(file) == content)
      let option = file.hasPrefix("state") ? "--state" : "--output"
      #expect(outcome.errors.contains("move it, or give another \(option)\n"))
    }
    let option = file.hasPrefix("state") ? "--state" : "--output"
    #expect(try bench.run(option, "elsewhere").status == 0)
    #expect(rename(bench.folder.path(file), bench.folder.path("moved")) == 0)
    #expect(
      try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path).status == 0)
    #expect(try bench.folder.bytes("moved") == content)
  }

  @Test(
    "What is left of records where a run was killed or power failed is taken for them",
    arguments: places.map(\.file),
    [
      "", "r", "rec", "record\tdone\trec", "s", "see\t../o", "done\ta.np",
      "done\ta.npy\t1\n\n\tnonsense", "\0\0\0",
      "\0\0record\tst",
    ])
  func torn(_ file: String, _ text: String) throws {
    let bench = try Workbench()
    try bench.folder.write(text, to: file)
    let arguments = try #require(Self.places.first { $0.file == file }).arguments
    let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  @Test("The folder of another encode is held to the same")
  func otherFolder() throws {
    for content in Self.contents {
      let bench = try Workbench()
      try bench.writePipeline([#"{ "stage": "encode", "path": "e2", "format": "npy" }"#])
      try bench.folder.write(content, to: "e2/.tessera-records")
      for more in [["--dry-run"], [], ["--json"]] {
        let outcome = try Command.run(["run", "copy.json"] + more, in: bench.folder.path)
        #expect(outcome.status == 73, "\(outcome.errors)")
        #expect(outcome.errors.contains("'e2/.tessera-records'"), "\(outcome.errors)")
        #expect(try bench.folder.bytes("e2/.tessera-records") == content)
      }
      #expect(bench.folder.outputs(in: "out") == [])
    }
  }

  @Test("A lock is locked and never written: whatever is in it stays")
  func lock() throws {
    for (file, arguments) in [("out/.tessera-lock", []), ("s/lock", ["--state", "s"])] {
      let bench = try Workbench()
      try bench.folder.write(Self.picture.png(), to: file)
      for _ in 0..<2 {
        let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      #expect(try bench.folder.bytes(file) == Self.picture.png())
    }
  }

  @Test("In a folder that is called as that of version 0.1, only what is of that version goes")
  func firstVersion() throws {
    let bench = try Workbench()
    try bench.folder.write("my notes\n", to: "out/.tessera/records")
    try bench.folder.write("mine", to: "out/.tessera/lock")
    #expect(try bench.run().status == 0)
    #expect(try bench.folder.bytes("out/.tessera/records") == Array("my notes\n".utf8))
    #expect(try bench.folder.bytes("out/.tessera/lock") == Array("mine".utf8))
    for name in ["records", "lock"] { try bench.folder.write("", to: "out/.tessera/\(name)") }
    #expect(try bench.run().status == 0)
    #expect(!bench.folder.files(in: "out").contains { $0.hasPrefix(".tessera/") })
  }

  @Test("A report of somebody's is told with a way out that works")
  func report() throws {
    let cases: [(file: String, arguments: [String], wayOut: [String])] = [
      ("out/report.jsonl", [], ["--output", "new"]),
      ("s/report.jsonl", ["-o", "x.npy", "--state", "s"], ["--state", "new"]),
    ]
    for (file, arguments, wayOut) in cases {
      let bench = try Workbench(["a.npy"])
      try bench.folder.write("mine\n", to: file)
      func run(_ more: [String]) throws -> Command.Outcome {
        try Command.run(["run", "copy.json"] + more, in: bench.folder.path)
      }
      let outcome = try run(arguments)
      #expect(outcome.status == 73, "\(outcome.errors)")
      #expect(
        outcome.errors.contains("use --overwrite to replace it, or another \(wayOut[0])\n"),
        "\(outcome.errors)")
      #expect(try bench.folder.bytes(file) == Array("mine\n".utf8))
      let others = wayOut[0] == "--state" ? Array(arguments.prefix(2)) : []
      #expect(try run(others + wayOut).status == 0)
      #expect(try run(arguments + ["--overwrite"]).status == 0)
    }
  }
}
