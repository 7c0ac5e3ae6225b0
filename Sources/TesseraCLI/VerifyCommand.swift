import ArgumentParser
import Tessera
import TesseraBatch
import TesseraFiles

/// `tessera verify`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that outputs still are what a run wrote.",
    discussion: """
      Reads every output that the records of a run tell of, and compares size and XXH64 (the number \
      in report.jsonl, and of xxhsum -H64). Ends with 65 where one is missing or has changed.
      """)

  @Argument(help: "Output folders of runs.", completion: .directory)
  var folders: [String]

  func run() throws {
    var status = ExitStatus.done
    for folder in folders {
      let verification = try CommandFailure.with(.nothingToDo) { () throws(FileError) in
        try OutputVerification(of: folder)
      }
      let findings = verification.findings
      if verification.checkedCount == 0 {
        Console.error("no run has written to '\(folder.printable)'")
        if status == .done { status = .nothingToDo }
      } else if findings.isEmpty {
        Console.print("\(folder.printable): \(verification.checkedCount) outputs as written")
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
