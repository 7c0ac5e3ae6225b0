import Glibc
import TesseraFiles
import Testing

@testable import TesseraBatch

/// Why an input gave nothing, word for word and for all who may read it.
@Suite struct InputFailureTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let cause: InputFailure.Cause
    let kind: InputFailure.Kind
    let toProgram: String
    let toCommand: String
    let toPlan: String
    var testDescription: String { toProgram }

    init(
      _ cause: InputFailure.Cause, _ kind: InputFailure.Kind, _ program: String,
      command: String? = nil, plan: String? = nil
    ) {
      self.cause = cause
      self.kind = kind
      toProgram = program
      toCommand = command ?? program
      toPlan = plan ?? toCommand
    }
  }

  private static let other =
    "its output 'a' exists already, written by another pipeline or with other settings; "

  static let cases: [Case] = [
    Case(.refusal(.damaged, reason: "its data end early"), .damaged, "its data end early"),
    Case(
      .input(FileError(.open, "in/a", code: EACCES)), .unreadable,
      "cannot open it: Permission denied"),
    Case(
      .output(FileError(.create, "o/a", code: EEXIST)), .create, "cannot create 'o/a': File exists"),
    Case(
      .output(FileError(.write, "o/a", code: ENOSPC)), .write,
      "cannot write 'o/a': No space left on device"),
    Case(
      .output(FileError(.read, "o/a", code: EIO)), .write, "cannot read 'o/a': Input/output error"),
    Case(
      .memory(needed: 2000, allowed: 999), .memory,
      "needs 2.0 kB of memory, the run's limit allows 999 B",
      command: "needs 2.0 kB of memory, --memory allows 999 B"),
    Case(
      .memoryOfMachine(needed: 3_500_000, limit: "the machine has 1 B"), .memory,
      "needs 3.5 MB of memory, the machine has 1 B"),
    Case(
      .memoryRefused(needed: 12, limit: "the machine has 20 B"), .memory,
      "needs 12 B of memory, and there is not so much left: the machine has 20 B"),
    Case(
      .outputOfOther("a", input: "in/b"), .conflict,
      "its output 'a' is that of 'in/b' too; give them a `name` with {channel} between characters "
        + "that are no digits, such as {dir}/{stem}-{channel}.png"),
    Case(
      .outputIsReserved("x/report.jsonl"), .conflict,
      "its output would be 'x/report.jsonl', which is where Tessera's own files are; give it "
        + "another `name`, such as image-{parent}-{stem}.jsonl"),
    Case(
      .outputIsReserved("lock"), .conflict,
      "its output would be 'lock', which is where Tessera's own files are; give it another "
        + "`name`, such as image-{parent}-{stem}"),
    Case(
      .outputExists("a"), .exists,
      "its output 'a' exists already, and is not what would be written; allow overwriting to "
        + "replace it, or write to another folder",
      command: "its output 'a' exists already, and is not what would be written; use --overwrite "
        + "to replace it, or another --output",
      plan: "its output 'a' exists already, and is not what would be written; move it, and run "
        + "again"),
    Case(
      .outputOfOtherPipeline("a"), .exists,
      other + "allow overwriting to replace it, or write to another folder",
      command: other + "use --overwrite to replace it, or another --output",
      plan: other + "move it, and run again"),
    Case(
      .outputIsFolder("a"), .exists,
      "its output 'a' exists already, and is a folder; move it, or write to another folder",
      command: "its output 'a' exists already, and is a folder; move it, or give another --output",
      plan: "its output 'a' exists already, and is a folder; move it, and run again"),
    Case(
      .inputWouldBeReplaced("in/a"), .conflict,
      "its output would replace the input 'in/a'; write to another folder, or under another `name`"
    ),
    Case(
      .outputBehindLink("x/a", link: "x"), .conflict,
      "its output 'x/a' would be written through 'x', a link inside the output folder; take the "
        + "link away, or write to where it leads"),
    Case(
      .inputChanged(planned: "1 byte", found: "2 bytes"), .changed,
      "it is not the input that was planned: expected 1 byte, found 2 bytes"),
    Case(.cancelled, .bug, "it was asked to end"),
  ]

  @Test("Every cause has its sentences and its kind", arguments: cases)
  func told(_ wanted: Case) {
    let failure = InputFailure(wanted.cause)
    #expect(failure.description == wanted.toProgram && failure.message == wanted.toProgram)
    #expect(failure.message(for: .command) == wanted.toCommand)
    #expect(failure.message(for: .plan) == wanted.toPlan)
    #expect(failure.kind == wanted.kind)
  }

  @Test("A run ends where every further input would meet the same")
  func ending() {
    let disk: [Int32] = [ENOSPC, EDQUOT, EROFS, EIO]
    for code in disk {
      #expect(InputFailure(output: FileError(.write, "a", code: code)).endsRun)
      #expect(!InputFailure(input: FileError(.read, "a", code: code)).endsRun)
    }
    let ending = Self.cases.filter { InputFailure($0.cause).endsRun }.map(\.kind)
    #expect(ending == [.write, .write, .changed])
  }

  @Test("Kinds that follow from the input are those of its content and of the pipeline")
  func kinds() {
    #expect(
      InputFailure.Kind.allCases.filter(\.followsFromInput) == [
        .malformed, .truncated, .damaged, .warning, .unsupported, .limit, .plan, .requirement,
      ])
  }
}
