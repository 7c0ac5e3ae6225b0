import TesseraCore

/// A run of a plan without a pixel: tells how many rows each window comes to hold.
///
/// It is the executor itself that runs, on rows of no length, so that the answer cannot drift from
/// what happens.
struct RunRehearsal {
  private let plan: Plan
  private var nodes: [RunNode] = []

  init(_ plan: Plan) { self.plan = plan }

  /// Adds a step, with the bands that the plan gives it.
  mutating func add(_ step: any RowStep, for node: Plan.Node) {
    add(.step(SilentStep(step), output: node.output ?? node.input), for: node)
  }

  /// Adds a sink, with the bands that the plan gives it.
  mutating func add(_ sink: SinkOutline, for node: Plan.Node) { add(.sink(sink), for: node) }

  private mutating func add(_ work: RunNode.Work, for node: Plan.Node) {
    var readsLoaded = false
    if case .compare = node.work { readsLoaded = true }
    nodes.append(
      RunNode(
        work, stageIndex: node.stageIndex, input: node.input, readsLoaded: readsLoaded,
        bandUnits: node.bandUnits, hasThread: false))
  }

  /// The most rows that each window holds at once.
  func peakRows() throws(StageError) -> [Int] {
    let pool = ScratchPool()
    let windows = plan.windows.map { window in
      RowWindow(
        format: RowWindow.Format(
          elementType: window.format.elementType, channels: 0, width: 0),
        capacity: 1, pool: pool)
    }
    let run = ImageRun(
      windows: windows, loadedWindow: plan.loadedWindow, nodes: nodes, workers: plan.workers,
      isConcurrent: false, cancellation: Cancellation())
    do {
      try run.run(height: plan.source.stored.height, bandHeight: plan.bandHeight) { _, _ in }
    } catch {
      throw StageError("the stages cannot be put in an order that works: \(error)")
    }
    return run.windowCapacities
  }
}

/// A step that only says which rows it would need.
private final class SilentStep: RowStep {
  let output: RowWindow.Format
  let outputHeight: Int
  private let step: any RowStep

  init(_ step: any RowStep) {
    self.step = step
    output = step.output
    outputHeight = step.outputHeight
  }

  func inputRows(for rows: Range<Int>) -> Range<Int> { step.inputRows(for: rows) }
  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {}
}

/// What planning knows of a sink: which rows it will need, and how much memory.
final class SinkOutline: Sink {
  let unitCount: Int
  /// Whether the sink takes tiles of patches, not rows.
  let isTiled: Bool
  /// Bytes of working memory.
  let scratchBytes: Int
  private let height: Int
  private let pass: TilePass?
  private let needsEveryRow: Bool

  /// - Parameters:
  ///   - height: rows of the image that is read.
  ///   - pass: cuts the tiles that are taken, where those are the units.
  ///   - needsEveryRow: whether the whole image must be there first.
  ///   - scratchBytes: working memory beside that of the pass.
  init(height: Int, pass: TilePass?, needsEveryRow: Bool, scratchBytes: Int) {
    self.height = height
    self.pass = pass
    self.needsEveryRow = needsEveryRow
    self.scratchBytes = scratchBytes + (pass?.scratchBytes ?? 0)
    unitCount = pass?.tileCount ?? height
    isTiled = pass != nil
  }

  func inputRows(for units: Range<Int>) -> Range<Int> {
    needsEveryRow ? 0..<height : pass?.inputRows(forTiles: units) ?? units
  }

  func take(_ units: Range<Int>, from input: RowWindow, loaded: RowWindow?) {}
  func finish() {}
}
