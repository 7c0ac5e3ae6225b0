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

  @Flag(help: "Print Markdown: the table of docs/stages.md, or the page of a stage or a bank.")
  var markdown = false

  func run() throws {
    guard let name else {
      return markdown
        ? Console.emit(StageListing.markdown) : Console.print(StageListing.overview)
    }
    let page = try CommandFailure.usage { () throws(UnknownNameError) in
      try markdown ? StageListing.markdown(for: name) : StageListing.page(for: name)
    }
    markdown ? Console.emit(page) : Console.print(page)
  }
}
