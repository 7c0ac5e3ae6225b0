import TesseraCore

/// One image on its way through a plan.
///
/// A graph of windows (rows that are in memory) and nodes (steps and sinks that read them). Rows
/// are pushed in at the first window; every node works as soon as the rows it needs are there, a
/// band at a time, and rows that nobody needs any more are let go.
final class ImageRun {
  /// A step or a sink, and how far it has come.
  final class Node {
    enum Work {
      case step(any RowStep, output: Int)
      case sink(any Sink)
    }

    let work: Work
    let stageIndex: Int
    let input: Int
    /// Whether the node also reads the image as it was loaded.
    let readsLoaded: Bool
    fileprivate let bandUnits: Int
    fileprivate var next = 0
    fileprivate var isPrepared = false
    fileprivate(set) var elapsed = Duration.zero

    init(_ work: Work, stageIndex: Int, input: Int, readsLoaded: Bool = false, bandUnits: Int) {
      self.work = work
      self.stageIndex = stageIndex
      self.input = input
      self.readsLoaded = readsLoaded
      self.bandUnits = max(bandUnits, 1)
    }

    var unitCount: Int {
      switch work {
      case .step(let step, _): step.outputHeight
      case .sink(let sink): sink.unitCount
      }
    }

    func inputRows(for units: Range<Int>) -> Range<Int> {
      switch work {
      case .step(let step, _): step.inputRows(for: units)
      case .sink(let sink): sink.inputRows(for: units)
      }
    }

    /// The first row that the node still needs, now or later.
    fileprivate var firstNeededRow: Int {
      guard next < unitCount else { return .max }
      let rows = inputRows(for: next..<unitCount)
      return rows.isEmpty ? .max : rows.lowerBound
    }
  }

  private let windows: [RowWindow]
  private let loadedWindow: Int
  let nodes: [Node]
  private let consumers: [[Int]]
  private let keepers: [[Int]]
  private let cancellation: Cancellation
  /// Time spent on decoding.
  var loadingTime = Duration.zero

  /// - Parameters:
  ///   - windows: the windows between nodes; the first one is filled by the source.
  ///   - loadedWindow: which of them holds the image as it was loaded.
  init(windows: [RowWindow], loadedWindow: Int, nodes: [Node], cancellation: Cancellation) {
    self.windows = windows
    self.loadedWindow = loadedWindow
    self.nodes = nodes
    self.cancellation = cancellation
    consumers = windows.indices.map { window in
      nodes.indices.filter { nodes[$0].input == window }
    }
    keepers = windows.indices.map { window in
      nodes.indices.filter {
        nodes[$0].input == window || (nodes[$0].readsLoaded && window == loadedWindow)
      }
    }
  }

  /// The window to fill: reserve rows, write them, then call `commit(_:)`.
  var entrance: RowWindow { windows[0] }

  /// Hands `count` rows to the nodes, which do all the work that they make possible.
  func commit(_ count: Int) throws {
    entrance.commit(count)
    try advance(window: 0)
  }

  /// Ends every sink, once all rows were committed.
  func finish() throws(InputFailure) {
    for node in nodes {
      guard node.next == node.unitCount else {
        throw InputFailure(
          .bug, "stage \(node.stageIndex) made \(node.next) of \(node.unitCount) rows",
          stageIndex: node.stageIndex)
      }
      if case .sink(let sink) = node.work {
        let start = ContinuousClock.now
        try sink.finish()
        node.elapsed += ContinuousClock.now - start
      }
    }
  }

  /// Time by stage; decoding counts for the first.
  var stageTimes: [StageTime] {
    var times: [Int: Duration] = [0: loadingTime]
    for node in nodes { times[node.stageIndex, default: .zero] += node.elapsed }
    return times.sorted { $0.key < $1.key }.map {
      StageTime(stageIndex: $0.key, seconds: $0.value / .seconds(1))
    }
  }

  private func advance(window: Int) throws {
    for index in consumers[window] {
      let node = nodes[index]
      while node.next < node.unitCount, try work(node) {
        release(window)
      }
    }
    release(window)
  }

  /// Does one band of a node's work; false where rows are missing.
  private func work(_ node: Node) throws -> Bool {
    let units = node.next..<min(node.next + node.bandUnits, node.unitCount)
    let input = windows[node.input]
    guard node.inputRows(for: units).upperBound <= input.end else { return false }
    try cancellation.check()
    let start = ContinuousClock.now
    switch node.work {
    case .step(let step, let outputIndex):
      if !node.isPrepared {
        step.prepare(from: input)
        node.isPrepared = true
      }
      let output = windows[outputIndex]
      output.reserve(units.count)
      step.make(units, from: input, into: output)
      output.commit(units.count)
      node.next = units.upperBound
      node.elapsed += ContinuousClock.now - start
      try advance(window: outputIndex)
    case .sink(let sink):
      try sink.take(units, from: input, loaded: node.readsLoaded ? windows[loadedWindow] : nil)
      node.next = units.upperBound
      node.elapsed += ContinuousClock.now - start
    }
    return true
  }

  private func release(_ window: Int) {
    let needed = keepers[window].map { nodes[$0].firstNeededRow }.min() ?? .max
    windows[window].discard(below: needed)
    if window != loadedWindow, consumers[window].contains(where: { nodes[$0].readsLoaded }) {
      release(loadedWindow)
    }
  }
}
