import TesseraCore

/// A step or a sink of a run, between its windows.
package struct RunNode {
  /// What the node does.
  package enum Work {
    case step(any RowStep, output: Int)
    case sink(any Sink)
  }

  package let work: Work
  package let stageIndex: Int
  /// The window that the node reads.
  package let input: Int
  /// Whether the node also reads the image as it was loaded.
  package let readsLoaded: Bool
  /// Units of work that are done at once.
  package let bandUnits: Int
  /// Rows to make, or units to take.
  package let unitCount: Int

  package init(_ work: Work, stageIndex: Int, input: Int, readsLoaded: Bool = false, bandUnits: Int)
  {
    self.work = work
    self.stageIndex = stageIndex
    self.input = input
    self.readsLoaded = readsLoaded
    self.bandUnits = max(bandUnits, 1)
    unitCount =
      switch work {
      case .step(let step, _): step.outputHeight
      case .sink(let sink): sink.unitCount
      }
  }

  /// The window that a step writes.
  package var output: Int? { if case .step(_, let output) = work { output } else { nil } }

  /// Whether a whole image must be looked at before the first band.
  package var needsPreparation: Bool {
    if case .step(let step, _) = work { step.needsPreparation } else { false }
  }

  /// The rows that some units are made from.
  package func inputRows(for units: Range<Int>) -> Range<Int> {
    switch work {
    case .step(let step, _): step.inputRows(for: units)
    case .sink(let sink): sink.inputRows(for: units)
    }
  }
}
