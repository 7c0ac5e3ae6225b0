import TesseraBatch
import TesseraConfiguration
import TesseraFiles
import TesseraPipeline

extension Pipeline {
  /// Every stage that writes files, with its place in the pipeline.
  package var outputStages: [(index: Int, files: OutputFiles)] {
    stages.enumerated().compactMap { index, stage in
      (stage as? any OutputStage).map { (index, $0.files) }
    }
  }

  /// Folders that the pipeline itself names for its outputs.
  package var outputFolders: [String] { outputStages.compactMap { $0.files.folder.map(resolve) } }

  /// The folder of each stage that writes files, from the deepest one that holds all of them.
  var relativeOutputFolders: [String] {
    let common = Self.commonParts(of: outputFolders)
    return outputStages.map {
      Self.moved($0.files.folder.map(resolve), from: common, to: "")
    }
  }

  /// One destination per `encode`.
  func destinations(
    in outputDirectory: String?, for audience: Audience = .program
  ) throws(PipelineFileError) -> [Destination] {
    var destinations: [Destination] = []
    var writers: [WrittenFiles: Int] = [:]
    var diagnostics: [Diagnostic] = []
    let common = Self.commonParts(of: outputFolders)
    for (index, files) in outputStages {
      let own = files.folder.map(resolve)
      guard let directory = outputDirectory.map({ Self.moved(own, from: common, to: $0) }) ?? own
      else {
        diagnostics.append(
          diagnostic(
            stage: index, key: nil, expected: "\"path\", or \(audience.outputFolder)",
            found: "neither"))
        continue
      }
      let written = WrittenFiles(files, in: directory)
      if let first = writers[written] {
        diagnostics.append(
          diagnostic(
            stage: index, key: "path",
            expected: "a folder, format or name of its own",
            found: "those of stages[\(first)], so that both would write the same files"))
      } else {
        writers[written] = index
      }
      destinations.append(
        Destination(
          stageIndex: index, directory: directory, fileExtension: files.fileExtension,
          nameTemplate: files.name))
    }
    guard diagnostics.isEmpty else { throw PipelineFileError(diagnostics, file: file) }
    return destinations
  }

  /// The folder that takes the place of another one, in which some folders lie.
  private static func moved(_ folder: String?, from common: [String], to root: String) -> String {
    guard let folder else { return root }
    let below = Path.normalizedParts(Path.absolute(folder)).dropFirst(common.count)
    return Path.join(root, below.joined(separator: "/"))
  }

  /// The names on the way to the deepest folder that holds all of these, or is one of them.
  private static func commonParts(of folders: [String]) -> [String] {
    let parts = folders.map { Path.normalizedParts(Path.absolute($0)) }
    return parts.dropFirst().reduce(parts.first ?? []) { common, other in
      zip(common, other).prefix { $0.utf8.elementsEqual($1.utf8) }.map(\.0)
    }
  }
}
