import Foundation
import Glibc
import Testing

/// A system that refuses one call while inputs are looked for and read.
@Suite(.timeLimit(.minutes(10))) struct FaultyWalkTests {
  /// Inputs of all sorts: by extension, by first bytes, in folders, by links.
  private static func bench() throws -> Workbench {
    let bench = try Workbench(["a.npy", "plain", "deep/b.npy", "deep/er/c.dat", "x [1]/d.npy"])
    try bench.folder.write("no image", to: "in/notes.txt")
    symlink("plain", bench.folder.path("in/linked"))
    symlink("er", bench.folder.path("in/deep/again"))
    try bench.writePipeline(encode: #", "name": "{dir}/{stem}-{ext}.npy""#)
    return bench
  }

  private static let codes = [
    EACCES, EIO, ENOMEM, EMFILE, ENFILE, ELOOP, ENAMETOOLONG, ENOTDIR, ESTALE, ETIMEDOUT, ENOENT,
    EPERM, EINTR, EINVAL, ENXIO, EOVERFLOW,
  ]

  @Test(
    "Of very many folders that cannot be read the first are told of, and how many there are",
    arguments: [[], ["--dry-run"]])
  func manyFolders(_ arguments: [String]) throws {
    let bench = try Workbench(["a.npy"])
    for index in 0..<1100 { try bench.folder.write("", to: "in/\(index).locked/x.npy") }
    let environment = try FaultyCalls.environment(
      .init(call: "opendir", code: EACCES, path: ".locked"), below: bench.folder.path("in"))
    func run(_ more: [String]) throws -> Command.Outcome {
      try Command.run(
        ["run", "copy.json", "--input", bench.folder.path("in")] + arguments + more,
        in: bench.folder.path, environment: environment)
    }
    let told = try run([])
    #expect(told.status == 65, "\(told.errors)")
    #expect(told.errors.contains("/in/0.locked': Permission denied: inputs in it are missing"))
    #expect(told.errors.contains("… and 1090 more folders that cannot be read"))
    let errors = try #require(try run(["--json"]).json?["errors"] as? [[String: Any]])
    #expect(errors.count == 1001)
    let last = errors.last?["message"] as? String
    #expect(last == "… and 100 more folders that cannot be read")
    for index in 11..<1100 {
      try FileManager.default.removeItem(atPath: bench.folder.path("in/\(index).locked"))
    }
    #expect(try run([]).errors.contains("… and 1 more folder that cannot be read"))
    // Where no other input is left, nothing can be done.
    unlink(bench.folder.path("in/a.npy"))
    #expect(try run([]).status == 66)
  }

  @Test(
    "What is learned without the images of a folder that cannot be read is told", arguments: [EIO])
  func learned(_ code: Int32) throws {
    let bench = try Workbench(["a.npy", "deep/b.npy"])
    try bench.writePipeline(["{ \"stage\": \"unfold\", \"kernel_size\": 2 }"])
    let environment = try FaultyCalls.environment(
      .init(call: "readdir", code: code, path: "deep"), below: bench.folder.path("in"))
    let outcome = try Command.run(
      ["fit", "copy.json", "--output", "learned.safetensors", "--json"],
      in: bench.folder.path, environment: environment)
    #expect(outcome.status == 65, "\(outcome.errors)")
    #expect(outcome.errors.contains("inputs in it are missing"), "\(outcome.errors)")
    #expect((outcome.json?["errors"] as? [String])?.count == 1)
    #expect(outcome.json?["images"] as? Int == 1)
  }

  @Test("Where no room is left for linear algebra, fit says so", arguments: [230, 300, 400, 600])
  func noRoom(mebibytes: Int) throws {
    let bench = try Workbench(["a.npy"])
    try bench.writePipeline(["{ \"stage\": \"unfold\", \"kernel_size\": 2 }"])
    let outcome = try Command.run(
      ["fit", "copy.json", "--output", "learned.safetensors", "--jobs", "1"],
      in: bench.folder.path,
      through: [
        "timeout", "--signal", "KILL", "60", "sh", "-c",
        "ulimit -v \(mebibytes * 1024); exec \"$@\"", "sh",
      ])
    #expect(outcome.status == 0 || !outcome.errors.isEmpty, "\(outcome.status)")
    #expect(outcome.status != 137, "\(outcome.errors)")
    if mebibytes == 300 {
      #expect(outcome.errors.contains("256 MiB of addresses"), "\(outcome.errors)")
    }
  }

  @Test(
    "What a call says counts, whatever the memory for its message leaves behind",
    arguments: [
      ("lstat", EIO), ("lstat", EACCES), ("lstat", ESTALE), ("opendir", EIO), ("readdir", EIO),
      ("stat", EACCES), ("open", EIO), ("realpath", EACCES),
    ])
  func errorNumbers(_ call: String, _ code: Int32) throws {
    let bench = try Self.bench()
    // The system may leave any number where it succeeds.
    let memory = try FaultyCalls.build(
      """
      #include <errno.h>
      #include <stddef.h>
      void *__libc_malloc(size_t size);
      void *malloc(size_t size) { void *p = __libc_malloc(size); errno = ENOENT; return p; }
      """, in: bench.folder)
    let folder = bench.folder.path("in")
    let ends = ["opendir": "deep", "readdir": "deep", "stat": "deep", "realpath": "again"]
    var environment = try FaultyCalls.environment(
      .init(call: call, code: code, path: ends[call, default: ".npy"]),
      below: folder)
    environment["LD_PRELOAD", default: ""] += ":\(memory)"
    let outcome = try Command.run(
      ["run", "copy.json", "--input", folder, "--jobs", "1"], in: bench.folder.path,
      environment: environment)
    #expect(!outcome.errors.contains("lead to nothing"), "\(outcome.errors)")
    #expect(!outcome.errors.contains("No such file"), "\(outcome.errors)")
    // An lstat alone is no failure: the file may be read all the same.
    #expect(outcome.status == (call == "lstat" || call == "stat" ? 0 : 65), "\(outcome.errors)")
  }

  /// Every call of the walk and of opening, each number of it.
  private static let faults = Result {
    let bench = try Self.bench()
    let log = bench.folder.path("log")
    let environment = try FaultyCalls.environment(below: bench.folder.path("in"), log: log)
    let outcome = try Command.run(
      ["run", "copy.json", "--input", bench.folder.path("in"), "--jobs", "1"],
      in: bench.folder.path, environment: environment)
    try #require(outcome.status == 0, "\(outcome.errors)")
    let calls = Dictionary(grouping: try FaultyCalls.calls(in: log), by: \.name)
    let expected = try bench.contents()
    return (calls: calls.mapValues(\.count), contents: expected)
  }

  @Test("The calls that are tried are those that a run makes")
  func calls() throws {
    let calls = try Self.faults.get().calls
    for name in ["opendir", "readdir", "lstat", "stat", "open", "fstat", "read", "realpath"] {
      #expect(calls[name, default: 0] > 0, "\(name)")
    }
    #expect(try Self.faults.get().contents.count == 6)
  }

  @Test(
    "One call that fails leaves every input done or named",
    arguments: ["opendir", "readdir", "lstat", "stat", "open", "fstat", "read", "realpath"])
  func one(_ call: String) throws {
    let (calls, expected) = try Self.faults.get()
    for number in 1...calls[call, default: 1] {
      for (index, code) in Self.codes.enumerated() where (index + number) % 4 == 0 || number == 1 {
        let fault = FaultyCalls.Fault(call: call, number: number, code: code)
        let bench = try Self.bench()
        let log = bench.folder.path("log")
        let environment = try FaultyCalls.environment(
          fault, below: bench.folder.path("in"), log: log)
        let outcome = try Command.run(
          ["run", "copy.json", "--input", bench.folder.path("in"), "--jobs", "1"],
          in: bench.folder.path, environment: environment)
        // A folder may have been read by a link to it alone.
        let found = try bench.contents().filter { expected[$0.key] != nil }
        let missing = Set(expected.keys).subtracting(found.keys)
        let struck = try #require(
          try FaultyCalls.calls(in: log).first(where: \.failed)?.path, "\(fault)")
        let comment: Comment = "\(fault) \(struck): \(missing.sorted()) \(outcome.errors)"
        let isSame = found == expected.filter { found[$0.key] != nil }
        #expect(isSame && !outcome.hasCrashed, comment)
        if missing.isEmpty { continue }
        if code == ENOENT, outcome.status == 0 {
          #expect(outcome.errors.contains("passed over 1 name that leads to nothing"), comment)
        } else {
          #expect([65, 66].contains(outcome.status), comment)
        }
        // By the path of the link or of what it leads to.
        let name = String(struck.split(separator: "/").last ?? "")
        let stems = missing.compactMap { $0.split(separator: "-").first }
        let areNamed = stems.allSatisfy { outcome.errors.contains($0) }
        #expect(areNamed || outcome.errors.contains(name), comment)
      }
    }
  }
}
