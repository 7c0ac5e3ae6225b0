import ArgumentParser
import Glibc
import Tessera
import TesseraBatch
import TesseraFiles
import TesseraPipeline

/// `tessera init`.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a pipeline to start from, and the schema that editors check it with.",
    discussion: """
      The pipeline is for the images in the folder where it lies, and writes to out/. Without a kind, \
      the kinds are listed. Files that exist are not replaced.

      \(Self.listing)

      EXAMPLES
        tessera init denoise             # denoise.json and pipeline.schema.json
        tessera run denoise.json         # to out/denoise
        tessera init tiles --output photos
      """)

  @Argument(help: "What the pipeline does; listed above.", completion: .list(kinds))
  var kind: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("The folder to write to; this one if left out.", valueName: "folder"),
    completion: .directory)
  var output: String?

  /// The names of the kinds.
  private static var kinds: [String] { PipelineStart.allCases.map(\.rawValue) }

  /// A line for every kind.
  static var listing: String {
    let width = kinds.map(\.count).max() ?? 0
    return PipelineStart.allCases.map { start in
      let padding = String(repeating: " ", count: width - start.rawValue.count)
      return "  \(start.rawValue)\(padding)  \(start.summary)"
    }.joined(separator: "\n")
  }

  func validate() throws { try UnnamedPath.check([output], as: "--output") }

  func run() throws {
    guard let kind else {
      Console.print("Pipelines to start from, written by 'tessera init KIND':\n\n\(Self.listing)")
      return
    }
    guard let start = PipelineStart(rawValue: kind) else {
      let nearest = Spelling.nearest(to: kind, in: Self.kinds)
      throw CommandFailure(
        .usage,
        "there is no kind '\(kind.printable)' of pipeline to start from; "
          + (nearest.map { "did you mean '\($0)'?" }
            ?? "there are \(Self.kinds.joined(separator: ", "))"))
    }
    try write(start)
  }

  private func write(_ start: PipelineStart) throws(CommandFailure) {
    let pipeline = path(start.fileName)
    if let output {
      do throws(FileError) {
        try FileSystem.makeFolder(output)
      } catch {
        throw CommandFailure(.cannotCreate, error.description, file: error.path)
      }
    }
    try write(start.content, to: pipeline)
    let schema = path(PipelineStart.schemaName)
    do throws(CommandFailure) {
      try write(Array(PipelineSchema.text.utf8), to: schema)
    } catch {
      // One that is there serves: of an older version, it lacks what is new.
      guard FileStatus(of: schema)?.kind == .file else {
        FileSystem.remove(pipeline)
        throw error
      }
    }
    Console.print(
      """
      \(pipeline.printable): \(start.summary)
      Look at it, then:

        tessera explain \(Self.word(pipeline))    # shapes, types and memory, nothing is written
        tessera run \(Self.word(pipeline))
      """)
  }

  private func path(_ name: String) -> String { output.map { Path.join($0, name) } ?? name }

  /// A path as a shell takes it.
  private static func word(_ path: String) -> String {
    let isPlain = path.utf8.allSatisfy { byte in
      UnicodeScalar(byte).properties.isAlphabetic || "0123456789/._-+,@%=".utf8.contains(byte)
    }
    return isPlain
      ? path
      : "'\(path.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#))'"
  }

  /// Writes a file where there is none.
  private func write(_ bytes: [UInt8], to path: String) throws(CommandFailure) {
    do throws(FileError) {
      let file = try AtomicFile(at: path)
      try file.write(bytes)
      try file.finish(synchronized: true, replacing: false)
    } catch {
      if error.code == EEXIST {
        throw CommandFailure(
          .cannotCreate, "'\(path.printable)' exists already; it stays as it is", file: path)
      }
      throw CommandFailure(
        error.operation == .create ? .cannotCreate : .cannotWrite, error.description,
        file: error.path)
    }
  }
}
