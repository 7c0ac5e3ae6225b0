import Foundation
import TesseraKernels
import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

@Suite struct StageCatalogueTests {
  @Test("Every file of the folder Stages is in the catalogue, and nothing else")
  func folder() throws {
    let sources = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../Sources/TesseraPipeline/Stages")
    let files = try FileManager.default.contentsOfDirectory(atPath: sources.path)
      // Type+Topic.swift belongs to Type.swift.
      .filter { $0.hasSuffix(".swift") && !$0.contains("+") }.map { String($0.dropLast(6)) }
    let types = StageCatalogue.types.map(\.name).map { name in
      name.split { $0 == "." || $0 == "_" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        .joined()
    }
    #expect(files.sorted() == types.sorted())
  }

  @Test("Names are unique, and texts are there and end with a full stop")
  func texts() {
    let types =
      StageCatalogue.types.map { ($0.name, $0.configuration.summary, $0.configuration.parameters) }
      + KernelBankCatalogue.types.map { ($0.name, $0.summary, $0.parameters) }
    #expect(Set(types.map(\.0)).count == types.count)
    for (name, summary, parameters) in types {
      #expect(summary.hasSuffix("."), "\(name)")
      #expect(summary.count <= 76, "\(name)")
      #expect(Set(parameters.map(\.key)).count == parameters.count, "\(name)")
      for parameter in parameters {
        #expect(parameter.sentence.hasSuffix("."), "\(name).\(parameter.key)")
      }
    }
  }

  @Test(
    "Defaults are accepted when they are written out, and change nothing",
    arguments: StageCatalogue.types.map(\.name))
  func defaults(_ name: String) throws {
    let type = try #require(StageCatalogue.types.first { $0.name == name }).configuration
    for parameter in type.parameters {
      guard let text = parameter.standard,
        let value = try? JSONParser.parse(Array(text.utf8))
      else { continue }
      let object = JSONValue(
        .object([JSONMember("stage", JSONValue(.string(name))), JSONMember(parameter.key, value)]))
      var findings = Findings()
      let read = type.read(object, &findings)
      let mismatches = findings.diagnostics.filter {
        $0.path == DocumentPath([.key(parameter.key)]) && !$0.problem.isRule
      }
      #expect(mismatches.isEmpty)
      let plain = type.read(["stage": JSONValue(.string(name))], &findings)
      #expect(type.write(read.configuration) == type.write(plain.configuration))
    }
  }
}

extension Diagnostic.Problem {
  fileprivate var isRule: Bool { if case .rule = self { true } else { false } }
}
