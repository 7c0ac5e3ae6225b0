import TesseraCore
import Testing

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraEngine
@testable import TesseraPipeline

/// A plan that cannot work through nobody's fault but Tessera's.
struct PlanningBugTests {
  /// Asks for rows that no image has.
  private struct Insatiable: RowOperator, PreparedStep {
    var unitCount = 1
    func output(of input: RowFlow) -> RowFlow { input }
    func prepared(
      from input: RowFlow, to output: RowFlow, _ tools: RunTools
    ) -> any PreparedStep { Insatiable(unitCount: output.height) }
    func needs(_ units: Range<Int>) -> Range<Int> { 0..<unitCount + 1 }
    func step() -> any RowStep { preconditionFailure("no plan has this step") }
  }

  private struct Spoil: Rewrite {
    let name = "spoil"
    func apply(to graph: inout Graph) -> Bool {
      graph.links.insert(Graph.Link(Insatiable(), stageIndex: 0), at: 0)
      return true
    }
  }

  @Test("Operators that wait for each other are a mistake of Tessera, not of a stage")
  func deadlock() throws {
    let workshop = try Workshop()
    workshop.rewrites = [Spoil()]
    let error = try workshop.refusal(npy, shape: ImageShape(channels: 1, height: 4, width: 4))
    #expect(error?.isBug == true)
    #expect(error?.description == error?.message)
    let outcome = try workshop.run(npy, on: TestArray([1, 2, 2], [1, 2, 3, 4]))
    #expect(outcome.result.error?.kind == .bug)
    #expect(outcome.result.error?.stageIndex == nil)
  }
}
