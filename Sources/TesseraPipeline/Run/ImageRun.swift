import TesseraBatch
import TesseraCore
import TesseraThreads

/// One image on its way through a plan.
///
/// A graph of windows (rows that are in memory) and nodes (steps and sinks that read them). Rows
/// are decoded into the first window; every node works as soon as the rows it needs are there, a
/// band at a time, and rows that nobody needs any more are let go. Several threads take whatever
/// can be done next: one decodes, one encodes, others make bands; what is made is the same.
package final class ImageRun {
  private let windows: [RowWindow]
  private let loadedWindow: Int
  private let nodes: [RunNode]
  private let cancellation: Cancellation
  private var times: [Int: Duration] = [:]

  /// Decodes rows into a window that has room for them.
  package typealias Decode = (Range<Int>, RowWindow) throws -> Void

  /// What the threads share.
  private struct State {
    package var schedule: RunSchedule
    /// The first thing that went wrong: everybody stops.
    package var failure: (any Error)?
    package var times: [Int: Duration] = [:]

    /// What a thread does next; `nil` where it has to wait for another one.
    package mutating func next() -> Turn? {
      if failure != nil || schedule.isFinished { return .end }
      if let job = schedule.next() { return .job(job) }
      return schedule.isIdle ? .stuck : nil
    }

    package mutating func end(
      _ job: RunSchedule.Job, of stage: Int, after time: Duration, failure: (any Error)?
    ) {
      times[stage, default: .zero] += time
      schedule.complete(job)
      if self.failure == nil { self.failure = failure }
    }
  }

  private enum Turn {
    case job(RunSchedule.Job)
    case end
    /// No band can be worked on, and the image is not done: planning was wrong.
    case stuck
  }

  /// Puts windows and nodes together.
  ///
  /// - Parameters:
  ///   - windows: the windows between nodes; the first one is filled by the source.
  ///   - loadedWindow: which of them holds the image as it was loaded.
  ///   - nodes: the steps and sinks.
  ///   - cancellation: asked between bands.
  package init(
    windows: [RowWindow], loadedWindow: Int, nodes: [RunNode], cancellation: Cancellation
  ) {
    self.windows = windows
    self.loadedWindow = loadedWindow
    self.nodes = nodes
    self.cancellation = cancellation
  }

  /// Time by stage; decoding counts for the first.
  package var stageTimes: [StageTime] {
    times.sorted { $0.key < $1.key }.map {
      StageTime(stageIndex: $0.key, seconds: $0.value / .seconds(1))
    }
  }

  /// Decodes an image and does everything with it, up to the end of every file.
  ///
  /// - Parameters:
  ///   - height: rows of the image as it is stored.
  ///   - bandHeight: rows to decode at once.
  ///   - workers: threads to use.
  ///   - decode: decodes the next rows.
  /// - Throws: what `decode` throws, `InputFailure` of a stage or an encoder, `Cancelled`.
  package func run(height: Int, bandHeight: Int, workers: Int, decode: @escaping Decode) throws {
    let schedule = RunSchedule(
      nodes: nodes, capacities: windows.map(\.capacity), loadedWindow: loadedWindow,
      height: height, bandHeight: bandHeight, workers: workers)
    let state = Monitor(State(schedule: schedule))
    let threads = Threads(run: self, decode: decode)
    if workers > 1 {
      Workers.run(workers, { threads.run.takeTurns(state, threads.decode) }, attend: {})
    } else {
      takeTurns(state, decode)
    }
    let failure = state.withLock { state in
      times = state.times
      return state.failure
    }
    if let failure { throw failure }
  }

  /// What every thread works on.
  ///
  /// The schedule gives rows to be written to one thread at a time, and to others only when they have
  /// been: that is the invariant behind `@unchecked Sendable`.
  private struct Threads: @unchecked Sendable {
    package let run: ImageRun
    package let decode: Decode
  }

  /// Does one piece of work after the other, until everything is done or something went wrong.
  private func takeTurns(_ state: Monitor<State>, _ decode: Decode) {
    while true {
      guard let turn = state.wait(milliseconds: 1000, for: { $0.next() }) else { continue }
      if case .stuck = turn {
        state.withLock { $0.failure = InputFailure(.bug, "no band of the image can be worked on") }
      }
      guard case .job(let job) = turn else { return }
      let start = ContinuousClock.now
      var failure: (any Error)?
      do { try perform(job, decode) } catch { failure = error }
      let time = ContinuousClock.now - start
      state.withLock { $0.end(job, of: stage(of: job), after: time, failure: failure) }
    }
  }

  private func stage(of job: RunSchedule.Job) -> Int {
    switch job {
    case .decode: 0
    case .prepare(let node), .make(let node, _), .take(let node, _), .finish(let node):
      nodes[node].stageIndex
    }
  }

  private func perform(_ job: RunSchedule.Job, _ decode: Decode) throws {
    try cancellation.check()
    switch job {
    case .decode(let rows):
      try decode(rows, windows[0])
      windows[0].fillMargins(of: rows)
    case .prepare(let node):
      guard case .step(let step, _) = nodes[node].work else { return }
      step.prepare(from: windows[nodes[node].input])
    case .make(let node, let rows):
      guard case .step(let step, let output) = nodes[node].work else { return }
      step.make(rows, from: windows[nodes[node].input], into: windows[output])
      windows[output].fillMargins(of: rows)
    case .take(let node, let units):
      guard case .sink(let sink) = nodes[node].work else { return }
      let loaded = nodes[node].readsLoaded ? windows[loadedWindow] : nil
      try sink.take(units, from: windows[nodes[node].input], loaded: loaded)
    case .finish(let node):
      guard case .sink(let sink) = nodes[node].work else { return }
      try sink.finish()
    }
  }
}
