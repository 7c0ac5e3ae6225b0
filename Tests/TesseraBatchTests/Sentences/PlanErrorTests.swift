import Glibc
import TesseraFiles
import Testing

@testable import TesseraBatch

/// What errors of plans say, word for word, with kind, file and exit status.
@Suite struct PlanErrorTests {
  typealias Case = ToldError<PlanError>

  static let files: [Case] = [
    Case(
      .unreadable(FileError(.read, "p/plan.json", code: ENOENT)), "unreadable", "p/plan.json",
      .nothingToDo, "cannot read 'p/plan.json': No such file or directory"),
    Case(
      .unwritable(FileError(.write, "p/inputs.jsonl", code: ENOSPC)), "write", "p/inputs.jsonl",
      .cannotWrite, "cannot write 'p/inputs.jsonl': No space left on device"),
    Case(
      .unwritable(FileError(.create, "p", code: EACCES)), "create", "p", .cannotCreate,
      "cannot create 'p': Permission denied"),
    Case(
      .malformed("p/in\tputs.jsonl", line: 7, expected: "an input", found: "something else"),
      "plan", "p/in\tputs.jsonl", .badPipeline,
      "p/in\\tputs.jsonl:7: expected an input, found something else"),
    Case(
      .malformed("p/plan.json", line: nil, expected: "3 inputs", found: "4"), "plan",
      "p/plan.json", .badPipeline, "p/plan.json: expected 3 inputs, found 4"),
    Case(
      .exists("p/plan.json", what: "plan", planned: "one of 3 inputs", found: "one of 4 inputs"),
      "exists", "p/plan.json", .cannotCreate,
      "'p/plan.json' is there already, and is another plan: expected one of 3 inputs, found one "
        + "of 4 inputs; plan into another folder, or remove that one"),
    Case(
      .version(planned: "0.2.0", found: "0.3.0"), "plan", nil, .badPipeline,
      "the plan is of Tessera 0.2.0, and this is 0.3.0: run all shards with the version that has "
        + "planned them, or plan again into another folder"),
    Case(
      .pipeline(planned: "0123", found: "4567"), "plan", nil, .badPipeline,
      "the pipeline is not the one that was planned: its digest was 0123 and is 4567; arrays that "
        + "it names have changed, or plan.json has. Plan again, into another folder"),
    Case(
      .input("in/a\n.png", planned: "16 bytes", found: "1 byte"), "plan", "in/a\n.png",
      .nothingToDo,
      "'in/a\\n.png' is not the input that was planned: expected 16 bytes, found 1 byte; put it "
        + "back, or plan again, into another folder"),
    Case(
      .noInputs(shard: 3, count: 2, folder: "in/x"), "plan", "in/x", .nothingToDo,
      "shard 3 has 2 inputs, and none of them is below 'in/x'"),
    Case(
      .noInputs(shard: 0, count: 1, folder: "in"), "plan", "in", .nothingToDo,
      "shard 0 has 1 input, and none of them is below 'in'"),
    Case(
      .sharedOutput("o/a.0.png", first: "in/a.png", second: "in/a.0.png"), "conflict",
      "o/a.0.png", .cannotCreate,
      "'in/a.png' and 'in/a.0.png', which are in different shards, may both write 'o/a.0.png'; "
        + "give them a `name` with {channel} between characters that are no digits"),
  ]

  static let shards: [Case] = [
    Case(
      .incomplete(ShardNumbers([4])), "incomplete", nil, .interrupted,
      "not complete: shard 4 is missing"),
    Case(
      .incomplete(ShardNumbers([8, 1, 2, 3])), "incomplete", nil, .interrupted,
      "not complete: shards 1-3,8 are missing"),
    Case(
      .lost(ShardNumbers([4]), example: "o/a.png"), "incomplete", "o/a.png", .interrupted,
      "not complete: of shard 4 outputs are gone or have another size, such as 'o/a.png'; it "
        + "counts as missing now: remove outputs that have another size and run it again, or, "
        + "where outputs are kept elsewhere, do not look for them"),
    Case(
      .damaged(ShardNumbers([0, 2]), example: "p/shards/00000"), "incomplete", "p/shards/00000",
      .interrupted,
      "not complete: of shards 0,2 reports or records are not as they were written, such as "
        + "'p/shards/00000'; they count as missing now: run them again"),
    Case(
      .damaged(ShardNumbers([7]), example: "r"), "incomplete", "r", .interrupted,
      "not complete: of shard 7 reports or records are not as they were written, such as 'r'; it "
        + "counts as missing now: run it again"),
    Case(
      .noSuchShard(9, count: 4), "usage", nil, .usage,
      "there is no shard 9: the plan has 4, from 0 to 3"),
    Case(
      .shardInUse(5), "in_use", nil, .interrupted,
      "somebody works on shard 5; run again when that has ended"),
    Case(
      .interrupted, "interrupted", nil, .interrupted,
      "interrupted; the same command goes on from here"),
    Case(
      .batch(.folderInUse("out")), "in_use", "out", .interrupted,
      "another run is writing to 'out'; run again when it has ended"),
    Case(
      .batch(.file(FileError(.write, "out/x", code: EIO))), "write", "out/x", .cannotWrite,
      "cannot write 'out/x': Input/output error"),
    Case(
      .batch(.recordsExist("out/r")), "exists", "out/r", .cannotCreate,
      "'out/r' has the name of a run's records, and no run has written it; move it, or write to "
        + "another folder"),
  ]

  @Test("Every error has its sentence, kind, file and exit status", arguments: files + shards)
  func told(_ wanted: Case) {
    #expect(wanted.error.description == wanted.sentence)
    #expect(wanted.error.kind == wanted.kind)
    #expect(wanted.error.path == wanted.path)
    #expect(wanted.error.exitStatus == wanted.status)
  }

  @Test("Who types a command is told of its options")
  func audiences() {
    let lost = PlanError.lost(ShardNumbers([0, 1]), example: "o/a.png").sentence(for: .plan)
    #expect(
      lost == "not complete: of shards 0-1 outputs are gone or have another size, such as "
        + "'o/a.png'; they count as missing now: remove outputs that have another size and run "
        + "them again, or, where outputs are kept elsewhere, merge with --no-check")
    #expect(
      PlanError.batch(.recordsExist("out/r")).sentence(for: .plan)
        == "'out/r' has the name of a run's records, and no run has written it; move it, and run "
        + "again")
  }

  @Test("What the system refuses while a plan is written or read is told so")
  func wrapped() {
    let error = FileError(.read, "x", code: EIO)
    #expect(throws: PlanError.unwritable(error)) {
      try PlanError.writing { () throws(FileError) in throw error }
    }
    #expect(throws: PlanError.unreadable(error)) {
      try PlanError.reading { () throws(FileError) in throw error }
    }
  }
}
