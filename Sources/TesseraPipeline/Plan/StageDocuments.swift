import TesseraConfiguration
import TesseraFiles
import TesseraThreads

/// The JSON files that the stages of a pipeline name, read and checked.
struct StageDocuments {
  /// The most bytes that such a file has.
  private static let largest = 1 << 20

  /// The files, by the paths that are written in the pipeline.
  private(set) var values: [PathKey: JSONValue] = [:]
  /// What is wrong with them.
  private(set) var diagnostics: [Diagnostic] = []

  /// Reads what the stages of a pipeline name.
  init(_ pipeline: Pipeline) {
    for (index, stage) in pipeline.stages.enumerated() {
      for (key, path) in stage.documentPaths {
        if let root = read(path, key: key, stage: index, of: pipeline) {
          values[PathKey(path)] = root
          check(root, key: key, path: path, for: stage, of: pipeline)
        }
      }
    }
  }

  private mutating func read(
    _ path: String, key: String, stage: Int, of pipeline: Pipeline
  ) -> JSONValue? {
    let file = pipeline.resolve(path)
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileSystem.content(
        of: file, as: [.file], limit: Self.largest, cancellation: Cancellation())
    } catch {
      diagnostics.append(
        pipeline.diagnostic(
          stage: stage, key: key, expected: "a readable JSON file",
          found: "\"\(path)\": \(error.reason)"))
      return nil
    }
    do throws(JSONSyntaxError) {
      return try JSONParser.parse(bytes)
    } catch {
      diagnostics.append(Diagnostic(error).in(file))
      return nil
    }
  }

  private mutating func check(
    _ root: JSONValue, key: String, path: String, for stage: any Stage, of pipeline: Pipeline
  ) {
    guard let stage = stage as? any ConfigurableStage else { return }
    let findings = stage.problems(inDocument: root, key: key)
    diagnostics += findings.diagnostics.map { $0.in(pipeline.resolve(path)) }
  }
}

extension Diagnostic {
  /// The same mistake in a file that is named.
  fileprivate func `in`(_ file: String) -> Diagnostic {
    var diagnostic = self
    diagnostic.file = file
    return diagnostic
  }
}
