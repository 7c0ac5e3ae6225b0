import Foundation
import Glibc
import Testing

/// Outputs appear whole or not at all, and nothing but an output is ever replaced.
@Suite struct AtomicOutputTests {
  private static let old = Array("what was there before".utf8)

  /// Bytes without a pattern, which no format makes much smaller.
  private static func noise(height: Int, width: Int) -> [UInt8] {
    var state: UInt32 = 7
    return NPYFile.file(descriptor: "|u1", shape: [height, width])
      + (0..<height * width).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return UInt8(state >> 24)
      }
  }

  private static let formats = [("npy", "npy"), ("png", "png"), ("jpeg", "jpg")]

  @Test(
    "A disk that refuses the rest of a file leaves the old one, or none",
    arguments: formats, [true, false])
  func fullDisk(_ format: (String, String), _ isThere: Bool) throws {
    let bench = try Workbench([])
    try bench.folder.write(Self.noise(height: 500, width: 500), to: "in/large.npy")
    try bench.write("small.npy", seed: 1)
    try bench.folder.write(
      pipeline(load: #""path": "in""#, encode: #""path": "out", "format": "\#(format.0)""#),
      to: "copy.json")
    if isThere { try bench.folder.write(Self.old, to: "out/large.\(format.1)") }
    let outcome = try bench.run("--overwrite", through: Wrapper.limitingFiles)
    #expect(outcome.status == 74 && !outcome.hasCrashed, "\(outcome.errors)")
    #expect(outcome.errors.contains("File too large"), "\(outcome.errors)")
    let contents = try bench.contents()
    #expect(contents["large.\(format.1)"] == (isThere ? Self.old : nil))
    #expect(contents.count == (isThere ? 2 : 1) && contents["small.\(format.1)"] != nil)
    let line = try #require(try bench.folder.report().first)
    #expect(line.failureKind == "write" && line.outputs.isEmpty)
    // Where there is room, the next run makes it.
    #expect(try bench.run("--overwrite").status == 0)
    #expect(try bench.contents().values.allSatisfy { $0 != Self.old && !$0.isEmpty })
  }

  @Test(
    "An input that is damaged at its end leaves the old file, or none",
    arguments: ["chelsea-rgb.png", "astronaut.jpg"], [true, false])
  func damage(_ sample: String, _ isThere: Bool) throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](
      try Data(contentsOf: URL(fileURLWithPath: Repository.sample(sample))))
    try folder.write(bytes.dropLast(300), to: "in/" + sample)
    try folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "encode", "path": "one" }"#],
        encode: #""path": "two", "format": "npy""#), to: "copy.json")
    let stem = sample.prefix { $0 != "." }
    let names = ["one/\(stem).png", "two/\(stem).npy"]
    if isThere { for name in names { try folder.write(Self.old, to: name) } }
    let outcome = try Command.run(["run", "copy.json", "--overwrite"], in: folder.path)
    #expect(outcome.status == 65, "\(outcome.errors)")
    for name in names { #expect((try? folder.bytes(name)) == (isThere ? Self.old : nil)) }
    #expect(folder.outputs(in: "one").count == (isThere ? 1 : 0))
    #expect(folder.outputs(in: "two").count == (isThere ? 1 : 0))
  }

  /// Two outputs for each input, of which one cannot be: where the first one stands decides nothing.
  private static let twoOutputs = [
    [
      #"{ "stage": "encode", "path": "one", "format": "png" }"#, #""path": "two", "format": "npy""#,
    ],
    [
      #"{ "stage": "encode", "path": "two", "format": "npy" }"#, #""path": "one", "format": "png""#,
    ],
  ]

  @Test("Of two outputs either both appear or none", arguments: twoOutputs, ["created", "written"])
  func both(_ stages: [String], _ obstacle: String) throws {
    let bench = try Workbench([])
    // One value all over: small as a PNG file, too large as an array.
    let values = [UInt8](repeating: 9, count: 500 * 500)
    try bench.folder.write(
      NPYFile.file(descriptor: "|u1", shape: [500, 500]) + values, to: "in/a.npy")
    try bench.folder.write(
      pipeline(load: #""path": "in""#, [stages[0]], encode: stages[1]), to: "copy.json")
    for name in ["one/a.png", "two/a.npy"] { try bench.folder.write(Self.old, to: name) }
    if obstacle == "created" { chmod(bench.folder.path("two"), 0o500) }
    defer { chmod(bench.folder.path("two"), 0o700) }
    let outcome = try bench.run(
      "--overwrite", "--state", "state",
      through: obstacle == "written" ? Wrapper.limitingFiles : Wrapper.heedingPermissions)
    #expect(outcome.status == (obstacle == "written" ? 74 : 73), "\(outcome.errors)")
    for name in ["one/a.png", "two/a.npy"] {
      #expect(try bench.folder.bytes(name) == Self.old, "\(name)")
    }
    #expect(bench.folder.outputs(in: "one") == ["a.png"])
  }

  @Test("Where the last of two outputs cannot have its name, the first does not appear")
  func lateRefusal() throws {
    let bench = try Workbench(["a.npy"])
    let long = String(repeating: "x", count: 260)
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "encode", "path": "one", "format": "npy" }"#],
        encode: #""path": "two", "format": "npy", "name": "\#(long).npy""#), to: "copy.json")
    let outcome = try bench.run()
    #expect(outcome.status == 73 && outcome.errors.contains("File name too long"))
    #expect(bench.folder.outputs(in: "two") == [])
    #expect(bench.folder.outputs(in: "one") == [])
  }

  @Test("A link inside the output folder is not written through")
  func linkInside() throws {
    let bench = try Workbench(["a.npy", "sub/b.npy"])
    try bench.folder.write("x", to: "elsewhere/x")
    try bench.folder.write("x", to: "out/x")
    symlink("../elsewhere", bench.folder.path("out/sub"))
    let outcome = try bench.run()
    #expect(outcome.status == 65 && bench.folder.files(in: "elsewhere") == ["x"])
    #expect(
      outcome.errors.contains("'sub/b.npy' would be written through 'sub', a link inside"),
      "\(outcome.errors)")
    #expect(bench.folder.outputs(in: "out").contains("a.npy"))
    // A dry run tells the same, and the output folder itself may be a link.
    #expect(try bench.run("--dry-run").errors.contains("would be written through 'sub'"))
    symlink("elsewhere", bench.folder.path("linked"))
    #expect(try bench.run("--output", "linked").status == 0)
    #expect(bench.folder.files(in: "elsewhere").contains("sub/b.npy"))
  }

  @Test(
    "A report that no run has written stays, and keeps the run from work",
    arguments: [
      "an old file", "{\"name\": 1}\n", "[]", "\n", "{ \"source\": \"a\" }",
      "{\"source\":\"a\",\"text\":\"b\"}\n",
      "{\"source\":\"a\",\"status\":\"ok\",\"error\":null}\n",
      "{\"source\":\"a\",\"status\":\"good\",\"error\":null,\"outputs\":[],\"seconds\":1}\n",
      "{\"source\":\"a\",\"status\":\"ok\",\"error\":null,\"outputs\":[],\"seconds\":1}\nmine\n",
      "{\"source\":\"a\",\"status\":\"ok\",\"error\":null,\"outputs\":[],\"seconds\":1}\n# a note",
    ])
  func foreignReport(_ text: String) throws {
    let bench = try Workbench()
    try bench.folder.write(text, to: "out/report.jsonl")
    let outcome = try bench.run()
    #expect(outcome.status == 73 && outcome.errors.contains("'out/report.jsonl' exists already"))
    #expect(try bench.folder.bytes("out/report.jsonl") == Array(text.utf8))
    #expect(bench.folder.files(in: "out") == ["report.jsonl"])
    #expect(try bench.run("--overwrite").status == 0)
    #expect(try bench.folder.report().count == 3)
    unlink(bench.folder.path("out/.tessera-records"))
    // One of our own is known without the records.
    #expect(try bench.run().status == 0)
  }

  @Test("An input that has the name of the report is never replaced")
  func inputAsReport() throws {
    let bench = try Workbench()
    try bench.folder.write(Workbench.array(seed: 5), to: "out/report.jsonl")
    let outcome = try bench.run("-i", "out/report.jsonl", "--overwrite")
    #expect(outcome.status == 73 && outcome.errors.contains("would replace the input"))
    #expect(try bench.folder.bytes("out/report.jsonl") == Workbench.array(seed: 5))
  }

  @Test(
    "A link where an output goes is replaced when that is asked for, never what it leads to",
    arguments: ["elsewhere", "nowhere"])
  func link(_ target: String) throws {
    let bench = try Workbench()
    try bench.folder.write(Self.old, to: "elsewhere")
    try bench.folder.write("x", to: "out/x")
    symlink(bench.folder.path(target), bench.folder.path("out/b.npy"))
    let refused = try bench.run()
    #expect(refused.status == 65 && refused.errors.contains("'b.npy' exists already"))
    #expect(try bench.sources("failed") == ["b.npy"])
    #expect(try bench.run("--overwrite").status == 0)
    #expect(try bench.folder.bytes("elsewhere") == Self.old)
    #expect(access(bench.folder.path("nowhere"), F_OK) != 0)
    let attributes = try FileManager.default.attributesOfItem(
      atPath: bench.folder.path("out/b.npy"))
    #expect(attributes[.type] as? FileAttributeType == .typeRegular)
    #expect(try bench.folder.bytes("out/b.npy") == bench.folder.bytes("in/b.npy"))
  }

  @Test(
    "An input is never replaced, by whatever name an output leads to it",
    arguments: ["link", "hard link", "link to another input"])
  func input(_ kind: String) throws {
    let bench = try Workbench()
    try bench.folder.write("x", to: "out/x")
    let input = kind == "link to another input" ? "in/c.npy" : "in/b.npy"
    let (from, to) = (bench.folder.path(input), bench.folder.path("out/b.npy"))
    #expect((kind == "hard link" ? Glibc.link(from, to) : symlink(from, to)) == 0)
    let before = bench.folder.stamps(of: ["in/a.npy", "in/b.npy", "in/c.npy"])
    for arguments in [[], ["--overwrite"]] {
      let outcome = try Command.run(["run", "copy.json"] + arguments, in: bench.folder.path)
      #expect(outcome.status == 73, "\(outcome.errors)")
      #expect(outcome.errors.contains("would replace the input '\(input)'"))
      #expect(bench.folder.stamps(of: before.keys.sorted()) == before)
      #expect(bench.folder.outputs(in: "out") == ["b.npy", "x"])
    }
  }

  @Test("A link to a folder may stand for the output folder, and what it holds is done")
  func linkedFolder() throws {
    let bench = try Workbench()
    try bench.folder.write("x", to: "elsewhere/x")
    symlink("elsewhere", bench.folder.path("out"))
    #expect(try bench.run().status == 0)
    #expect(bench.folder.outputs(in: "elsewhere") == ["a.npy", "b.npy", "c.npy", "x"])
    #expect(try bench.run("--output", "elsewhere").errors.contains("3 done before"))
  }

  @Test(
    "Links planted under the names of half files are not followed",
    arguments: ["a.npy", "report.jsonl"])
  func planted(_ name: String) throws {
    let bench = try Workbench()
    try bench.folder.write(Self.old, to: "precious")
    try bench.folder.write("x", to: "out/x")
    symlink(bench.folder.path("precious"), bench.folder.path("out/.\(name).tessera-part"))
    #expect(try bench.run().status == 0)
    #expect(try bench.folder.bytes("precious") == Self.old)
    #expect(try bench.folder.bytes("out/a.npy") == bench.folder.bytes("in/a.npy"))
    #expect(try bench.folder.report().count == 3)
    #expect(bench.halfFiles() == [])
  }

  @Test("A report that is a link may be replaced, what it leads to may not")
  func linkedReport() throws {
    let bench = try Workbench()
    try bench.folder.write(Self.old, to: "precious")
    try bench.folder.write("x", to: "out/x")
    symlink(bench.folder.path("precious"), bench.folder.path("out/report.jsonl"))
    _ = try bench.run("--overwrite")
    #expect(try bench.folder.bytes("precious") == Self.old)
    #expect(try bench.folder.report().count == 3)
  }

  @Test(
    "A half file that the system does not tell of is not left behind",
    arguments: [
      ("fstat", 1), ("fstat", 2), ("lstat", 1), ("lstat", 3), ("fstat", 0), ("lstat", 0),
    ],
    [EIO, ENOMEM])
  func unknown(_ call: (name: String, number: Int), _ code: Int32) throws {
    let bench = try Workbench()
    let fault = FaultyCalls.Fault(
      call: call.name, number: call.number, code: code, path: ".tessera-part")
    let outcome = try Command.run(
      ["run", "copy.json", "--output", bench.folder.path("out")], in: bench.folder.path,
      environment: FaultyCalls.environment(fault, below: bench.folder.path("out")))
    #expect(!outcome.hasCrashed && (call.number == 0 || outcome.status == 0), "\(outcome.errors)")
    #expect(bench.halfFiles() == [], "\(outcome.errors)")
  }

  @Test(
    "Outputs have the permissions that the user's mask leaves",
    arguments: [("000", 0o666), ("022", 0o644), ("077", 0o600)])
  func permissions(_ mask: String, _ expected: Int) throws {
    let bench = try Workbench()
    #expect(try bench.run(through: ["sh", "-c", "umask \(mask); exec \"$@\"", "sh"]).status == 0)
    for name in ["out/a.npy", "out/report.jsonl"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: bench.folder.path(name))
      #expect(attributes[.posixPermissions] as? Int == expected, "\(name)")
    }
  }
}
