import ArgumentParser
import Glibc
import Tessera
import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraKernels
import TesseraPipeline

/// The root of the command line.
@main
struct TesseraCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tessera",
    abstract: "Cuts images into patches, works on the patches, and puts the images back together.",
    discussion: """
      A pipeline is a JSON file with a list of stages:

        load → normalize → unfold → transform / convolve → fold → encode

      EXAMPLES
        tessera init denoise
            Writes denoise.json, a pipeline to start from.
        tessera run Pipelines/roundtrip.json
            Sends the folder that the pipeline names through it.
        tessera run blur.json --input photos --output blurred --jobs 4
            The same for another folder, with four workers.
        tessera run blur.json --input 'photos/**/*.jpg' --output blurred
            Photographs at any depth.
        find photos -print0 | tessera run blur.json --input - --output blurred
            A list on standard input.
        tessera run vit.json --output half --set 'stages[2].stride=8'
            One setting changed for this run.
        tessera explain vit.json --size 640x480x3
            Every stage's shape, type and memory, before a pixel is read.
        tessera stages unfold
            Everything about one stage.
        tessera inspect photos --grid photos.png
            What files hold, and a picture of it.

      A run that is repeated does only what is new or has changed. Ctrl-C ends it cleanly, and \
      the same command goes on from there.

      EXIT STATUS
        0   all done                      71  the system refuses the start
        64  wrong command line            73  an output cannot be created
        65  some inputs failed            74  an output cannot be written
        66  nothing to do                 75  interrupted; run again to go on
        70  a bug in Tessera              78  the pipeline file is wrong

      COMPLETIONS
        tessera --generate-completion-script bash      # or zsh, fish
      """,
    subcommands: [
      InitCommand.self, RunCommand.self, PlanCommand.self, StatusCommand.self, MergeCommand.self,
      ValidateCommand.self, ExplainCommand.self, ViewCommand.self, StagesCommand.self,
      SchemaCommand.self, VerifyCommand.self, RoundtripCommand.self, InspectCommand.self,
      KernelMatrixCommand.self,
      FitCommand.self,
      BankCommand.self,
    ])

  @Flag(help: "Show the version; with --verbose, the libraries and the kernels in use, too.")
  var version = false

  func run() throws {
    if version { return Console.print(TesseraVersion.text) }
    guard ProcessStart.arguments.isEmpty, let steps = FirstSteps(in: ".") else {
      throw CleanExit.helpRequest(self)
    }
    Console.print(steps.text)
  }

  static func main() {
    ProcessStart.prepare()
    let arguments = ProcessStart.arguments
    // Programs get their object however the command ends, even where its line cannot be read.
    let wantsJSON = arguments.prefix { $0 != "--" }.contains("--json")
    do {
      // As a flag of the root, --verbose would be taken away from the commands that have one.
      if Set(arguments) == ["--version", "--verbose"] {
        Console.print(try details())
      } else {
        var command = try command(in: arguments)
        try command.run()
      }
    } catch let failure as CommandFailure {
      end(failure, wantsJSON)
    } catch {
      let status = status(of: error)
      let text = fullMessage(for: error)
      if status == .done {
        Console.emit(text)
      } else {
        let prefix = "Error: "
        end(
          CommandFailure(
            status, text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text),
          wantsJSON)
      }
      leave(status)
    }
    leave(.done)
  }

  /// The command that the arguments ask for.
  private static func command(in arguments: [String]) throws -> any ParsableCommand {
    let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
    if let word = arguments.first, !word.hasPrefix("-"), !names.contains(word) {
      let nearest = word.hasSuffix(".json") ? "run \(word)" : Spelling.nearest(to: word, in: names)
      throw CommandFailure(
        .usage,
        "there is no command '\(word.printable)'; "
          + (nearest.map { "did you mean 'tessera \($0.printable)'?" }
            ?? "there are \(names.joined(separator: ", "))"))
    }
    try RepeatedOptions.check(arguments)
    do {
      return try parseAsRoot(arguments)
    } catch {
      // The parser quotes what it was given as it is, line breaks too: it is given what may be quoted.
      _ = try parseAsRoot(arguments.map(\.printable))
      throw error
    }
  }

  /// How an error ends the command that is no failure of a command's own: help is none, and what the
  /// parser of the command line does not know either is a mistake of ours.
  static func status(of error: any Error) -> ExitStatus {
    switch exitCode(for: error) {
    case .success: .done
    case .validationFailure: .usage
    default: .bug
    }
  }

  /// Tells what has not been told yet.
  private static func end(_ failure: CommandFailure, _ wantsJSON: Bool) -> Never {
    if let message = failure.message {
      Console.error(message)
      if wantsJSON { Console.emit(failure.json) }
    }
    leave(failure.status)
  }

  /// Ends; what was asked for has not come about where the output that tells of it is lost.
  private static func leave(_ status: ExitStatus) -> Never {
    var status = status
    if let reason = Console.lostOutput {
      Console.error("cannot write to standard output: \(reason)")
      if status == .done || status == .failedInputs { status = .cannotWrite }
    }
    Glibc.exit(status.rawValue)
  }

  private static func details() throws -> String {
    let kernels = try CommandFailure.usage { () throws(KernelSelectionError) in
      try KernelSet.selected()
    }
    let supported = KernelSet.supported.map(\.name).joined(separator: ", ")
    return """
      tessera \(TesseraVersion.text)
      kernels: \(kernels.name) (this processor runs \(supported))
      codecs: \(CodecLibraries.versions.joined(separator: ", "))
      behind them: \(CodecLibraries.supporting.joined(separator: ", "))
      """
  }
}
