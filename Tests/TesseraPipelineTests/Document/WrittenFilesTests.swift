import Tessera
import TesseraKernels
import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

/// When two stages write the same files.
struct WrittenFilesTests {
  struct Pair: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var first: String
    var second: String
    var areSame: Bool

    init(_ name: String, _ first: String, _ second: String, areSame: Bool) {
      (testDescription, self.first, self.second, self.areSame) = (name, first, second, areSame)
    }
  }

  static let pairs = [
    Pair("one spelling and another", #""path": "a/b""#, #""path": "./a//x/../b/""#, areSame: true),
    Pair("two folders", #""path": "a""#, #""path": "b""#, areSame: false),
    Pair("from the root and not", #""path": "/a""#, #""path": "a""#, areSame: false),
    Pair("two formats", #""path": "a""#, #""path": "a", "format": "npy""#, areSame: false),
    Pair(
      "two formats under one name", #""path": "a", "name": "{stem}.x""#,
      #""path": "a", "name": "{stem}.x", "format": "npy""#, areSame: true),
    Pair(
      "two names", #""path": "a", "name": "{stem}-1.png""#, #""path": "a", "name": "{stem}-2.png""#,
      areSame: false),
    Pair(
      "two spellings of é", #""path": "\u00e9""#, #""path": "e\u0301""#, areSame: false),
  ]

  private func pipeline(_ pair: Pair) throws -> Pipeline {
    let stages = [pair.first, pair.second].map { #"{"stage": "encode", \#($0)}"# }
    return try Pipeline(
      parsing: #"{"version": 1, "stages": [{"stage": "load"}, \#(stages.joined(separator: ", "))]}"#
    )
  }

  @Test("A pipeline is refused where two stages write the same files", arguments: pairs)
  func inPipelines(_ pair: Pair) throws {
    if pair.areSame {
      #expect(throws: PipelineFileError.self) { try pipeline(pair) }
    } else {
      #expect(throws: Never.self) { try pipeline(pair) }
    }
  }

  @Test("One folder for all of them keeps theirs apart, and makes one without its own the same")
  func inOneFolder() throws {
    let bare = Pair("a folder and none", #""path": "a""#, #""format": "png""#, areSame: false)
    let pairs = [Self.pairs[1], Self.pairs[3], Self.pairs[5]].map { ($0, false) } + [(bare, true)]
    for (pair, areSame) in pairs {
      let planner = try Planner(pipeline(pair), kernels: .selected())
      let result = Result { try PipelineProcessor(planner, outputDirectory: "out") }
      switch result {
      case .success: #expect(!areSame)
      case .failure(let error):
        #expect(areSame)
        #expect("\(error)".contains("those of stages[1], so that both would write the same files"))
      }
    }
  }
}
