/// Which piece of work on one image may be done next.
///
/// Knows rows by their numbers only: it holds no pixel and does no work. A band is decoded or made
/// once its window has room for it, and made or taken once the rows it needs are there; rows that
/// nobody needs any more are let go. How far every node can come depends on how far the decoder has
/// come and on nothing else, so that windows which suffice for one thread suffice for any number.
package struct RunSchedule {
  /// A piece of work that one thread does.
  package enum Job {
    /// The next rows are decoded into the first window.
    case decode(Range<Int>)
    /// A step looks at the whole image.
    case prepare(node: Int)
    /// A step makes rows.
    case make(node: Int, Range<Int>)
    /// A sink takes units.
    case take(node: Int, Range<Int>)
    /// A sink, which has taken everything, ends its work.
    case finish(node: Int)
  }

  /// The rows of one window.
  private struct Span {
    /// First row still held.
    var first = 0
    /// One past the last row that can be read.
    var end = 0
    /// One past the last row that is being written.
    var reserved = 0
    /// Rows that there is room for.
    var capacity: Int
    /// Rows that were held at most.
    var peak = 0

    func hasRoom(for count: Int) -> Bool { reserved - first + count <= capacity }

    mutating func reserve(_ count: Int) {
      reserved += count
      peak = max(peak, reserved - first)
    }
  }

  /// How far a node has come.
  private struct Progress {
    /// The first unit that was not begun.
    var next = 0
    /// Every unit before this one is done.
    var completed = 0
    /// Bands that were done before an earlier one.
    var early: [Range<Int>] = []
    /// Whether somebody prepares, takes or finishes.
    var isBusy = false
    var isPrepared: Bool
    var isFinished: Bool

    mutating func complete(_ units: Range<Int>) {
      early.append(units)
      while let index = early.firstIndex(where: { $0.lowerBound == completed }) {
        completed = early.remove(at: index).upperBound
      }
    }
  }

  private let nodes: [RunNode]
  private let keepers: [[Int]]
  private let loadedWindow: Int
  private let height: Int
  private let bandHeight: Int
  /// Nodes in the order in which they are asked for work.
  private let order: [Int]
  /// Whether decoding goes before steps: it and the sinks are done by one thread at a time, so that
  /// several threads should always find it begun.
  private let decodesEarly: Bool
  private var spans: [Span]
  private var progress: [Progress]
  private var isDecoding = false
  private var jobsUnderWay = 0

  /// Prepares the work on an image.
  ///
  /// - Parameters:
  ///   - nodes: the steps and sinks.
  ///   - capacities: rows that each window has room for; the first window is the decoder's.
  ///   - loadedWindow: the window with the image as it was loaded.
  ///   - height: rows of the image as it is stored.
  ///   - bandHeight: rows to decode at once.
  ///   - workers: threads that will do the work.
  package init(
    nodes: [RunNode], capacities: [Int], loadedWindow: Int, height: Int, bandHeight: Int,
    workers: Int
  ) {
    self.nodes = nodes
    self.loadedWindow = loadedWindow
    self.height = height
    self.bandHeight = bandHeight
    decodesEarly = workers > 1
    spans = capacities.map { Span(capacity: $0) }
    progress = nodes.map { node in
      Progress(isPrepared: !node.needsPreparation, isFinished: node.output != nil)
    }
    // Sinks first, which let go of rows; then the steps that are the furthest from the decoder.
    order =
      nodes.indices.filter { nodes[$0].output == nil }
      + nodes.indices.reversed().filter { nodes[$0].output != nil }
    keepers = capacities.indices.map { window in
      nodes.indices.filter {
        nodes[$0].input == window || (nodes[$0].readsLoaded && window == loadedWindow)
      }
    }
  }

  /// Rows that each window has held at most.
  package var peaks: [Int] { spans.map { max($0.peak, 1) } }

  /// Whether everything was done.
  package var isFinished: Bool {
    isIdle && spans[0].end == height
      && nodes.indices.allSatisfy {
        progress[$0].isFinished && progress[$0].completed == nodes[$0].unitCount
      }
  }

  /// Whether every piece of work that was given out is complete.
  package var isIdle: Bool { jobsUnderWay == 0 }

  /// The next piece of work; `nil` where there is none before another one is complete.
  package mutating func next() -> Job? {
    let job = sinkJob() ?? (decodesEarly ? decoding() ?? stepJob() : stepJob() ?? decoding())
    if job != nil { jobsUnderWay += 1 }
    return job
  }

  /// Takes note that a piece of work is done.
  package mutating func complete(_ job: Job) {
    jobsUnderWay -= 1
    switch job {
    case .decode(let rows):
      isDecoding = false
      spans[0].end = rows.upperBound
      release(0)
    case .prepare(let node):
      progress[node].isBusy = false
      progress[node].isPrepared = true
    case .make(let node, let rows):
      progress[node].complete(rows)
      guard let output = nodes[node].output else { return }
      spans[output].end = progress[node].completed
      release(output)
      release(nodes[node].input)
    case .take(let node, let units):
      progress[node].isBusy = false
      progress[node].complete(units)
      release(nodes[node].input)
      if nodes[node].readsLoaded { release(loadedWindow) }
    case .finish(let node):
      progress[node].isBusy = false
      progress[node].isFinished = true
    }
  }

  private mutating func decoding() -> Job? {
    let rows = spans[0].reserved..<min(spans[0].reserved + bandHeight, height)
    guard !isDecoding, !rows.isEmpty, spans[0].hasRoom(for: rows.count) else { return nil }
    isDecoding = true
    spans[0].reserve(rows.count)
    return .decode(rows)
  }

  private mutating func sinkJob() -> Job? {
    for index in order where nodes[index].output == nil && !progress[index].isBusy {
      if progress[index].completed == nodes[index].unitCount {
        guard !progress[index].isFinished else { continue }
        progress[index].isBusy = true
        return .finish(node: index)
      }
      guard let units = ready(index) else { continue }
      progress[index].next = units.upperBound
      progress[index].isBusy = true
      return .take(node: index, units)
    }
    return nil
  }

  private mutating func stepJob() -> Job? {
    for index in order where !progress[index].isBusy {
      guard let output = nodes[index].output, let rows = ready(index) else { continue }
      if !progress[index].isPrepared {
        progress[index].isBusy = true
        return .prepare(node: index)
      }
      guard spans[output].hasRoom(for: rows.count) else { continue }
      spans[output].reserve(rows.count)
      progress[index].next = rows.upperBound
      return .make(node: index, rows)
    }
    return nil
  }

  /// The next units of a node for which all rows are there: one band, of a sink up to eight.
  private func ready(_ index: Int) -> Range<Int>? {
    let node = nodes[index]
    let first = progress[index].next
    var end = first
    for _ in 0..<(node.output == nil ? 8 : 1) where end < node.unitCount {
      let units = end..<min(end + node.bandUnits, node.unitCount)
      // Rows of padding alone need none, and yet something that the first row is made with: what its
      // maker has found out of the whole image.
      guard max(node.needs(units).upperBound, 1) <= spans[node.input].end,
        !node.readsLoaded || units.upperBound <= spans[loadedWindow].end
      else { break }
      end = units.upperBound
    }
    return end > first ? first..<end : nil
  }

  /// Lets go of the rows of a window that nobody needs any more.
  private mutating func release(_ window: Int) {
    let needed = keepers[window].map(firstNeededRow).min() ?? .max
    spans[window].first = max(spans[window].first, min(needed, spans[window].end))
  }

  /// The first row that a node still needs, now or later.
  private func firstNeededRow(of index: Int) -> Int {
    let node = nodes[index]
    let unit = progress[index].completed
    guard unit < node.unitCount else { return .max }
    let rows = node.needs(unit..<node.unitCount)
    return rows.isEmpty ? .max : rows.lowerBound
  }
}
