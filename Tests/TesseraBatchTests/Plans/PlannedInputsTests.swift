import Glibc
import TesseraTestSupport
import Testing

@testable import TesseraBatch
@testable import TesseraConfiguration
@testable import TesseraFiles

/// Lists of inputs that are not as they were written.
@Suite struct PlannedInputsTests {
  let workshop: PlanWorkshop
  let plan: RunPlan

  init() throws {
    workshop = try PlanWorkshop(["a.png", "b.png", "c.png"])
    plan = try workshop.make(skippingDigests: true).made.plan
  }

  private static let good = #"{"path":"b.png","size":16}"#

  /// Reads the list with other lines, whose digest is that of the plan.
  private func read(
    _ lines: [String], _ range: Range<Int> = 0..<3, digest: String? = nil
  ) throws -> PlannedInputs {
    let text = lines.map { $0 + "\n" }.joined()
    try workshop.folder.write(text, to: "plan/inputs.jsonl")
    var plan = plan
    plan.inputsDigest = digest ?? XXHash64.hash(text.utf8).hexadecimal
    return try PlannedInputs(range, of: plan, in: workshop.plan)
  }

  private func malformed(_ line: Int?, _ expected: String, _ found: String) -> PlanError {
    .malformed(workshop.plan.inputs, line: line, expected: expected, found: found)
  }

  @Test(
    "A line that tells of no input is named by its number",
    arguments: [
      "", "no JSON", "[]", #"{"size":16}"#, #"{"path":7,"size":16}"#, #"{"path":"b.png"}"#,
      #"{"path":"b.png","size":-1}"#, #"{"path":"b.png","size":1.5}"#,
      #"{"path":"b.png","size":16,"root":1}"#, #"{"path":"b.png","size":16,"root":-1}"#,
      #"{"path":"b.png","size":16,"xxh64":7}"#,
      #"{"path":"b.png","size":16,"xxh64":"0123456789abcde"}"#,
      #"{"path":"b.png","size":16,"xxh64":"0123456789abcdef0"}"#,
      #"{"path":"b.png","size":16,"xxh64":"0123456789abcdeg"}"#,
      #"{"path":"b.png","size":16,"offset":-1}"#, #"{"path":"b.png","size":16,"offset":"1"}"#,
      #"{"path":"b.png","size":9223372036854775807,"offset":1}"#,
    ])
  func line(_ line: String) throws {
    for number in 1...3 {
      var lines = [Self.good, Self.good, Self.good]
      lines[number - 1] = line
      #expect(throws: malformed(number, "an input", "something else")) { try read(lines) }
    }
    // The first one is told, and those of other shards are not looked at.
    #expect(throws: malformed(2, "an input", "something else")) {
      try read([Self.good, line, line])
    }
    #expect(try read([line, Self.good, line], 1..<2).items.map(\.name) == ["b.png"])
  }

  @Test("What a line tells is taken as it is")
  func taken() throws {
    let read = try read([
      #"{"path":"b.png","size":0,"xxh64":"00000000000000ff"}"#,
      #"{"path":"x/b.png","size":16,"file":"b.png"}"#,
      #"{"path":"t.tar/m","size":5,"file":"b.png","member":"m","offset":0}"#,
    ])
    #expect(read.identities.map(\.byteCount) == [0, 16, 5])
    #expect(read.identities.map(\.hash) == [255, nil, nil])
    #expect(read.items.map(\.name) == ["b.png", "x/b.png", "t.tar/m"])
    #expect(read.items.map(\.member) == [nil, nil, "m"])
    let path = workshop.folder.path("in/b.png")
    #expect(read.items.map(\.source.path) == [path, path, path])
    #expect(read.items.map(\.source.part) == [nil, nil, 0..<5])
    // The sizes of files are those that they have now, those of members what was planned.
    #expect(read.items.map(\.byteCount) == [16, 16, 5])
    #expect(read.notes == [])
  }

  @Test("Sizes are those of the plan where files are not looked at")
  func notLooking() throws {
    _ = try read([#"{"path":"b.png","size":9}"#, Self.good, Self.good])
    var plan = plan
    plan.inputsDigest =
      XXHash64.hash((workshop.folder.text("plan/inputs.jsonl") ?? "").utf8)
      .hexadecimal
    let items = try PlannedInputs(0..<1, of: plan, in: workshop.plan, lookingAtFiles: false).items
    #expect(items.map(\.byteCount) == [9] && items.map(\.modificationTime) == [0])
  }

  @Test("Lists of other lengths and of other inputs are refused with both figures")
  func whole() throws {
    #expect(throws: malformed(nil, "3 inputs, as plan.json has it", "2")) {
      try read([Self.good, Self.good], 0..<1)
    }
    #expect(throws: malformed(nil, "3 inputs, as plan.json has it", "4")) {
      try read([Self.good, Self.good, Self.good, "x"], 0..<1)
    }
    let lines = [Self.good, Self.good, Self.good]
    let found = XXHash64.hash(lines.map { $0 + "\n" }.joined().utf8).hexadecimal
    #expect(throws: malformed(nil, "the inputs that were planned (abc)", "others (\(found))")) {
      try read(lines, digest: "abc")
    }
  }

  @Test("A note is there on each input of a shard, or on none")
  func notes() throws {
    let noted = #"{"path":"b.png","size":16,"note":{"class":3}}"#
    #expect(throws: malformed(nil, "a note on each input or on none", "2 on 3")) {
      try read([noted, Self.good, noted])
    }
    #expect(try read([noted, noted, noted]).notes == [["class": 3], ["class": 3], ["class": 3]])
    #expect(try read([noted, Self.good, noted], 1..<2).notes == [])
  }

  @Test("A list that cannot be read is told of, not taken for another")
  func unreadable() throws {
    workshop.folder.remove("plan/inputs.jsonl")
    let missing = FileError(.read, workshop.plan.inputs, code: ENOENT)
    #expect {
      try PlannedInputs(0..<3, of: plan, in: workshop.plan)
    } throws: { error in
      guard case .unreadable(let error)? = error as? PlanError else { return false }
      return error.path == missing.path && error.code == missing.code
    }
    try workshop.folder.makeFolder("plan/inputs.jsonl")
    #expect {
      try PlannedInputs(0..<3, of: plan, in: workshop.plan)
    } throws: { error in
      guard case .unreadable(let error)? = error as? PlanError else { return false }
      return error.path == missing.path && error.reason == "Is a directory"
    }
  }
}
