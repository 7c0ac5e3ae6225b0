import TesseraTestSupport

@testable import TesseraEngine

/// Steps and sinks between windows, as a schedule sees them: numbers of rows, no pixels.
struct ScheduleGraph {
  /// A step, or a sink where there is no output.
  struct Node: Sendable {
    var input: Int
    var output: Int?
    /// Rows to make, or units to take.
    var unitCount: Int
    var bandUnits: Int
    var readsLoaded = false
    var needsPreparation = false
    /// The input rows that some units are made from.
    var rows: @Sendable (Range<Int>) -> Range<Int>
  }

  /// Rows of every window; the first one is the decoder's.
  var heights: [Int]
  var nodes: [Node] = []
  var loadedWindow = 0
  var bandHeight: Int

  /// Makes a graph of an image of `height` rows.
  init(height: Int, bandHeight: Int, _ nodes: [Node]) {
    heights = [height] + nodes.filter { $0.output != nil }.map(\.unitCount)
    self.nodes = nodes
    self.bandHeight = bandHeight
  }

  /// Makes a graph of up to five steps in which every window is read.
  init(_ random: inout SeededGenerator) {
    heights = [Int.random(in: 1...48, using: &random)]
    bandHeight = Int.random(in: 1...9, using: &random)
    // What is loaded may be a converted image, and then nobody else reads what was decoded.
    if Bool.random(using: &random) {
      addStep(reading: 0, &random)
      loadedWindow = 1
    }
    for _ in 0..<Int.random(in: 0...4, using: &random) {
      addStep(reading: Int.random(in: loadedWindow..<heights.count, using: &random), &random)
    }
    for window in loadedWindow..<heights.count {
      let isRead = nodes.contains { $0.input == window }
      if !isRead || Int.random(in: 0...2, using: &random) == 0 {
        addSink(reading: window, &random)
      }
    }
    nodes.shuffle(using: &random)
  }

  private mutating func addStep(reading input: Int, _ random: inout SeededGenerator) {
    let height = heights[input]
    let reach = Int.random(in: 0...4, using: &random)
    let pace = Int.random(in: 1...3, using: &random)
    var node = Node(input: input, output: heights.count, unitCount: height, bandUnits: 1) { $0 }
    switch Int.random(in: 0...6, using: &random) {
    case 0:  // Rows around each, as a convolution reads them.
      node.rows = { max(0, $0.lowerBound - reach)..<min(height, $0.upperBound + reach) }
    case 1:  // The whole image is looked at before the first row.
      node.needsPreparation = true
      node.rows = { _ in 0..<height }
    case 2:  // Every row is made from all, as in a quarter turn.
      node.rows = { _ in 0..<height }
    case 3:  // Fewer rows than there were.
      node.unitCount = (height + pace - 1) / pace
      node.rows = {
        $0.lowerBound * pace..<min(height, ($0.upperBound - 1) * pace + 1 + reach)
      }
    case 4:  // Rows of zeros above and below, made from none.
      node.unitCount = height + 2 * reach
      node.rows = { rows in
        let inside = (rows.lowerBound - reach..<rows.upperBound - reach).clamped(to: 0..<height)
        return inside.isEmpty ? 0..<0 : inside
      }
    case 5:  // Zeros above: these rows are ahead of those they are from.
      node.rows = { rows in
        let inside = (rows.lowerBound - reach..<rows.upperBound - reach).clamped(to: 0..<height)
        return inside.isEmpty ? 0..<0 : inside
      }
    default:  // More rows than there were.
      node.unitCount = height * pace
      node.rows = { $0.lowerBound / pace..<($0.upperBound - 1) / pace + 1 }
    }
    node.bandUnits = Int.random(in: 1...min(9, node.unitCount), using: &random)
    heights.append(node.unitCount)
    nodes.append(node)
  }

  private mutating func addSink(reading input: Int, _ random: inout SeededGenerator) {
    let height = heights[input]
    let (pace, reach) = (
      Int.random(in: 1...4, using: &random), Int.random(in: 0...5, using: &random)
    )
    var node = Node(
      input: input, output: nil, unitCount: height,
      bandUnits: Int.random(in: 1...8, using: &random)
    ) { $0 }
    node.readsLoaded = height == heights[loadedWindow] && Bool.random(using: &random)
    switch Int.random(in: 0...3, using: &random) {
    case 0:  // The whole image first.
      node.rows = { _ in 0..<height }
    case 1 where !node.readsLoaded:  // Tiles of patches, which overlap.
      node.bandUnits = 1
      node.unitCount = (height + pace - 1) / pace
      node.rows = { $0.lowerBound * pace..<min(height, ($0.upperBound - 1) * pace + 1 + reach) }
    default: break
    }
    nodes.append(node)
  }
}

// MARK: The schedule's own types, met here alone

extension ScheduleGraph {
  /// A schedule for the graph.
  func schedule(capacities: [Int], workers: Int) -> RunSchedule {
    RunSchedule(
      nodes: nodes.map { node in
        RunNode(
          node.output == nil ? .sink(Outline(node)) : .step(Outline(node)), stageIndex: 1,
          input: node.input, output: node.output, readsLoaded: node.readsLoaded,
          bandUnits: node.bandUnits, describe: { _ in "" })
      },
      capacities: capacities, loadedWindow: loadedWindow, height: heights[0],
      bandHeight: bandHeight, workers: workers)
  }

  /// Numbers of rows, and no work.
  private final class Outline: PreparedStep, PreparedSink, RowStep, Sink {
    let unitCount: Int
    let looksAtWholeImage: Bool
    private let rows: @Sendable (Range<Int>) -> Range<Int>

    init(_ node: Node) {
      unitCount = node.unitCount
      looksAtWholeImage = node.needsPreparation
      rows = node.rows
    }

    func needs(_ units: Range<Int>) -> Range<Int> { rows(units) }
    func step() -> any RowStep { self }
    func sink(in context: RunContext) -> any Sink { self }
    func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {}
    func take(_ units: Range<Int>, from input: RowWindow, loaded: RowWindow?) {}
    func finish() {}
  }
}
