import ArgumentParser
import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraCore

/// `tessera merge`.
struct MergeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Put together what the shards of a plan have left.",
    discussion: """
      Writes the report, the records and what tells of datasets, as one machine would have. Ends with \
      75, and tells which, where shards or their outputs are missing; with 65 where inputs have failed. \
      May be repeated.

      EXAMPLES
        tessera merge --plan shared.plan
      """)

  @Option(
    help: ArgumentHelp("The folder of the plan.", valueName: "folder"), completion: .directory)
  var plan: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "Where the outputs lie here, in place of the plan's folder.", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Flag(help: "Do not look whether all outputs are there.")
  var noCheck = false

  @Flag(help: "Wait while another run writes to the outputs' folder.")
  var wait = false

  @Flag(help: "Run where the file system has no locks: nothing keeps another run out.")
  var noLock = false

  @Flag(
    help: "Write report.html beside report.jsonl; pictures are of inputs that are here.")
  var report = false

  @Flag(help: "Replace a report.html that is no page of a run.")
  var overwrite = false

  @Flag(help: "End with a summary as JSON on standard output.")
  var json = false

  func validate() throws {
    try UnnamedPath.check([plan], as: "--plan")
    try UnnamedPath.check([output].compactMap(\.self), as: "--output")
    if overwrite, !report { throw ValidationError("--overwrite goes with --report") }
  }

  func run() throws {
    let run = try PlannedRun<PipelineProcessor>(plan, output: output, computing: false) { options in
      options.waitsForLock = wait
      options.needsLock = !noLock
      options.stop = SignalWatch.cancellation
    }
    SignalWatch()
    let page = try report ? target(of: run) : nil
    let summary = try CommandFailure.plan { () throws(PlanError) in
      try run.merge(lookingAtOutputs: !noCheck, cancellation: SignalWatch.cancellation)
    }
    let written = page.flatMap { page in
      summary.reportPath.map {
        page.write(
          ReportPage.Run(run.processor, of: summary.items, reportPath: $0), isQuiet: json)
      }
    }
    let isWhole = (try? written?.get()) != nil || written == nil
    let status = isWhole ? summary.exitStatus : .cannotWrite
    if json {
      Console.emit(
        JSONWriter.compact([
          "shards": .integer(summary.shardCount), "inputs": .integer(summary.inputCount),
          "failed": .integer(summary.failedCount),
          "report": summary.reportPath.map { JSONValue(.string($0)) } ?? .init(.null),
          "page": (try? written?.get()).map { JSONValue(.string($0)) } ?? .init(.null),
          "exit_status": .integer(Int(status.rawValue)),
        ]))
    } else {
      let failed = summary.failedCount > 0 ? ", \(summary.failedCount) failed" : ""
      let shards = summary.shardCount.counted("shard")
      let inputs = summary.inputCount.counted("input")
      Console.print("\(shards) merged: \(inputs)\(failed)")
      if let path = summary.reportPath { Console.print("report: \(path.printable)") }
    }
    if summary.failedCount > 0 {
      Console.error("\(summary.failedCount.counted("input")) failed; the report tells why")
    }
    if case .failure(let error)? = written { Console.error("\(error): there is no new page") }
    if status != .done { throw CommandFailure(status) }
  }

  /// Where the page goes: beside the report that will be.
  private func target(of run: PlannedRun<PipelineProcessor>) throws(CommandFailure) -> ReportTarget?
  {
    guard let path = run.reportPath else { return nil }
    return try ReportTarget(beside: path, overwriting: overwrite)
  }
}
