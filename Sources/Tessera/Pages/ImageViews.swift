import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraPipeline
import TesseraThreads

/// What the stages of a pipeline gave for one image, drawn.
struct ImageViews {
  /// What was seen, in the order of the stages; two of a stage that compares.
  let seen: [(stageIndex: Int, view: StageView)]
  /// What the values of stages mean.
  private let meanings: [ViewedLayout]
  private let pipeline: Pipeline
  /// The plan of the image, as `explain` shows it.
  let plan: Plan
  /// Figures of `compare`.
  let metrics: [Metric]
  /// The bound of `compare` that the image misses; `nil` where it misses none.
  let failure: InputFailure?

  /// Runs an image and looks at its stages; nothing is written.
  ///
  /// - Parameters:
  ///   - item: the input.
  ///   - processor: opens it.
  ///   - side: the longest side of a picture [px].
  ///   - memoryLimit: what it may take [bytes]; `nil` leaves it to the system.
  ///   - stages: which of the stages are looked at, given the plan; `nil`: all.
  ///   - cancellation: asked between bands.
  /// - Throws: `InputFailure` where nothing could be looked at.
  init(
    of item: Item, by processor: PipelineProcessor, side: Int, memoryLimit: Int? = nil,
    stages: (Plan) -> Set<Int>? = { _ in nil }, _ cancellation: Cancellation
  ) throws(InputFailure) {
    let reader = try processor.reader(of: item, cancellation)
    var planner = processor.planner
    var image = ImageResult()
    let viewed: Plan
    do throws(PlanningError) {
      plan = try planner.plan(reader.header, of: item.identity, cancellation)
      planner.viewing = Viewing(ViewSize(side: side), stages: stages(plan))
      viewed = try planner.plan(reader.header, of: item.identity, cancellation)
    } catch {
      throw InputFailure(error)
    }
    let workspace = planner.tools.workspace
    if let objection = MemoryBudget.objection(
      to: viewed.byteCount, limit: memoryLimit, keep: { workspace.release(keeping: $0) })
    {
      throw objection
    }
    do throws(RunFailure) {
      let execution = try ImageExecution(
        viewed.work, reader: reader, openingTime: .zero, outputs: [:], planner.tools,
        cancellation: cancellation)
      try execution.execute(into: &image, workers: viewed.work.workers)
    } catch {
      throw InputFailure(error)
    }
    metrics = image.metrics
    pipeline = planner.pipeline
    (seen, meanings) = (image.views, viewed.viewed)
    failure = Self.missed(meanings, image.figures)
  }

  /// The first bound that is missed, as a run fails of it.
  private static func missed(
    _ meanings: [ViewedLayout], _ figures: [ImageResult.Figure]
  ) -> InputFailure? {
    var rest = figures[...]
    for (index, meaning) in meanings.enumerated() {
      guard let comparison = meaning.comparison else { continue }
      let own = rest.prefix(comparison.metrics.count)
      rest = rest.dropFirst(own.count)
      let missed = comparison.missed(by: own)
      if !missed.isEmpty { return InputFailure(RunFailure(.missed(missed), stageIndex: index)) }
    }
    return nil
  }

  /// The same, drawn.
  var views: [DrawnView] {
    seen.map { index, view in
      DrawnView(
        view, of: meanings[index], written: plan.file(ofStage: index), stageIndex: index,
        stageName: type(of: pipeline.stages[index]).name)
    }
  }
}
