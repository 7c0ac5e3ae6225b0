import TesseraCore

/// A step or a sink of a run, and how far it has come.
final class RunNode {
  /// What the node does.
  enum Work {
    case step(any RowStep, output: Int)
    case sink(any Sink)
  }

  let work: Work
  let stageIndex: Int
  /// The window that the node reads.
  let input: Int
  /// Whether the node also reads the image as it was loaded.
  let readsLoaded: Bool
  /// Units of work that are done at once.
  let bandUnits: Int
  /// Where a sink works.
  let lane: Lane
  /// The first unit that was not begun.
  var next = 0
  /// What the lane may still be reading.
  var underWay: Range<Int>?
  /// Time that steps have taken; a sink's is its lane's.
  var making = Duration.zero

  init(
    _ work: Work, stageIndex: Int, input: Int, readsLoaded: Bool = false, bandUnits: Int,
    hasThread: Bool
  ) {
    self.work = work
    self.stageIndex = stageIndex
    self.input = input
    self.readsLoaded = readsLoaded
    self.bandUnits = max(bandUnits, 1)
    lane = Lane(isConcurrent: hasThread)
  }

  /// Rows to make, or units to take.
  var unitCount: Int {
    switch work {
    case .step(let step, _): step.outputHeight
    case .sink(let sink): sink.unitCount
    }
  }

  /// Time that the node has taken.
  var elapsed: Duration { making + lane.elapsed }

  /// The rows that some units are made from.
  func inputRows(for units: Range<Int>) -> Range<Int> {
    switch work {
    case .step(let step, _): step.inputRows(for: units)
    case .sink(let sink): sink.inputRows(for: units)
    }
  }

  /// The first row that the node still needs, now or later.
  var firstNeededRow: Int {
    let unit = underWay?.lowerBound ?? next
    guard unit < unitCount else { return .max }
    let rows = inputRows(for: unit..<unitCount)
    return rows.isEmpty ? .max : rows.lowerBound
  }
}
