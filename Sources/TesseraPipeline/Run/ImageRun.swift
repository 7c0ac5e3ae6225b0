import Dispatch
import TesseraCore

/// One image on its way through a plan.
///
/// A graph of windows (rows that are in memory) and nodes (steps and sinks that read them). Rows
/// are decoded into the first window; every node works as soon as the rows it needs are there, a
/// band at a time, and rows that nobody needs any more are let go. With several workers the
/// decoder and every sink have a thread of their own, and the rows of a band are divided; what is
/// made is the same.
final class ImageRun {
  private let windows: [RowWindow]
  private let loadedWindow: Int
  private let nodes: [RunNode]
  private let consumers: [[RunNode]]
  private let keepers: [[RunNode]]
  private let workers: Int
  private let isConcurrent: Bool
  private let cancellation: Cancellation
  private let decoding: Lane

  /// Puts windows and nodes together.
  ///
  /// - Parameters:
  ///   - windows: the windows between nodes; the first one is filled by the source.
  ///   - loadedWindow: which of them holds the image as it was loaded.
  ///   - nodes: the steps and sinks.
  ///   - workers: threads that a band may use.
  ///   - isConcurrent: whether several workers are several threads, or only keep the order of theirs.
  ///   - cancellation: asked between bands.
  init(
    windows: [RowWindow], loadedWindow: Int, nodes: [RunNode], workers: Int,
    isConcurrent: Bool = true, cancellation: Cancellation
  ) {
    self.windows = windows
    self.loadedWindow = loadedWindow
    self.nodes = nodes
    self.workers = workers
    self.isConcurrent = isConcurrent && workers > 1
    self.cancellation = cancellation
    decoding = Lane(isConcurrent: self.isConcurrent)
    consumers = windows.indices.map { window in nodes.filter { $0.input == window } }
    keepers = windows.indices.map { window in
      nodes.filter { $0.input == window || ($0.readsLoaded && window == loadedWindow) }
    }
  }

  /// Decodes an image and does everything with it, up to the end of every file.
  ///
  /// - Parameters:
  ///   - height: rows of the image as it is stored.
  ///   - bandHeight: rows to decode at once.
  ///   - decode: decodes the next rows into a window that has room for them.
  /// - Throws: what `decode` throws, `InputFailure` of a stage or an encoder, `Cancelled`.
  func run(
    height: Int, bandHeight: Int, decode: @escaping (Range<Int>, RowWindow) throws -> Void
  ) throws {
    let entrance = windows[0]
    var decoded = 0
    func decodeNext() throws {
      let rows = decoded..<min(decoded + bandHeight, height)
      guard !rows.isEmpty else { return }
      try reserve(rows.count, in: 0)
      try decoding.start { try decode(rows, entrance) }
      decoded = rows.upperBound
    }
    try decodeNext()
    while entrance.end < height {
      try cancellation.check()
      try decoding.wait()
      entrance.commit(decoded - entrance.end)
      // The next rows are decoded while these are worked on.
      if workers > 1 { try decodeNext() }
      try advance(window: 0)
      if workers == 1 { try decodeNext() }
    }
    try finish()
  }

  /// Rows that each window has room for.
  var windowCapacities: [Int] { windows.map(\.capacity) }

  /// Time by stage; decoding counts for the first.
  var stageTimes: [StageTime] {
    var times: [Int: Duration] = [0: decoding.elapsed]
    for node in nodes { times[node.stageIndex, default: .zero] += node.elapsed }
    return times.sorted { $0.key < $1.key }.map {
      StageTime(stageIndex: $0.key, seconds: $0.value / .seconds(1))
    }
  }

  private func finish() throws {
    for node in nodes {
      try node.lane.wait()
      guard node.next == node.unitCount else {
        throw InputFailure(
          .bug, "stage \(node.stageIndex) made \(node.next) of \(node.unitCount) rows",
          stageIndex: node.stageIndex)
      }
      if case .sink(let sink) = node.work { try node.lane.start { try sink.finish() } }
    }
    for node in nodes { try node.lane.wait() }
  }

  /// Lets the readers of a window do all the work that its rows make possible.
  private func advance(window: Int) throws {
    for node in consumers[window] {
      while let units = nextUnits(of: node) {
        try cancellation.check()
        switch node.work {
        case .step(let step, let output):
          try make(units, of: step, node: node, output: output)
          release(window)
          try advance(window: output)
        case .sink(let sink):
          try take(units, by: sink, node: node)
        }
        release(window)
      }
    }
    release(window)
  }

  /// The next band of a node, where all rows that it needs are there.
  private func nextUnits(of node: RunNode) -> Range<Int>? {
    guard node.next < node.unitCount else { return nil }
    let units = node.next..<min(node.next + node.bandUnits, node.unitCount)
    return node.inputRows(for: units).upperBound <= windows[node.input].end ? units : nil
  }

  private func make(
    _ rows: Range<Int>, of step: any RowStep, node: RunNode, output index: Int
  ) throws {
    let input = windows[node.input]
    let output = windows[index]
    let start = ContinuousClock.now
    if node.next == 0 { step.prepare(from: input) }
    try reserve(rows.count, in: index)
    let parts = isConcurrent ? min(workers, rows.count) : 1
    if parts > 1 {
      DispatchQueue.concurrentPerform(iterations: parts) { part in
        let lower = rows.lowerBound + rows.count * part / parts
        let upper = rows.lowerBound + rows.count * (part + 1) / parts
        step.make(lower..<upper, from: input, into: output)
      }
    } else {
      step.make(rows, from: input, into: output)
    }
    output.commit(rows.count)
    node.next = rows.upperBound
    node.making += ContinuousClock.now - start
  }

  private func take(_ units: Range<Int>, by sink: any Sink, node: RunNode) throws {
    let input = windows[node.input]
    let loaded = node.readsLoaded ? windows[loadedWindow] : nil
    try node.lane.wait()
    node.next = units.upperBound
    node.underWay = units
    try node.lane.start { try sink.take(units, from: input, loaded: loaded) }
    if workers == 1 { node.underWay = nil }
  }

  /// Makes room in a window.
  ///
  /// Where its memory has to move, nobody may be reading it.
  private func reserve(_ count: Int, in window: Int) throws {
    if windows[window].mustGrow(toReserve: count) {
      if window == 0 { try decoding.wait() }
      for node in keepers[window] { try node.lane.wait() }
    }
    windows[window].reserve(count)
  }

  private func release(_ window: Int) {
    let needed = keepers[window].map(\.firstNeededRow).min() ?? .max
    windows[window].discard(below: needed)
    if window != loadedWindow, consumers[window].contains(where: \.readsLoaded) {
      release(loadedWindow)
    }
  }
}
