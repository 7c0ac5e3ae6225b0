import Glibc
import TesseraFiles
import Testing

@testable import TesseraBatch

/// What a run counts, and how it ends what tells of all outputs.
@Suite struct RunStateTests {
  /// An index that keeps what it is told, and may fail in the end.
  private final class Index: RunIndex {
    let paths: [String] = []
    var told: [String] = []
    let error: FileError?
    init(failing error: FileError? = nil) { self.error = error }
    func isFree(_ path: String) -> Bool { true }
    func add(_ item: Item, at index: Int, details: String?) {
      told.append("\(index) \(item.name) \(details ?? "none")")
    }
    func isSurplus(_ path: String) -> Bool { false }
    func finish() throws(FileError) {
      told.append("finish")
      if let error { throw error }
    }
    func discard() { told.append("discard") }
  }

  private static let items = ItemList(
    (0..<4).map { index in
      Item(
        name: "\(index).png", source: ByteSource(path: "in/\(index).png"), byteCount: 10 + index,
        modificationTime: 0)
    })

  private func state(_ index: Index) throws -> RunState {
    RunState(
      report: try ReportWriter(at: nil), index: index, audience: .program, total: 4,
      plannedByteCount: 46, keepsOutputs: true)
  }

  private static func failure(
    _ kind: InputFailure.Kind, stage: Int? = nil, isPlanning: Bool = false
  ) -> InputOutcome {
    InputOutcome(
      .failed, error: InputFailure(kind, "no", stageIndex: stage, isPlanning: isPlanning),
      details: "{}")
  }

  @Test("An index is told of items in their order, and ended only where all of them have ended")
  func index() throws {
    let index = Index()
    var state = try state(index)
    state.end(Self.items[2], at: 2, as: InputOutcome(.ok, details: "{2}"), "")
    #expect(index.told == [])
    state.end(Self.items[0], at: 0, as: InputOutcome(.skipped, details: "{0}"), "")
    #expect(index.told == ["0 0.png {0}"])
    state.end(Self.items[1], at: 1, as: Self.failure(.plan), "")
    let notRun = state.finish(Self.items)
    #expect(notRun == 1 && state.reportError == nil)
    #expect(
      index.told == ["0 0.png {0}", "1 1.png none", "2 2.png {2}", "3 3.png none", "discard"])
  }

  @Test("What refuses the index is told as what refuses the report")
  func refused() throws {
    let error = FileError(.write, "index.json", code: ENOSPC)
    let index = Index(failing: error)
    var state = try state(index)
    for (number, item) in Self.items.enumerated() {
      state.end(item, at: number, as: InputOutcome(.ok, details: "{}"), "")
    }
    let notRun = state.finish(Self.items)
    #expect(notRun == 0 && state.reportError == error)
    #expect(index.told.suffix(2) == ["finish", "discard"])
  }

  @Test("Bytes, pixels and times are those of inputs that this run has processed")
  func amounts() throws {
    var state = try state(Index())
    var done = InputOutcome(.ok, details: #"{"outputs":[{"path":"a"},{"path":"b"}]}"#)
    (done.pixelCount, done.writtenByteCount) = (100, 7)
    done.stageTimes = [StageTime(stageIndex: 2, seconds: 1), StageTime(stageIndex: 0, seconds: 2)]
    state.end(Self.items[0], at: 0, as: done, "")
    state.end(Self.items[1], at: 1, as: done, "")
    var recorded = done
    (recorded.status, recorded.isRecorded) = (.skipped, true)
    state.end(Self.items[2], at: 2, as: recorded, "")
    state.end(Self.items[3], at: 3, as: InputOutcome(.notRun, details: "{}"), "")
    let progress = state.progress
    #expect(progress.okCount == 2 && progress.skippedCount == 1 && progress.failedCount == 0)
    #expect(progress.plannedByteCount == 34 && progress.readByteCount == 21)
    #expect(progress.pixelCount == 200 && progress.writtenByteCount == 14)
    #expect(
      state.stageTimes == [
        StageTime(stageIndex: 0, seconds: 4), StageTime(stageIndex: 2, seconds: 2),
      ])
    #expect(state.outputs == ["a", "b"])
  }

  @Test("The slowest input is the one that was begun first of those in work")
  func slowest() throws {
    var state = try state(Index())
    #expect(state.progress(of: Self.items, after: 1).slowest == nil)
    state.begin(1, at: 2)
    state.begin(0, at: 2)
    state.begin(2, at: 3)
    var progress = state.progress(of: Self.items, after: 7)
    #expect(progress.slowest == RunProgress.InputInWork(source: Self.items[0].name, seconds: 5))
    #expect(progress.seconds == 7)
    state.leave(0)
    state.leave(1)
    progress = state.progress(of: Self.items, after: 8)
    #expect(progress.slowest == RunProgress.InputInWork(source: Self.items[2].name, seconds: 5))
  }

  @Test("Of each kind of failure the first three are told, the most frequent kind first")
  func failures() throws {
    var state = RunState(
      report: try ReportWriter(at: nil), audience: .program, total: 9, plannedByteCount: 0)
    let order: [(Int, InputFailure.Kind)] = [
      (5, .plan), (3, .plan), (4, .malformed), (1, .plan), (2, .plan), (6, .bug),
    ]
    for (index, kind) in order {
      let item = Item(
        name: "\(index)", source: ByteSource(path: "in/\(index)"), byteCount: 0,
        modificationTime: 0)
      state.end(item, at: index, as: Self.failure(kind), "")
    }
    #expect(state.failures.map(\.kind) == [.plan, .bug, .malformed])
    #expect(state.failures.map(\.count) == [4, 1, 1])
    #expect(state.failures[0].examples.map(\.source) == ["1", "2", "3"])
    #expect(state.failures[0].examples.map(\.path) == ["in/1", "in/2", "in/3"])
    #expect(state.endingFailure == nil && state.stageRefusingAll == nil)
  }

  @Test("The first failure that every input would meet ends the run")
  func ending() throws {
    var state = try state(Index())
    for (index, code) in [EACCES, ENOSPC, EIO].enumerated() {
      let failure = InputFailure(output: FileError(.write, "o", code: code))
      state.end(
        Self.items[index], at: index, as: InputOutcome(.failed, error: failure, details: "{}"), "")
    }
    #expect(state.endingFailure?.cause == .output(FileError(.write, "o", code: ENOSPC)))
  }

  @Test("A stage refuses all where each input failed at it in planning, and the first one speaks")
  func refusing() throws {
    func refusing(_ outcomes: [InputOutcome]) throws -> InputFailure? {
      var state = try state(Index())
      for index in [2, 0, 3, 1] {
        var outcome = outcomes[index]
        outcome.error?.key = "\(index)"
        state.end(Self.items[index], at: index, as: outcome, "")
      }
      return state.stageRefusingAll
    }
    let planned = Self.failure(.plan, stage: 1, isPlanning: true)
    let all = try refusing([planned, planned, planned, planned])
    #expect(all?.stageIndex == 1 && all?.key == "0")
    let others = [
      Self.failure(.plan, stage: 2, isPlanning: true), Self.failure(.plan, stage: 1),
      Self.failure(.plan, isPlanning: true), InputOutcome(.ok, details: "{}"),
    ]
    for other in others {
      #expect(try refusing([planned, planned, planned, other]) == nil)
      #expect(try refusing([planned, planned, other, planned]) == nil)
    }
  }
}
