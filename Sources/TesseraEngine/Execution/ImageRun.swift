import TesseraCodecs
import TesseraThreads

/// One image on its way through a plan.
///
/// A graph of windows (rows that are in memory) and nodes (steps and sinks that read them). Rows
/// are decoded into the first window; every node works as soon as the rows it needs are there, a
/// band at a time, and rows that nobody needs any more are let go. Several threads take whatever
/// can be done next: one decodes, one encodes, others make bands; what is made is the same.
final class ImageRun {
  /// A node's work on this image.
  enum Work {
    case step(any RowStep)
    case sink(any Sink)
  }

  private let windows: [RowWindow]
  private let plan: GraphPlan
  private let works: [Work]
  private let cancellation: Cancellation
  private var times: [Int: Duration]

  /// Decodes rows into a window that has room for them.
  typealias Decode = (Range<Int>, RowWindow) throws(CodecError) -> Void

  /// What the threads share.
  private struct State {
    var schedule: RunSchedule
    /// The first thing that went wrong: everybody stops.
    var failure: RunFailure?
    var times: [Int: Duration] = [:]

    /// What a thread does next; `nil` where it has to wait for another one.
    mutating func next() -> Turn? {
      if failure != nil || schedule.isFinished { return .end }
      if let job = schedule.next() { return .job(job) }
      return schedule.isIdle ? .stuck : nil
    }

    mutating func end(
      _ job: RunSchedule.Job, of stage: Int, after time: Duration, error: RunError?
    ) {
      times[stage, default: .zero] += time
      schedule.complete(job)
      if failure == nil { failure = error.map { RunFailure($0, stageIndex: stage) } }
    }
  }

  private enum Turn {
    case job(RunSchedule.Job)
    case end
    /// No band can be worked on, and the image is not done: planning was wrong.
    case stuck
  }

  /// Puts windows and the work between them together.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - works: a step or sink for each of its nodes.
  ///   - rows: lends the memory of the windows.
  ///   - cancellation: asked between bands.
  ///   - times: what stages have taken already.
  init(
    _ plan: GraphPlan, works: [Work], rows: ScratchPool, cancellation: Cancellation,
    times: [Int: Duration]
  ) {
    self.plan = plan
    self.times = times
    self.works = works
    windows = plan.windows.map {
      RowWindow(
        format: $0.flow.format, capacity: $0.capacity, pool: rows, cancellation: cancellation)
    }
    self.cancellation = cancellation
  }

  /// Counts work for a stage that is done beside the run of its bands.
  func timed<Result, Failure: Error>(
    _ stage: Int, _ work: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let start = ContinuousClock.now
    defer { times[stage, default: .zero] += ContinuousClock.now - start }
    return try work()
  }

  /// Time by stage; opening and decoding count for the first.
  var secondsByStage: [(stageIndex: Int, seconds: Double)] {
    times.sorted { $0.key < $1.key }.map { ($0.key, $0.value / .seconds(1)) }
  }

  /// Decodes an image and does everything with it, up to the end of every file.
  ///
  /// - Parameters:
  ///   - workers: threads to use.
  ///   - decode: decodes the next rows.
  /// - Throws: `RunFailure`.
  func run(workers: Int, decode: @escaping Decode) throws(RunFailure) {
    let schedule = RunSchedule(
      nodes: plan.nodes, capacities: windows.map(\.capacity), loadedWindow: plan.loadedWindow,
      height: plan.source.stored.height, bandHeight: plan.bandHeight, workers: workers)
    let state = Monitor(State(schedule: schedule))
    let threads = Threads(run: self, decode: decode)
    if workers > 1 {
      Workers.run(workers, { threads.run.takeTurns(state, threads.decode) }, attend: {})
    } else {
      takeTurns(state, decode)
    }
    let failure = state.withLock { state in
      times.merge(state.times, uniquingKeysWith: +)
      return state.failure
    }
    if let failure { throw failure }
  }

  /// What every thread works on.
  ///
  /// The schedule gives rows to be written to one thread at a time, and to others only when they have
  /// been: that is the invariant behind `@unchecked Sendable`.
  private struct Threads: @unchecked Sendable {
    let run: ImageRun
    let decode: Decode
  }

  /// Does one piece of work after the other, until everything is done or something went wrong.
  private func takeTurns(_ state: Monitor<State>, _ decode: Decode) {
    while true {
      guard let turn = state.wait(milliseconds: 1000, for: { $0.next() }) else { continue }
      if case .stuck = turn {
        state.withLock { $0.failure = RunFailure(.bug(.stuck), stageIndex: nil) }
      }
      guard case .job(let job) = turn else { return }
      let start = ContinuousClock.now
      var failed: RunError?
      do throws(RunError) {
        try perform(job, decode)
        // Work that met the wish to end has left what is of no use.
        if cancellation.isCancelled { throw .cancelled }
      } catch {
        failed = error
      }
      let time = ContinuousClock.now - start
      state.withLock { $0.end(job, of: stage(of: job), after: time, error: failed) }
    }
  }

  private func stage(of job: RunSchedule.Job) -> Int {
    switch job {
    case .decode: 0
    case .prepare(let node), .make(let node, _), .take(let node, _), .finish(let node):
      plan.nodes[node].stageIndex
    }
  }

  private func perform(_ job: RunSchedule.Job, _ decode: Decode) throws(RunError) {
    if cancellation.isCancelled { throw .cancelled }
    switch job {
    case .decode(let rows):
      do throws(CodecError) {
        try decode(rows, windows[0])
      } catch {
        throw RunError(reading: error)
      }
      windows[0].fillMargins(of: rows)
    case .prepare(let node):
      step(node).look(at: input(of: node))
    case .make(let node, let rows):
      guard let output = plan.nodes[node].output else {
        preconditionFailure("a step writes a window")
      }
      try step(node).make(rows, from: input(of: node), into: windows[output])
      windows[output].fillMargins(of: rows)
    case .take(let node, let units):
      let loaded = plan.nodes[node].readsLoaded ? windows[plan.loadedWindow] : nil
      try sink(node).take(units, from: input(of: node), loaded: loaded)
    case .finish(let node):
      try sink(node).finish()
    }
  }

  private func input(of node: Int) -> RowWindow { windows[plan.nodes[node].input] }

  private func step(_ node: Int) -> any RowStep {
    guard case .step(let step) = works[node] else {
      preconditionFailure("only steps prepare and make rows")
    }
    return step
  }

  private func sink(_ node: Int) -> any Sink {
    guard case .sink(let sink) = works[node] else {
      preconditionFailure("only sinks take units and finish")
    }
    return sink
  }
}
