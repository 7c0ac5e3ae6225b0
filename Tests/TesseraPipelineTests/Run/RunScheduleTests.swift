import TesseraCore
import TesseraTestSupport
import Testing

@testable import TesseraPipeline

/// The order of work on an image, whoever finishes first.
struct RunScheduleTests {
  /// A step that needs some rows around each.
  private final class Around: RowStep {
    let output = RowWindow.Format(elementType: .uint8, channels: 1, width: 1)
    let outputHeight: Int
    let needsPreparation: Bool
    private let reach: Int

    init(_ height: Int, reach: Int, needsPreparation: Bool = false) {
      outputHeight = height
      self.reach = reach
      self.needsPreparation = needsPreparation
    }

    func inputRows(for rows: Range<Int>) -> Range<Int> {
      if needsPreparation { return 0..<outputHeight }
      return max(0, rows.lowerBound - reach)..<min(outputHeight, rows.upperBound + reach)
    }

    func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {}
  }

  /// decode → around 3 rows → a whole image → two sinks, one of which reads what was loaded.
  private static func nodes(_ height: Int, band: Int) -> [RunNode] {
    let sink = SinkOutline(height: height, pass: nil, needsEveryRow: false, scratchBytes: 0)
    let whole = Around(height, reach: 0, needsPreparation: true)
    return [
      RunNode(.step(Around(height, reach: 3), output: 1), stageIndex: 1, input: 0, bandUnits: band),
      RunNode(.sink(sink), stageIndex: 2, input: 1, readsLoaded: true, bandUnits: 2),
      RunNode(.step(whole, output: 2), stageIndex: 3, input: 1, bandUnits: band),
      RunNode(.sink(sink), stageIndex: 4, input: 2, bandUnits: 3),
    ]
  }

  /// Windows as one thread needs them, and some rows more.
  private static func capacities(_ nodes: [RunNode], _ height: Int, spare: Int) -> [Int] {
    var schedule = RunSchedule(
      nodes: nodes, capacities: [.max, .max, .max], loadedWindow: 0, height: height,
      bandHeight: 4, workers: 1)
    while let job = schedule.next() { schedule.complete(job) }
    #expect(schedule.isFinished)
    return schedule.peaks.map { $0 + spare }
  }

  @Test("Every row is there before it is read, and room before it is written", arguments: 1...40)
  func randomOrder(seed: Int) {
    var random = SeededGenerator(seed: UInt64(seed))
    let height = Int.random(in: 1...60, using: &random)
    let band = Int.random(in: 1...9, using: &random)
    let nodes = Self.nodes(height, band: band)
    let capacities = Self.capacities(nodes, height, spare: seed % 3 * band)
    var schedule = RunSchedule(
      nodes: nodes, capacities: capacities, loadedWindow: 0, height: height, bandHeight: 4,
      workers: 4)
    var underWay: [RunSchedule.Job] = []
    var written = [[Int]](repeating: [], count: 3)
    while !schedule.isFinished {
      if underWay.count < 4, let job = schedule.next() {
        switch job {
        case .make(let node, let rows), .take(let node, let rows):
          let needed = nodes[node].inputRows(for: rows)
          #expect(needed.allSatisfy(written[nodes[node].input].contains))
          if nodes[node].readsLoaded { #expect(rows.allSatisfy(written[0].contains)) }
        case .prepare(let node):
          #expect(written[nodes[node].input].count == height)
        case .decode, .finish: break
        }
        underWay.append(job)
        continue
      }
      guard let index = underWay.indices.randomElement(using: &random) else {
        Issue.record("nothing can be done")
        return
      }
      let job = underWay.remove(at: index)
      switch job {
      case .decode(let rows): written[0] += rows
      case .make(let node, let rows): written[nodes[node].output ?? 0] += rows
      case .prepare, .take, .finish: break
      }
      schedule.complete(job)
    }
    #expect(written.allSatisfy { $0.sorted() == Array(0..<height) })
    #expect(zip(schedule.peaks, capacities).allSatisfy { $0 <= $1 })
  }
}
