import Foundation
import TesseraCodecs
import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// Medians, ranks and figures of patches against SciPy, NumPy and PyTorch.
///
/// Vectors/make_ranks.py tells how the vectors are made.
struct RankVectorTests {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors/ranks").path

  /// Stages on an image that follows from a seed.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var image: TestArray
    var stages: String
  }

  static let cases: [Case] = {
    guard let data = FileManager.default.contents(atPath: folder + "/cases.json"),
      let list = try? JSONParser.parse(Array(data)).elements
    else { return [] }
    return list.compactMap { value in
      guard let name = value["name"]?.string, let kind = value["kind"]?.string,
        let seed = value["seed"]?.number?.integer, let stages = value["stages"]?.elements,
        let shape = value["shape"]?.elements?.compactMap({ $0.number?.integer })
      else { return nil }
      let type = ElementType(rawValue: kind) ?? .float32
      var image = TestArray.noise(shape, type, seed: UInt64(seed))
      if kind == "holes" {
        for (step, hole) in [(7, Double.nan), (11, .infinity), (13, -.infinity)] {
          for index in stride(from: 0, to: image.values.count, by: step) {
            image.values[index] = hole
          }
        }
      }
      return Case(
        testDescription: name, image: image,
        stages: stages.map { JSONWriter.compact($0) }.joined(separator: ", "))
    }
  }()

  @Test("All of them are there")
  func number() { #expect(Self.cases.count == 265) }

  @Test("Every value is theirs, on every instruction set", arguments: cases)
  func values(_ test: Case) throws {
    let file = try SafetensorsFile(path: Self.folder + "/expected.safetensors")
    let expected = try file.array(of: file.tensor(named: test.testDescription))
    let isChosen =
      !["contrast", "reduce"].contains { test.testDescription.hasPrefix($0) }
      || test.testDescription.contains("-m")
    for kernels in KernelSet.supported {
      let workshop = try Workshop()
      workshop.kernels = kernels
      let made = try workshop.array("\(test.stages), \(npy)", on: test.image)
      #expect(made.shape == expected.shape)
      let isRight = zip(made.values, expected.values).allSatisfy { value, wanted in
        if wanted.isNaN { return value.isNaN }
        let reach = isChosen ? 0 : 2e-6 * max(1, Double(wanted.magnitude))
        return value == Double(wanted) || abs(value - Double(wanted)) <= reach
      }
      #expect(isRight, "\(kernels.name)")
    }
  }
}
