@testable import TesseraEngine

/// Does the work that a schedule gives out on rings of row numbers, and notes every job that should
/// not have been given out when it was.
struct ScheduleWitness {
  /// Room for one row of a window.
  private struct Slot {
    var row: Int?
    var isWritten = false
    var readers = 0
  }

  /// How far a node has come.
  private struct State {
    var next = 0
    var completed = 0
    var isBusy = false
    var isPrepared: Bool
    var isFinished = false
  }

  private let graph: ScheduleGraph
  private var windows: [[Slot]]
  private var states: [State]
  private var decoded = 0
  private var isDecoding = false
  /// What was wrong.
  private(set) var complaints: [String] = []
  /// Rows that took the place of another one.
  private(set) var reuseCount = 0

  init(_ graph: ScheduleGraph, capacities: [Int]) {
    self.graph = graph
    windows = capacities.map { Array(repeating: Slot(), count: $0) }
    states = graph.nodes.map { State(isPrepared: !$0.needsPreparation) }
  }

  /// Whether all rows were decoded, made and taken, and every sink has ended.
  var isDone: Bool {
    decoded == graph.heights[0]
      && zip(graph.nodes, states).allSatisfy { node, state in
        state.completed == node.unitCount && (node.output != nil || state.isFinished)
      }
  }

  /// A thread begins a piece of work.
  mutating func begin(_ job: RunSchedule.Job) {
    switch job {
    case .decode(let rows):
      demand(!isDecoding, "two threads decode")
      demand(rows.lowerBound == decoded, "decodes \(rows) after \(decoded)")
      demand((1...graph.bandHeight).contains(rows.count), "decodes \(rows) at once")
      isDecoding = true
      write(rows, 0)
    case .prepare(let index):
      demand(!states[index].isPrepared && !states[index].isBusy, "prepares \(index) twice")
      states[index].isBusy = true
      read(graph.nodes[index].rows(0..<graph.nodes[index].unitCount), graph.nodes[index].input, 1)
    case .make(let index, let rows):
      demand(states[index].isPrepared, "makes \(rows) of \(index) unprepared")
      demand(rows.count <= graph.nodes[index].bandUnits, "makes \(rows) of \(index) at once")
      advance(index, rows)
      read(graph.nodes[index].rows(rows), graph.nodes[index].input, 1)
      write(rows, graph.nodes[index].output ?? 0)
    case .take(let index, let units):
      demand(!states[index].isBusy, "two threads take from \(index)")
      states[index].isBusy = true
      advance(index, units)
      readAll(index, units, 1)
    case .finish(let index):
      demand(
        !states[index].isBusy && !states[index].isFinished
          && states[index].completed == graph.nodes[index].unitCount, "finishes \(index)")
      states[index].isBusy = true
    }
  }

  /// The work is done.
  mutating func end(_ job: RunSchedule.Job) {
    switch job {
    case .decode(let rows):
      isDecoding = false
      decoded = rows.upperBound
      finishWriting(rows, 0)
    case .prepare(let index):
      states[index].isBusy = false
      states[index].isPrepared = true
      read(graph.nodes[index].rows(0..<graph.nodes[index].unitCount), graph.nodes[index].input, -1)
    case .make(let index, let rows):
      states[index].completed += rows.count
      read(graph.nodes[index].rows(rows), graph.nodes[index].input, -1)
      finishWriting(rows, graph.nodes[index].output ?? 0)
    case .take(let index, let units):
      states[index].isBusy = false
      states[index].completed += units.count
      readAll(index, units, -1)
    case .finish(let index):
      states[index].isBusy = false
      states[index].isFinished = true
    }
  }

  private mutating func demand(_ holds: Bool, _ complaint: String) {
    if !holds { complaints.append(complaint) }
  }

  private mutating func advance(_ index: Int, _ units: Range<Int>) {
    demand(
      units.lowerBound == states[index].next && !units.isEmpty
        && units.upperBound <= graph.nodes[index].unitCount,
      "gives \(units) of \(index) after \(states[index].next)")
    states[index].next = units.upperBound
  }

  private mutating func readAll(_ index: Int, _ units: Range<Int>, _ change: Int) {
    read(graph.nodes[index].rows(units), graph.nodes[index].input, change)
    if graph.nodes[index].readsLoaded { read(units, graph.loadedWindow, change) }
  }

  /// Begins to read rows (`change` is 1), or ends it (−1): at both times they must be there.
  private mutating func read(_ rows: Range<Int>, _ window: Int, _ change: Int) {
    for row in rows {
      let place = row % windows[window].count
      let slot = windows[window][place]
      demand(slot.row == row && !slot.isWritten, "row \(row) of window \(window) is not there")
      windows[window][place].readers += change
    }
  }

  private mutating func write(_ rows: Range<Int>, _ window: Int) {
    for row in rows {
      let place = row % windows[window].count
      let slot = windows[window][place]
      demand(
        slot.readers == 0 && !slot.isWritten, "row \(row) of window \(window) goes over a used one")
      if slot.row != nil { reuseCount += 1 }
      windows[window][place].row = row
      windows[window][place].isWritten = true
    }
  }

  private mutating func finishWriting(_ rows: Range<Int>, _ window: Int) {
    for row in rows { windows[window][row % windows[window].count].isWritten = false }
  }
}
