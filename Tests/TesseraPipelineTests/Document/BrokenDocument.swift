import TesseraKernels
import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

/// A pipeline file that is wrong, and the messages that it must draw.
struct BrokenDocument: Sendable, CustomTestStringConvertible {
  let name: String
  let text: String
  let expected: [String]

  /// Messages are given without the file's name: `line:column: …`.
  init(_ name: String, _ text: String, _ expected: String...) {
    self.name = name
    self.text = text
    self.expected = expected.map { "p.json:\($0)" }
  }

  /// The first stage stands in line 2, and each behind its own two spaces.
  init(_ name: String, _ stages: [String], _ expected: String...) {
    self.name = name
    text = document(stages)
    self.expected = expected.map { "p.json:\($0)" }
  }

  var testDescription: String { name }

  /// What reading the text says.
  var messages: [String] { TesseraPipelineTests.messages(of: text) }
}

/// The messages that a text draws; none where it is right.
func messages(of text: String, overrides: [String] = []) -> [String] {
  do throws(PipelineFileError) {
    _ = try Pipeline(parsing: text, file: "p.json", overrides: overrides)
    return []
  } catch {
    return error.diagnostics.map(\.description)
  }
}

/// A pipeline file of some stages.
func document(_ stages: [String]) -> String {
  "{\"version\": 1, \"stages\": [\n  " + stages.joined(separator: ",\n  ") + "\n]}"
}

let load = #"{"stage": "load"}"#
let unfold = #"{"stage": "unfold", "kernel_size": 3}"#
let fold = #"{"stage": "fold"}"#
let encode = #"{"stage": "encode"}"#
