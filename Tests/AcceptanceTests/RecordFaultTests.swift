import Foundation
import Glibc
import Testing

/// Records that cannot be read, written anew or appended to.
@Suite struct RecordFaultTests {
  private static let names = ["a.npy", "sub/b.npy", "c.npy"]

  /// Three inputs that are done.
  private static func bench() throws -> Workbench {
    let bench = try Workbench(names)
    #expect(try bench.run().status == 0)
    return bench
  }

  private static func records(_ bench: Workbench) throws -> [UInt8] {
    try bench.folder.bytes("out/.tessera-records")
  }

  /// Makes of every input another one; what is there of the old ones is replaced as long as the records
  /// prove that it is ours.
  private static func changeInputs(of bench: Workbench, seed: Int = 50) throws {
    for (index, name) in names.enumerated() { try bench.write(name, seed: index + seed) }
  }

  private static func run(
    _ bench: Workbench, _ faults: [FaultyCalls.Fault], log: String? = nil
  ) throws -> Command.Outcome {
    try Command.run(
      ["run", "copy.json", "--jobs", "1"], in: bench.folder.path,
      environment: FaultyCalls.environment(
        faults, below: "out", log: log.map { bench.folder.path($0) }))
  }

  /// What the inputs are in the end: a copy.
  private static func checkOutputs(_ bench: Workbench, _ comment: Comment) throws {
    let outcome = try bench.run()
    #expect(outcome.status == 0, "\(comment): \(outcome.errors)")
    for name in names {
      let isSame = try bench.folder.bytes("out/\(name)") == bench.folder.bytes("in/\(name)")
      #expect(isSame, "\(comment): \(name)")
    }
    #expect(bench.halfFiles() == [], comment)
  }

  /// Lines that are not whole.
  private static func tornLines(_ bench: Workbench) throws -> [Int] {
    let lines = try records(bench).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    return lines.indices.filter { index in
      let line = lines[index]
      guard let tab = line.lastIndex(of: UInt8(ascii: "\t")) else { return !line.isEmpty }
      let sum = String(decoding: line[line.index(after: tab)...], as: UTF8.self)
      return XXHash.digest(Array(line[..<tab])) != sum
    }
  }

  /// Makes most lines of the records outdated, so that the next run writes them anew.
  private static func outdate(_ bench: Workbench) throws {
    let lines = try records(bench)
    let count = lines.count { $0 == UInt8(ascii: "\n") }
    try bench.folder.write(
      Array(repeating: lines, count: 1200 / count + 1).joined(), to: "out/.tessera-records")
  }

  private static func counts(
    _ bench: Workbench, _ prepare: (Workbench) throws -> Void
  ) throws -> [String: Int] {
    try prepare(bench)
    #expect(try run(bench, [], log: "log").status == 0)
    let calls = try FaultyCalls.calls(in: bench.folder.path("log"))
      .filter { $0.path.contains(".tessera-records") }
    return Dictionary(grouping: calls, by: \.name).mapValues(\.count)
  }

  @Test(
    "Whatever fails while records are read or written anew, they still prove what is ours",
    arguments: [
      ("read", EIO), ("write", ENOSPC), ("write", EIO), ("fsync", EIO), ("rename", EIO),
      ("open", EIO), ("open", ENOSPC), ("fstat", EIO), ("ftruncate", EIO),
    ])
  func anew(_ call: String, _ code: Int32) throws {
    let counts = try Self.counts(Self.bench()) { try Self.outdate($0) }
    var struck = 0
    for path in [".tessera-records", ".tessera-records.tessera-part"] {
      for number in 1...max(counts[call, default: 1], 1) {
        for isKilled in [false, true] {
          let bench = try Self.bench()
          try Self.outdate(bench)
          let fault = FaultyCalls.Fault(
            call: call, number: number, code: isKilled ? FaultyCalls.kill : code, path: path)
          let outcome = try Self.run(bench, [fault])
          let comment: Comment = "\(fault.testDescription) \(outcome.status) \(outcome.errors)"
          if isKilled {
            if outcome.status != 0 { struck += 1 }
          } else {
            #expect([0, 73, 74].contains(outcome.status) && !outcome.hasCrashed, comment)
            if outcome.status != 0 { #expect(outcome.errors.contains(".tessera-records"), comment) }
          }
          try Self.changeInputs(of: bench)
          try Self.checkOutputs(bench, comment)
        }
      }
    }
    #expect(struck > 0 || call == "ftruncate", "\(counts)")
  }

  /// Writes to the records while all inputs are done again.
  private static func writeCount() throws -> Int {
    try counts(bench()) { try changeInputs(of: $0) }["write", default: 0]
  }

  @Test("A disk that fills up in the middle of a line has it taken back", arguments: [true, false])
  func torn(_ isDoneBefore: Bool) throws {
    let writes = try Self.writeCount()
    try #require(writes > 1)
    for number in 1...writes {
      let bench = isDoneBefore ? try Self.bench() : try Workbench(Self.names)
      try Self.changeInputs(of: bench)
      let outcome = try Self.run(
        bench,
        [
          .init(call: "write", number: number, code: FaultyCalls.short, path: ".tessera-records"),
          .init(call: "write", number: number + 1, code: ENOSPC, path: ".tessera-records"),
        ])
      let comment: Comment = "\(number) \(outcome.status) \(outcome.errors)"
      #expect([0, 73, 74].contains(outcome.status) && !outcome.hasCrashed, comment)
      #expect(outcome.status != 0 || number == writes && !isDoneBefore, comment)
      #expect(try Self.tornLines(bench) == [], comment)
      try Self.changeInputs(of: bench, seed: 90)
      try Self.checkOutputs(bench, comment)
      #expect(try Self.tornLines(bench) == [], comment)
    }
  }

  @Test("Where a torn line cannot be taken back, those behind it are whole")
  func stuck() throws {
    let writes = try Self.writeCount()
    for number in 1...max(writes, 1) {
      let bench = try Self.bench()
      try Self.changeInputs(of: bench)
      let outcome = try Self.run(
        bench,
        [
          .init(call: "write", number: number, code: FaultyCalls.short, path: ".tessera-records"),
          .init(call: "write", number: number + 1, code: ENOSPC, path: ".tessera-records"),
          .init(call: "ftruncate", code: EIO, path: ".tessera-records"),
        ])
      let comment: Comment = "\(number) \(outcome.status) \(outcome.errors)"
      #expect([73, 74].contains(outcome.status) && !outcome.hasCrashed, comment)
      let torn = try Self.tornLines(bench)
      #expect(torn.count == 1, "\(torn) \(comment)")
      // Whatever was done behind it has a record that can be read.
      let done = try bench.sources("ok")
      #expect(try bench.run().status == 0)
      #expect(try bench.sources("skipped") == done, "\(done) \(comment)")
      try Self.changeInputs(of: bench, seed: 90)
      try Self.checkOutputs(bench, comment)
    }
  }
}
