import ArgumentParser
import Tessera
import TesseraBatch
import TesseraCore
import TesseraFiles

/// `tessera verify`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that outputs still are what a run wrote.",
    discussion: """
      Reads every output that the records of a run tell of, and compares size and XXH64 (the number \
      in report.jsonl, and of xxhsum -H64). Ends with 65 where one is missing or has changed.

      EXAMPLES
        tessera run Pipelines/blur.json -i photos -o blurred
        tessera verify blurred
      """)

  @Argument(help: "Output folders of runs, or single outputs.", completion: .directory)
  var folders: [String]

  @Option(
    help: ArgumentHelp(
      "The folder of records that the run was given with --state.", valueName: "folder"),
    completion: .directory)
  var state: String?

  func validate() throws {
    try UnnamedPath.check(folders, as: "an output folder")
    try UnnamedPath.check([state], as: "--state")
    if state != nil, folders.count > 1 {
      throw ValidationError("--state goes with one output folder, and here are \(folders.count)")
    }
  }

  private func nothingWritten(to folder: String) -> String {
    let name = "'\(folder.printable)'"
    return state.map { "no run with --state '\($0.printable)' has written to \(name)" }
      ?? "no run has written to \(name), by the records there; one with --state has them in that "
      + "folder: give the same --state here"
  }

  func run() throws {
    SignalWatch()
    var status = ExitStatus.done
    for folder in folders {
      let verification = try CommandFailure.reading { () throws(FileError) in
        try OutputVerification(
          of: folder, state: state, cancellation: SignalWatch.cancellation)
      }
      if SignalWatch.isRequested {
        throw CommandFailure(.interrupted, "interrupted: not every output has been looked at")
      }
      let findings = verification.findings
      if verification.checkedCount == 0 {
        Console.error(nothingWritten(to: folder))
        if status == .done { status = .nothingToDo }
      } else if findings.isEmpty {
        let others = verification.otherFolders.map { "'\($0.printable)'" }
        let place = others.isEmpty ? "" : ", by the records in " + others.joined(separator: ", ")
        let count = verification.checkedCount
        let outputs = count.counted("output")
        Console.print("\(folder.printable): \(outputs) as written\(place)")
      } else {
        Console.error(
          "\(folder.printable): \(findings.count) of \(verification.checkedCount) outputs are not "
            + "as written")
        for finding in findings { Console.note("  \(finding)") }
        status = .failedInputs
      }
    }
    if status != .done { throw CommandFailure(status) }
  }
}
