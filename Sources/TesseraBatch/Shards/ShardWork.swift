import TesseraFiles
import TesseraThreads

/// A shard in work: who has opened it, whose turn it is, and what its items have given so far.
///
/// Items enter in their order, as many at once as memory allows, and leave in their order; between
/// the two each is processed on some thread. What a thread has of an item that may not leave yet it
/// puts down and goes on: whoever processes the item that the others wait for lets them leave too. So
/// threads wait only to enter, for an item that is being processed.
final class ShardWork<Processor: InputProcessor>: Sendable {
  /// What opening a shard gave.
  struct Opened {
    let collector: Processor.Output
    let plans: [ShardPlanner<Processor>.Plan]
    /// Items that may be in work, or wait to leave, at once.
    let width: Int
    /// Memory that was taken for all of them.
    let byteCount: Int
    /// XXH64 of the items' contents, as far as they are kept.
    let hashes: [UInt64?]
    /// The items' files while they were read for that; `nil`: they became others meanwhile.
    let files: [FileStatus?]
    /// What may be done with every name.
    let standings: [PathKey: ExistingOutputs.Standing]
    /// Names under which files exist that must stay.
    var takenNames: TakenNames
  }

  /// What is left of a shard to be ended.
  struct Ended {
    let opened: Opened
    /// By position; `nil` for items that were not run to an end.
    let results: [InputResult?]
  }

  /// What a thread finds that comes with an item.
  enum Arrival {
    /// Nobody was here: this thread opens the shard.
    case first
    case open
    /// There is nothing to do for this item.
    case over
  }

  private enum Phase {
    case new, opening
    case open(Opened)
    case over
  }

  private struct State {
    var phase = Phase.new
    /// The positions whose turn it is to enter and to leave.
    var entering = 0
    var leaving = 0
    /// What items have given that may not leave yet.
    var waiting: [Int: (slot: Processor.Output.Slot?, result: InputResult?)] = [:]
    var results: [InputResult?]
    var seconds: [Double]

    var isOpening: Bool { if case .opening = phase { true } else { false } }

    var opened: Opened? { if case .open(let opened) = phase { opened } else { nil } }

    func admits(_ position: Int) -> Bool {
      guard let opened else { return true }
      return entering == position && entering - leaving < opened.width
    }
  }

  /// Its place among the shards of the run.
  let index: Int
  /// Its items, by their places in the run.
  let items: Range<Int>
  private let state: Monitor<State>

  init(_ index: Int, _ items: Range<Int>) {
    self.index = index
    self.items = items
    let count = items.count
    state = Monitor(
      State(
        results: Array(repeating: nil, count: count), seconds: Array(repeating: 0, count: count)))
  }

  /// Waits until it is known whether the shard is open.
  func arrive() -> Arrival {
    state.withLock(when: { !$0.isOpening }) { state in
      switch state.phase {
      case .new:
        state.phase = .opening
        return .first
      case .opening, .open: return .open
      case .over: return .over
      }
    }
  }

  /// Lets the threads that wait go on: to their items, or past them where there is nothing to do.
  func open(_ opened: Opened?) {
    state.withLock { $0.phase = opened.map { .open($0) } ?? .over }
  }

  /// Waits for an item's turn and opens its slot; the failure is the item's.
  func enter(
    _ position: Int
  ) -> Result<(slot: Processor.Output.Slot, file: FileStatus?), InputFailure> {
    state.withLock(when: { $0.admits(position) }) { state in
      state.entering += 1
      guard let opened = state.opened else {
        return .failure(InputFailure(.bug, "its shard was ended before it"))
      }
      do throws(InputFailure) {
        if case .failure(let failure) = opened.plans[position] { throw failure }
        return .success((try opened.collector.slot(position), opened.files[position]))
      } catch {
        return .failure(error)
      }
    }
  }

  /// Takes what an item has given, and closes the slots of all items that no earlier one keeps
  /// waiting.
  ///
  /// - Parameters:
  ///   - position: the item.
  ///   - slot: its place; `nil` where it never had one.
  ///   - result: what it gave; `nil` where it was cancelled.
  ///   - seconds: how long it has taken.
  /// - Returns: the failures of the items that have left, and whether the last of the shard has.
  func leave(
    _ position: Int, _ slot: Processor.Output.Slot?, _ result: InputResult?, seconds: Double
  ) -> (failures: [InputFailure], isLast: Bool) {
    state.withLock { state in
      state.seconds[position] = seconds
      state.waiting[position] = (slot, result)
      var failures: [InputFailure] = []
      while let (slot, result) = state.waiting.removeValue(forKey: state.leaving) {
        let result = Self.closed(slot, result)
        if let failure = result?.error { failures.append(failure) }
        state.results[state.leaving] = result
        state.leaving += 1
      }
      return (failures, state.leaving == state.results.count)
    }
  }

  private static func closed(
    _ slot: Processor.Output.Slot?, _ result: InputResult?
  ) -> InputResult? {
    guard let slot else { return result }
    var result = result
    do throws(InputFailure) {
      if result != nil, result?.error == nil { try slot.finish() } else { slot.discard() }
    } catch {
      result?.error = error
    }
    return result
  }

  /// How long an item has taken.
  func seconds(of position: Int) -> Double { state.withLock { $0.seconds[position] } }

  /// Takes what there is, to be ended by the caller; `nil` where the shard is not open.
  func end() -> Ended? {
    state.withLock { state in
      guard let opened = state.opened else { return nil }
      state.phase = .over
      return Ended(opened: opened, results: state.results)
    }
  }
}
