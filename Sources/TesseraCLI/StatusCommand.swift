import ArgumentParser
import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraCore

/// `tessera status`.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show which shards of a plan are done, running and missing.",
    discussion: """
      EXAMPLES
        tessera status --plan shared.plan
        tessera status --plan shared.plan --missing
      """)

  @Option(
    help: ArgumentHelp("The folder of the plan.", valueName: "folder"), completion: .directory)
  var plan: String

  @Flag(help: "Print the numbers of missing shards alone, such as 3,7-9; nothing where none is.")
  var missing = false

  @Flag(help: "Print everything as JSON.")
  var json = false

  func validate() throws {
    try UnnamedPath.check([plan], as: "--plan")
    if missing, json { throw ValidationError("give one of --missing and --json") }
  }

  func run() throws {
    let folder = PlanFolder(plan)
    let status = try CommandFailure.plan { () throws(PlanError) in try PlanStatus(of: folder) }
    if missing {
      if !status.missing.isEmpty { Console.print("\(status.missing)") }
    } else if json {
      Console.emit(status.json)
    } else {
      Console.print(status.text)
    }
  }
}

extension PlanStatus {
  /// For people.
  fileprivate var text: String {
    func shards(_ numbers: ShardNumbers) -> String { numbers.isEmpty ? "" : ": \(numbers)" }
    let failed = failedCount > 0 ? ", \(failedCount) failed" : ""
    var lines = [
      "\(endedCount) of \(inputCount.counted("input"))\(failed)",
      "done     \(complete.count) of \(shardCount.counted("shard"))",
      "running  \(running.count)\(shards(ShardNumbers(running.map(\.shard))))"
        + (rate.map { " (\($0.short) images/s)" } ?? ""),
    ]
    lines += running.map { shard in
      let rate = shard.rate.map { ", \($0.short) images/s" } ?? ""
      return
        "  \(shard.shard): \(shard.endedCount) of \(shard.inputCount.counted("input"))\(rate), "
        + "process \(shard.process) on \(shard.host.printable)"
    }
    lines.append("missing  \(missing.count)\(shards(missing))")
    if !failedShards.isEmpty { lines.append("failed inputs in \(failedShards.words)") }
    return lines.joined(separator: "\n")
  }

  /// For programs.
  fileprivate var json: String {
    let running = running.map { shard -> JSONValue in
      [
        "shard": .integer(shard.shard), "host": JSONValue(.string(shard.host)),
        "process": .integer(shard.process), "ended": .integer(shard.endedCount),
        "failed": .integer(shard.failedCount), "inputs": .integer(shard.inputCount),
        "rate": shard.rate.map { .decimal($0) } ?? .init(.null),
      ]
    }
    return JSONWriter.compact([
      "shards": [
        "total": .integer(shardCount), "done": .integer(complete.count),
        "running": .integer(self.running.count), "missing": .integer(missing.count),
      ],
      "inputs": [
        "total": .integer(inputCount), "ended": .integer(endedCount),
        "failed": .integer(failedCount),
      ],
      "rate": rate.map { .decimal($0) } ?? .init(.null),
      "missing": JSONValue(.string("\(missing)")),
      "failed_shards": JSONValue(.string("\(failedShards)")),
      "running": JSONValue(.array(running)), "exit_status": 0,
    ])
  }
}
