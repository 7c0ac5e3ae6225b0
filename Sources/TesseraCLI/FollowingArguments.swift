import ArgumentParser
import Tessera
import TesseraBatch

/// How a run is followed while it goes on.
struct FollowingArguments: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Show neither progress nor summary, only errors.")
  var quiet = false

  @Option(
    help: ArgumentHelp(
      "Show progress so: auto, a bar on a terminal and a line a minute elsewhere; lines; json, an "
        + "object a line on standard error, for programs; none.",
      valueName: "kind"))
  var progress: ProgressKind?

  @Option(
    help: ArgumentHelp(
      "Write what happens to this file, with times; one that exists is added to.",
      valueName: "file"), completion: .file())
  var log: String?

  @Option(
    help: ArgumentHelp(
      "With --log, what is written: error, warning, info (if left out), or debug for a line per input.",
      valueName: "level"))
  var logLevel: LogLevel?

  func validate() throws {
    try UnnamedPath.check([log], as: "--log")
    if logLevel != nil, log == nil { throw ValidationError("--log-level goes with --log") }
  }

  /// How progress is shown: what is asked for by name, whatever else is silent.
  var kind: ProgressKind { progress ?? (quiet ? .none : .auto) }

  /// The log, opened.
  func openLog() throws(CommandFailure) -> RunLog? {
    guard let log else { return nil }
    return try RunLog(log, from: logLevel ?? .info)
  }
}
