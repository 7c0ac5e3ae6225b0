import Glibc
import Testing

@testable import TesseraBatch
@testable import TesseraFiles

/// How a run ends, by what has happened in it.
struct RunSummaryTests {
  /// Something that happens in a run.
  enum Event: Hashable, CustomTestStringConvertible {
    case interruption
    case failure(InputFailure.Kind)
    case reportError
    case unreadableFolder
    case refusalOfAll
    case ignored, skipped

    var testDescription: String { "\(self)" }
  }

  /// The testing library has a type of this name, too.
  typealias Status = TesseraBatch.ExitStatus

  /// Every event with the status that it has alone, an earlier one before all later ones.
  static let ranking: [(Event, Status)] = [
    (.interruption, .interrupted), (.failure(.bug), .bug),
    (.failure(.changed), .nothingToDo), (.failure(.write), .cannotWrite),
    (.reportError, .cannotWrite), (.failure(.create), .cannotCreate),
    (.refusalOfAll, .badPipeline), (.failure(.unreadable), .failedInputs),
    (.failure(.malformed), .failedInputs), (.failure(.truncated), .failedInputs),
    (.failure(.damaged), .failedInputs), (.failure(.warning), .failedInputs),
    (.failure(.unsupported), .failedInputs), (.failure(.limit), .failedInputs),
    (.failure(.plan), .failedInputs), (.failure(.requirement), .failedInputs),
    (.failure(.memory), .failedInputs), (.failure(.conflict), .failedInputs),
    (.failure(.exists), .failedInputs), (.failure(.program), .failedInputs),
    (.unreadableFolder, .failedInputs), (.ignored, .done), (.skipped, .done),
  ]

  /// The summary of a run of ten inputs.
  private static func summary(_ events: [Event]) -> RunSummary {
    var progress = RunProgress()
    progress.total = 10
    progress.okCount = 8
    let error = FileError(.write, "report.jsonl", code: ENOSPC)
    let kinds = events.compactMap { event in
      if case .failure(let kind) = event { kind } else { nil }
    }
    if events.contains(.skipped) { progress.skippedCount = 10 }
    return RunSummary(
      progress: progress, notRunCount: events.contains(.interruption) ? 1 : 0,
      failures: kinds.map { RunSummary.FailureGroup(kind: $0, count: 1, examples: []) },
      ignoredCount: events.contains(.ignored) ? 3 : 0,
      unreadableFolders: events.contains(.unreadableFolder) ? [error] : [], stageTimes: [],
      reportPath: "report.jsonl", reportError: events.contains(.reportError) ? error : nil,
      isInterrupted: events.contains(.interruption), endingFailure: nil,
      stageRefusingAll: events.contains(.refusalOfAll)
        ? InputFailure(.plan, "no", stageIndex: 1, isPlanning: true) : nil)
  }

  @Test("Every kind of failure has its place in the table")
  func table() {
    let kinds = Self.ranking.compactMap { row in
      if case .failure(let kind) = row.0 { kind } else { nil }
    }
    #expect(Set(kinds) == Set(InputFailure.Kind.allCases))
    #expect(Self.summary([]).exitStatus == .done)
  }

  @Test("What happens alone has its status")
  func alone() {
    for (event, status) in Self.ranking {
      #expect(Self.summary([event]).exitStatus == status, "\(event)")
    }
  }

  @Test("Of two things, in whichever order, the stronger one has its status")
  func pairs() {
    for (position, (stronger, status)) in Self.ranking.enumerated() {
      for (weaker, _) in Self.ranking[position...] {
        #expect(Self.summary([stronger, weaker]).exitStatus == status, "\(stronger), \(weaker)")
        #expect(Self.summary([weaker, stronger]).exitStatus == status, "\(weaker), \(stronger)")
      }
    }
  }

  @Test("A signal that comes when everything was done interrupts nothing")
  func tooLate() {
    var summary = Self.summary([.interruption])
    summary.notRunCount = 0
    #expect(summary.exitStatus == .done)
    summary.isInterrupted = false
    summary.notRunCount = 1
    #expect(summary.exitStatus == .done)
  }

  @Test("Statuses have the numbers of sysexits.h")
  func numbers() {
    let numbers: [Status: Int32] = [
      .done: 0, .usage: 64, .failedInputs: 65, .nothingToDo: 66, .bug: 70, .system: 71,
      .cannotCreate: 73, .cannotWrite: 74, .interrupted: 75, .badPipeline: 78,
    ]
    #expect(Set(numbers.keys) == Set(Status.allCases))
    for (status, number) in numbers { #expect(status.rawValue == number) }
  }

  @Test(
    "An output that the system refuses is not created or not written, and a full disk ends all",
    arguments: [
      (FileError.Operation.create, EACCES, InputFailure.Kind.create, false),
      (.create, EROFS, .create, true),
      (.write, ENOSPC, .write, true), (.write, EDQUOT, .write, true),
      (.write, EIO, .write, true),
      (.write, EFBIG, .write, false), (.read, EIO, .write, true), (.open, ENOENT, .write, false),
    ])
  func outputs(
    _ operation: FileError.Operation, _ code: Int32, _ kind: InputFailure.Kind, _ endsRun: Bool
  ) {
    let failure = InputFailure(output: FileError(operation, "a", code: code), stageIndex: 3)
    #expect(failure.kind == kind && failure.endsRun == endsRun && failure.stageIndex == 3)
  }
}
