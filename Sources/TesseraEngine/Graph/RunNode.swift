/// A step or a sink of a plan, between its windows.
package struct RunNode: Sendable {
  /// What the node does.
  package enum Work: Sendable {
    case step(any PreparedStep)
    case sink(any PreparedSink)
  }

  package let work: Work
  /// What the node keeps for all images.
  package let prepared: any PreparedOperator
  /// Rows to make, or units to take.
  package let unitCount: Int
  /// The stage that the work belongs to.
  package let stageIndex: Int
  /// The window that the node reads.
  package let input: Int
  /// The window that is written; sinks have none.
  package let output: Int?
  /// Whether the node also reads the image as it was loaded.
  package let readsLoaded: Bool
  /// Units of work that are done at once.
  package var bandUnits = 1
  /// Whether the node needs the whole image before it starts.
  package var isBarrier = false
  /// Bytes of working memory, of all workers together.
  package var scratchBytes = 0
  private let describe: @Sendable (_ bandUnits: Int) -> String

  package init(
    _ work: Work, stageIndex: Int, input: Int, output: Int? = nil, readsLoaded: Bool = false,
    bandUnits: Int = 1, describe: @escaping @Sendable (_ bandUnits: Int) -> String
  ) {
    self.work = work
    self.stageIndex = stageIndex
    self.input = input
    self.output = output
    self.readsLoaded = readsLoaded
    self.bandUnits = max(bandUnits, 1)
    self.describe = describe
    prepared =
      switch work {
      case .step(let step): step
      case .sink(let sink): sink
      }
    unitCount = prepared.unitCount
  }

  /// What `explain` says of the work.
  package var manner: String { describe(bandUnits) }

  /// Whether a whole image must be looked at before the first band.
  package var needsPreparation: Bool {
    if case .step(let step) = work { step.looksAtWholeImage } else { false }
  }

  /// Working memory, tables, and what is made of these for an image.
  package var byteCount: Int {
    scratchBytes.saturating(plus: prepared.tableBytes).saturating(plus: prepared.stepBytes)
  }

  /// The rows that some units are made from.
  package func needs(_ units: Range<Int>) -> Range<Int> { prepared.needs(units) }
}
