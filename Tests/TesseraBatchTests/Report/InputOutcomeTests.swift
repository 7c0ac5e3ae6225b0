import TesseraFiles
import Testing

@testable import TesseraBatch
@testable import TesseraConfiguration

/// How inputs ended: their lines of the report, and how far a run is.
@Suite struct InputOutcomeTests {
  private static func member(
    _ details: String, _ failure: InputFailure? = nil
  ) -> RunRecord.Member {
    RunRecord.Member(
      name: "a", byteCount: 1, modificationTime: 2, hash: 3, failure: failure, details: details)
  }

  @Test("What an earlier run has warned of is told again")
  func warnings() {
    let odd = InputOutcome(recorded: Self.member(#"{"warnings":["one","two"],"outputs":[]}"#))
    #expect(odd.warnings == ["one", "two"] && odd.status == .skipped && odd.isRecorded)
    for details in [#"{"warnings":[],"outputs":[]}"#, "", "no JSON", "{}", #"{"warnings":1}"#] {
      #expect(InputOutcome(recorded: Self.member(details)).warnings == [], "\(details)")
    }
    let failure = InputFailure(.malformed, "its data ends early")
    let failed = InputOutcome(recorded: Self.member(#"{"warnings":["x"]}"#, failure))
    #expect(failed.status == .failed && failed.error == failure && failed.warnings == ["x"])
  }

  @Test("Outputs are those of the details, in their order")
  func outputs() {
    func outputs(_ details: String) -> [String] { InputOutcome(.ok, details: details).outputs }
    #expect(outputs(#"{"outputs":[{"path":"b"},{"bytes":1},{"path":"a"}]}"#) == ["b", "a"])
    #expect(outputs(#"{"outputs":[]}"#) == [] && outputs("{}") == [] && outputs("x") == [])
  }

  @Test("Numbers that JSON does not have are words")
  func words() {
    let values = [0.5, -2, .nan, .infinity, -.infinity]
    #expect(
      values.map { JSONWriter.compact(JSONValue(finiteOrWord: $0)) }
        == ["0.5", "-2", #""nan""#, #""inf""#, #""-inf""#])
  }

  @Test("A line tells input, view, failure and stage, times to a millionth of a second")
  func line() {
    var item = Item(
      name: "x/\"a\".png", source: ByteSource(path: "in/a.png"), byteCount: 7, modificationTime: 1)
    var outcome = InputOutcome(
      .failed,
      error: InputFailure(.memory(needed: 2, allowed: 1), stageIndex: 3), details: #"{"bytes":7}"#)
    outcome.seconds = 1.23456789
    #expect(
      outcome.line(of: item, for: .command)
        == #"{"source":"x/\"a\".png","status":"failed","error":{"kind":"memory","stage":3,"#
        + #""message":"needs 2 B of memory, --memory allows 1 B"},"bytes":7,"seconds":1.234568}"#
        + "\n")
    item.view = 2
    outcome.error = InputFailure(.plan, "no")
    #expect(
      outcome.line(of: item, for: .program)
        == #"{"source":"x/\"a\".png","view":2,"status":"failed","error":{"kind":"plan","#
        + #""stage":null,"message":"no"},"bytes":7,"seconds":1.234568}"# + "\n")
    outcome = InputOutcome(.notRun, details: "{\"bytes\":7}")
    #expect(
      outcome.line(of: item, for: .program)
        == #"{"source":"x/\"a\".png","view":2,"status":"not_run","error":null,"bytes":7,"#
        + #""seconds":0}"# + "\n")
  }

  @Test("Rates and the time that is left follow from what was done so far")
  func progress() {
    var progress = RunProgress()
    #expect(progress.imagesPerSecond == nil && progress.megapixelsPerSecond == nil)
    #expect(progress.remainingSeconds == nil && progress.endedCount == 0)
    (progress.okCount, progress.failedCount, progress.skippedCount) = (6, 2, 5)
    #expect(progress.endedCount == 13 && progress.processedCount == 8)
    #expect(progress.imagesPerSecond == nil)
    progress.seconds = 4
    #expect(progress.imagesPerSecond == 2 && progress.megapixelsPerSecond == nil)
    progress.pixelCount = 6_000_000
    #expect(progress.megapixelsPerSecond == 1.5)
    (progress.plannedByteCount, progress.readByteCount) = (1000, 0)
    #expect(progress.remainingSeconds == nil)
    progress.readByteCount = 200
    #expect(progress.remainingSeconds == 16)
    progress.readByteCount = 1000
    #expect(progress.remainingSeconds == 0)
    // More than was planned: inputs have grown.
    progress.readByteCount = 1001
    #expect(progress.remainingSeconds == nil)
  }
}
