import ArgumentParser
import Tessera
import TesseraPipeline

/// `tessera stages`.
struct StagesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stages",
    abstract: "List the stages, or show one with all of its keys.",
    discussion: """
      EXAMPLES
        tessera stages
            One line for every stage.
        tessera stages unfold
            Every key of a stage, with its range, its default and its meaning.
        tessera stages gaussian
            The same for a bank of kernels.
      """)

  @Argument(
    help: "A stage, or a bank of kernels.", completion: .custom { _, _, _ in StageListing.names })
  var name: String?

  @Flag(help: "Print the table of all stages and keys that stands in the README.")
  var markdown = false

  func validate() throws {
    if markdown, name != nil { throw ValidationError("--markdown is the table of all stages") }
  }

  func run() throws {
    if markdown { return Console.emit(StageListing.markdown) }
    guard let name else { return Console.print(StageListing.overview) }
    Console.print(
      try CommandFailure.usage { () throws(UnknownNameError) in try StageListing.page(for: name) })
  }
}
