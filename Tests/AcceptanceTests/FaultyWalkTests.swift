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
