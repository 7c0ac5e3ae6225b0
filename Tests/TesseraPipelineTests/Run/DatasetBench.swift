import TesseraCodecs
import TesseraConfiguration
import TesseraTestSupport

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraFiles
@testable import TesseraPipeline

/// A folder "in" of small images, and pipelines that run on it as the command runs them.
final class DatasetBench {
  let workshop: Workshop
  var folder: TemporaryFolder { workshop.folder }

  init(_ names: [String] = []) throws {
    workshop = try Workshop()
    try folder.makeFolder("in")
    for (index, name) in names.enumerated() { try save("in/\(name)", seed: UInt64(index)) }
  }

  /// Writes an image of three channels.
  @discardableResult
  func save(_ name: String, side: Int = 32, seed: UInt64 = 1) throws -> [UInt8] {
    let path = folder.path(name)
    try FileSystem.makeFolder(Path.folder(of: path))
    try workshop.savePNG(.noise([3, side, side], .uint8, seed: seed), as: name)
    return try FileSystem.content(of: path)
  }

  /// Writes a tar archive.
  func saveArchive(_ name: String, _ members: [(String, [UInt8])]) throws {
    let file = try AtomicFile(at: folder.path(name))
    let tar = try TarWriter(descriptor: file.descriptor, path: file.path)
    for (name, bytes) in members {
      try bytes.withUnsafeBytes { try tar.append(name, [$0]) }
    }
    try tar.finish()
    try file.finish()
  }

  /// The pipeline of stages behind `load`, JSON objects between commas.
  func pipeline(_ stages: String) throws -> Pipeline {
    try Pipeline(
      parsing: #"{"version": 1, "stages": [{"stage": "load"}, \#(stages)]}"#,
      file: folder.path("pipeline.json"))
  }

  /// Runs stages on "in", or a folder or file in its place.
  @discardableResult
  func run(
    _ stages: String, on input: String = "in", to output: String = "out"
  ) async throws -> RunSummary {
    try await pipeline(stages).run(onFolder: folder.path(input), to: folder.path(output))
  }

  /// An object that was written.
  func object(_ name: String) throws -> JSONValue {
    try JSONParser.parse(try FileSystem.content(of: folder.path(name)))
  }

  /// The objects of a file that has one in each line.
  func lines(_ name: String) throws -> [JSONValue] {
    try FileSystem.content(of: folder.path(name)).split(separator: UInt8(ascii: "\n")).map {
      try JSONParser.parse(Array($0))
    }
  }
}

extension RunSummary {
  /// Why inputs have failed, in words.
  var reasons: [String] {
    failures.flatMap(\.examples).map { "\($0.failure.kind): \($0.failure.message)" }
  }
}
