import Glibc
import TesseraFiles
import Testing

@testable import TesseraBatch

/// What refuses a run, word for word and for all who may read it.
@Suite struct BatchErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let error: BatchError
    let kind: String
    let path: String?
    let status: TesseraBatch.ExitStatus
    let toProgram: String
    let toCommand: String
    let toPlan: String
    var testDescription: String { toProgram }

    init(
      _ error: BatchError, _ kind: String, _ path: String?, _ status: TesseraBatch.ExitStatus,
      _ program: String, command: String? = nil, plan: String? = nil
    ) {
      self.error = error
      self.kind = kind
      self.path = path
      self.status = status
      toProgram = program
      toCommand = command ?? program
      toPlan = plan ?? toCommand
    }
  }

  private static let foreign = "exists already, and no run has written it; move it"
  private static let records = "has the name of a run's records, and no run has written it; move it"
  private static let unlocked =
    "cannot lock 'o/l': No locks available; without a lock another run may write to the same "
    + "folder: see to it that none does, and "

  static let cases: [Case] = [
    Case(
      .reportExists("o/r\t"), "exists", "o/r\t", .cannotCreate,
      "'o/r\\t' \(foreign), allow overwriting to replace it, or write to another folder",
      command: "'o/r\\t' \(foreign), use --overwrite to replace it, or another --output",
      plan: "'o/r\\t' exists already, and no run has written it; move it, and run again"),
    Case(
      .reportExists("s/r", inStateFolder: true), "exists", "s/r", .cannotCreate,
      "'s/r' \(foreign), allow overwriting to replace it, or keep the records in another folder",
      command: "'s/r' \(foreign), use --overwrite to replace it, or another --state",
      plan: "'s/r' \(foreign), and run again"),
    Case(
      .indexExists("o/i"), "exists", "o/i", .cannotCreate,
      "'o/i' \(foreign), allow overwriting to replace it, or write to another folder",
      command: "'o/i' \(foreign), use --overwrite to replace it, or another --output",
      plan: "'o/i' \(foreign), and run again"),
    Case(
      .recordsExist("o/r"), "exists", "o/r", .cannotCreate,
      "'o/r' \(records), or write to another folder",
      command: "'o/r' \(records), or give another --output", plan: "'o/r' \(records), and run again"
    ),
    Case(
      .recordsExist("s/r", inStateFolder: true), "exists", "s/r", .cannotCreate,
      "'s/r' \(records), or keep the records in another folder",
      command: "'s/r' \(records), or give another --state", plan: "'s/r' \(records), and run again"),
    Case(
      .folderInUse("o"), "in_use", "o", .interrupted,
      "another run is writing to 'o'; run again when it has ended"),
    Case(
      .noLocks(FileError(.lock, "o/l", code: ENOLCK)), "create", "o/l", .cannotCreate,
      unlocked + "give up the lock in the options of the run",
      command: unlocked + "add --no-lock"),
    Case(
      .file(FileError(.create, "o", code: EROFS)), "create", "o", .cannotCreate,
      "cannot create 'o': Read-only file system"),
    Case(
      .file(FileError(.write, "o/r", code: EDQUOT)), "write", "o/r", .cannotWrite,
      "cannot write 'o/r': Disk quota exceeded"),
    Case(
      .inputWouldBeReplaced(input: "in/a", output: "o/a"), "conflict", "o/a", .cannotCreate,
      "'o/a' would replace the input 'in/a'; write to another folder, or under another `name`"),
  ]

  private static func collision(
    _ first: String, _ second: String?, _ output: String, isFolder: Bool = false,
    isOfMembers: Bool = false
  ) -> OutputCollision {
    OutputCollision(
      first: first, second: second, output: output, isFolder: isFolder, isOfMembers: isOfMembers)
  }

  static let collisions: [Case] = [
    Case(
      .collisions([collision("a.jpg", "a.png", "o/a.png")], advice: "stages[1].name={ext}.png"),
      "conflict", "o/a.png", .cannotCreate,
      "'a.jpg' and 'a.png' would both write 'o/a.png'\n"
        + "give them a `name` that tells them apart: stages[1].name={ext}.png",
      command: "'a.jpg' and 'a.png' would both write 'o/a.png'\n"
        + "give them a `name` that tells them apart: --set 'stages[1].name={ext}.png'"),
    Case(
      .collisions([collision("a.jpg", nil, "o/a.png")], advice: "x"), "conflict", "o/a.png",
      .cannotCreate,
      "two stages would both write, for 'a.jpg', 'o/a.png'\n"
        + "give one of the stages another `path` or `name`"),
    Case(
      .collisions(
        [
          collision("a.jpg", nil, "o/a.png"),
          collision("b", "b.png/c", "o/b.png", isFolder: true, isOfMembers: true),
        ], advice: nil), "conflict", "o/a.png", .cannotCreate,
      "two stages would both write, for 'a.jpg', 'o/a.png'\n"
        + "'b' would write 'o/b.png', and 'b.png/c' into a folder of that name\n"
        + "give them a `name` that tells them apart"),
    Case(
      .collisions([collision("t/a", "u/a", "o/a", isOfMembers: true)], advice: "x"), "conflict",
      "o/a", .cannotCreate,
      "'t/a' and 'u/a' would both write 'o/a'\n"
        + "members keep their names as keys: rename them, or write each archive to a folder of its "
        + "own"),
    Case(
      .collisions((0..<5).map { collision("\($0)", "x", "o/\($0)") }, advice: nil), "conflict",
      "o/0", .cannotCreate,
      (0..<5).map { "'\($0)' and 'x' would both write 'o/\($0)'\n" }.joined()
        + "give them a `name` that tells them apart"),
    Case(
      .collisions((0..<7).map { collision("\($0)", "x", "o/\($0)") }, advice: nil), "conflict",
      "o/0", .cannotCreate,
      (0..<5).map { "'\($0)' and 'x' would both write 'o/\($0)'\n" }.joined()
        + "… and 2 more\ngive them a `name` that tells them apart"),
  ]

  @Test(
    "Every refusal has its sentences, kind, file and exit status", arguments: cases + collisions)
  func told(_ wanted: Case) {
    #expect(wanted.error.description == wanted.toProgram)
    #expect(wanted.error.sentence(for: .command) == wanted.toCommand)
    #expect(wanted.error.sentence(for: .plan) == wanted.toPlan)
    #expect(wanted.error.kind == wanted.kind)
    #expect(wanted.error.path == wanted.path)
    #expect(wanted.error.exitStatus == wanted.status)
  }

  @Test("Whoever types a command is told its options by their names")
  func settings() {
    let words = [Audience.program, .command, .plan].map { [$0.outputFolder, $0.memoryLimit] }
    #expect(
      words == [
        ["an output folder of the run", "the run's limit"], ["--output", "--memory"],
        ["--output", "--memory"],
      ])
  }
}
