import TesseraTestSupport
import Testing

@testable import TesseraEngine

/// The order of work on an image, whoever finishes first.
struct RunScheduleTests {
  /// What one run of a schedule has shown.
  private struct Run {
    var complaints: [String] = []
    /// Threads that were at work at once, at most.
    var concurrency = 0
    /// Whether two threads made rows of one step at once.
    var sharesStep = false
    /// Whether a thread made or decoded rows while a sink was taking some.
    var worksBesideSink = false
    /// Rows that took the place of another one.
    var reuseCount = 0
    var peaks: [Int] = []
  }

  /// Windows as one thread comes to hold them when it does one thing after the other: what planning
  /// gives a run.
  private static func capacities(_ graph: ScheduleGraph) -> [Int] {
    var schedule = graph.schedule(capacities: graph.heights.map { _ in .max }, workers: 1)
    while let job = schedule.next() { schedule.complete(job) }
    #expect(schedule.isFinished)
    return schedule.peaks
  }

  /// Goes through a schedule with some threads, any of which may be the next to end its work.
  private static func run(
    _ graph: ScheduleGraph, capacities: [Int], workers: Int, _ random: inout SeededGenerator
  ) -> Run {
    var schedule = graph.schedule(capacities: capacities, workers: workers)
    var witness = ScheduleWitness(graph, capacities: capacities)
    var underWay: [RunSchedule.Job] = []
    var run = Run()
    while !schedule.isFinished {
      // Threads do not all ask at once: now and then one ends its work before another has begun.
      let asks = underWay.isEmpty || Int.random(in: 0..<8, using: &random) > 0
      if asks, underWay.count < workers, let job = schedule.next() {
        witness.begin(job)
        underWay.append(job)
        note(underWay, in: &run)
        continue
      }
      guard let index = underWay.indices.randomElement(using: &random) else {
        run.complaints.append("nothing can be done, and not all is")
        break
      }
      let job = underWay.remove(at: index)
      witness.end(job)
      schedule.complete(job)
      if schedule.isIdle != underWay.isEmpty { run.complaints.append("loses count of its work") }
      if schedule.isFinished != (witness.isDone && underWay.isEmpty) {
        run.complaints.append("takes the image for done, or not")
      }
    }
    run.complaints += witness.complaints
    run.reuseCount = witness.reuseCount
    run.peaks = schedule.peaks
    return run
  }

  private static func note(_ underWay: [RunSchedule.Job], in run: inout Run) {
    run.concurrency = max(run.concurrency, underWay.count)
    var makers: [Int] = []
    var isTaking = false
    var isFilling = false
    for job in underWay {
      switch job {
      case .make(let node, _):
        makers.append(node)
        isFilling = true
      case .decode: isFilling = true
      case .take: isTaking = true
      case .prepare, .finish: break
      }
    }
    if Set(makers).count < makers.count { run.sharesStep = true }
    if isTaking, isFilling { run.worksBesideSink = true }
  }

  @Test(
    "Every row is held from before it is read until after, and no other one is put in its place",
    arguments: [1, 2, 3, 4, 8])
  func randomOrder(workers: Int) {
    var random = SeededGenerator(seed: UInt64(workers))
    var concurrency = 0, sharing = 0, besideSinks = 0, reuseCount = 0
    for number in 0..<160 {
      let graph = ScheduleGraph(&random)
      // As many rows as one thread needs suffice for any number; some more change the order.
      let spare = number % 3 * graph.bandHeight
      let capacities = Self.capacities(graph).map { $0 + spare }
      let run = Self.run(graph, capacities: capacities, workers: workers, &random)
      #expect(run.complaints.isEmpty, "graph \(number), \(workers) workers: \(run.complaints)")
      #expect(zip(run.peaks, capacities).allSatisfy { $0 <= $1 })
      concurrency = max(concurrency, run.concurrency)
      sharing += run.sharesStep ? 1 : 0
      besideSinks += run.worksBesideSink ? 1 : 0
      reuseCount += run.reuseCount
    }
    // Work that is never shared would prove nothing.
    #expect(concurrency >= min(workers, 4))
    #expect(reuseCount > 1000)
    if workers > 1 { #expect(sharing > 20 && besideSinks > 20, "\(sharing), \(besideSinks)") }
  }

  @Test("One thread comes to hold what planning was told that it would", arguments: 1...40)
  func peaks(seed: Int) {
    var random = SeededGenerator(seed: UInt64(1000 + seed))
    let graph = ScheduleGraph(&random)
    let capacities = Self.capacities(graph)
    #expect(zip(capacities, graph.heights).allSatisfy { 1 <= $0 && $0 <= $1 })
    let again = Self.run(graph, capacities: capacities, workers: 1, &random)
    #expect(again.complaints.isEmpty && again.peaks == capacities)
  }
}
