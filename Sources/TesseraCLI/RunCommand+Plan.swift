import ArgumentParser
import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraFiles

/// Runs of shards.
extension RunCommand {
  /// Refuses what a plan has settled.
  func validate(plan: String) throws {
    if let file = pipeline.file {
      throw ValidationError(
        "--plan has its own pipeline and inputs, found '\(file.printable)'; other inputs of the same "
          + "names are given by --input")
    }
    let settled = [
      ("--set", !pipeline.overrides.isEmpty), ("--state", state != nil), ("--dry-run", dryRun),
      ("--overwrite", overwrite), ("--fail-fast", failFast),
    ]
    if let (option, _) = settled.first(where: \.1) {
      throw ValidationError("\(option) does not go with --plan")
    }
    if report {
      throw ValidationError(
        "--report does not go with --plan: tessera merge --report tells of all shards")
    }
    if inputs.input.count > 1 {
      throw ValidationError("with --plan, --input is the one folder in which its inputs lie here")
    }
    if shard == nil, !retryFailed {
      throw ValidationError("--plan needs --shard, or --retry-failed")
    }
  }

  /// Works on shards of a plan, one after the other.
  func run(plan: String, _ log: RunLog?) throws {
    let run = try PlannedRun<PipelineProcessor>(
      plan, input: inputs.input.first, output: output, jobs: jobs.count
    ) { set(&$0, log) }
    let shards = try CommandFailure.plan { () throws(PlanError) in
      if let shard { shard.numbers } else { try run.failedShards }
    }
    if let last = shards.last, last >= run.plan.shards.count {
      throw CommandFailure(PlanError.noSuchShard(last, count: run.plan.shards.count))
    }
    if shards.isEmpty, !following.quiet { Console.note("no complete shard has failed inputs") }
    SignalWatch()
    if withParent { ParentWatch.start() }
    var status = ExitStatus.done
    for number in shards.all {
      if SignalWatch.isRequested {
        Console.error(
          "interrupted before shard \(number) had begun; the same command goes on from here")
        status = Self.graver(status, .interrupted)
        break
      }
      log?.begin(run.plan.shards[number].count, through: plan, shard: number, jobs: jobs.count)
      let ended = try end(of: number, run, log)
      status = Self.graver(status, ended)
      // A full disk is that of the others, too.
      if ended == .cannotWrite { break }
    }
    if status != .done { throw CommandFailure(status) }
  }

  /// Works on a shard.
  private func end(
    of number: Int, _ run: PlannedRun<PipelineProcessor>, _ log: RunLog?
  ) throws -> ExitStatus {
    var summary: RunSummary
    do throws(PlanError) {
      summary = try shown(log, shard: number) { (show) throws(PlanError) in
        try run.run(number, cancellation: SignalWatch.cancellation, onProgress: show)
      }
    } catch .shardInUse(let number) where shard?.numbers.count ?? 0 > 1 {
      // Another one may be free.
      Console.error(PlanError.shardInUse(number).description)
      return .interrupted
    } catch {
      throw CommandFailure(error)
    }
    // That one shard's inputs do not fit says nothing of those of others.
    summary.stageRefusingAll = nil
    // What stands under an output's name is nobody's: once it is away, the shard can be complete.
    let isTaken = summary.failures.contains { $0.kind == .exists }
    var status = allowed(summary.exitStatus, summary)
    if isTaken, status == .failedInputs || status == .done { status = .cannotCreate }
    let text = SummaryText(
      summary, run.processor.planner.pipeline, shard: number, endingWith: status)
    if !following.quiet { Console.note(text.closingLine) }
    log?.end(text.closingLine, text.errors)
    if let errors = text.errors { Console.error(errors) }
    if json { Console.emit(text.json) }
    return status
  }

  /// The status that tells more of two shards.
  private static func graver(_ a: ExitStatus, _ b: ExitStatus) -> ExitStatus {
    let order: [ExitStatus] = [
      .done, .failedInputs, .interrupted, .cannotCreate, .cannotWrite, .bug,
    ]
    return (order.firstIndex(of: a) ?? order.count) < (order.firstIndex(of: b) ?? order.count)
      ? b : a
  }
}

/// Numbers of shards.
struct ShardNumbersArgument {
  let numbers: ShardNumbers

  init(_ argument: String) throws(UnexpectedValue) {
    guard let numbers = ShardNumbers(argument) else {
      throw UnexpectedValue(expected: "numbers of shards, such as 3 or 3,7-9")
    }
    self.numbers = numbers
  }
}

/// How many inputs may fail: "12", or "0.5%".
struct FailureAllowance {
  private let count: Double
  private let isShare: Bool

  init(_ argument: String) throws(UnexpectedValue) {
    isShare = argument.hasSuffix("%")
    let digits = isShare ? argument.dropLast() : argument[...]
    let number = digits.utf8.allSatisfy { "0123456789.".utf8.contains($0) } ? Double(digits) : nil
    guard let number, isShare ? number <= 100 : number == number.rounded() else {
      throw UnexpectedValue(expected: "a number of inputs, or a share of them such as 1%")
    }
    count = number
  }

  /// Whether so many may fail.
  func allows(_ failed: Int, of total: Int) -> Bool {
    Double(failed) <= (isShare ? count / 100 * Double(total) : count)
  }
}
