import Foundation
import TesseraCore
import Testing

@testable import TesseraPipeline

/// `resize` against what Pillow makes of the same images.
struct ResizeVectorTests {
  /// One record of `Vectors/resize.json`.
  struct Record: Decodable, Sendable {
    var mode: String
    var filter: String
    var seed: UInt64
    var source: [Int]
    var target: [Int]
    var digest: String
    var values: Data?

    /// The image that the script makes.
    var image: TestArray {
      let shape = [channels] + source
      let words = TesseraPipelineTests.words(seed: seed, count: shape.reduce(1, *))
      switch mode {
      case "F":
        return TestArray(shape, words.map { Float($0 >> 40) / 8_388_608 - 1 })
      case "I;16":
        return TestArray(shape, .uint16, words.map { Double($0 >> 48) })
      default:
        var values = words.map { Double($0 >> 56) }
        let plane = source[0] * source[1]
        if hasAlpha {
          for (index, word) in words.enumerated().suffix(plane) where word & 3 < 2 {
            values[index] = word & 3 == 0 ? 0 : 255
          }
        }
        return TestArray(shape, .uint8, values)
      }
    }

    var channels: Int { ["LA": 2, "RGB": 3, "RGBA": 4][mode] ?? 1 }
    var hasAlpha: Bool { mode.hasSuffix("A") }
    /// What `load` says beside its name.
    var load: String {
      hasAlpha ? #", "npy_color": "\#(mode == "LA" ? "gray_alpha" : "rgba")""# : ""
    }
    var stage: String {
      #"{"stage": "resize", "size": \#(target), "filter": "\#(filter)"}"#
    }
  }

  static func records() throws -> [Record] {
    struct File: Decodable { var images: [Record] }
    let url = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Vectors/resize.json")
    return try JSONDecoder().decode(File.self, from: Data(contentsOf: url)).images
  }

  @Test("Bytes and 16-bit integers are Pillow's to the bit, and floats to 10⁻⁶")
  func pillow() throws {
    let workshop = try Workshop()
    for record in try Self.records() {
      let result = try workshop.array(
        "\(record.stage), \(npy)", load: record.load, on: record.image)
      #expect(result.shape == [record.channels] + record.target)
      guard let values = record.values else {
        #expect(fnv1a(bytes: result.bytes()) == record.digest, "\(record)")
        continue
      }
      let expected = TestArray(result.shape, [Float](littleEndian: values))
      #expect(result.distance(to: expected) < 1e-6, "\(record)")
    }
  }

  @Test("Pixels that stay side by side as decoded become the same")
  func pixels() throws {
    let workshop = try Workshop()
    for record in try Self.records() where record.mode != "F" && record.mode != "I;16" {
      let file = try workshop.savePNG(record.image, hasAlpha: record.hasAlpha, as: "input.png")
      let outcome = try workshop.run("\(record.stage), \(npy)", onFile: file)
      let result = try #require(outcome.outputs.first)
      #expect(fnv1a(bytes: result.bytes()) == record.digest, "\(record)")
    }
  }
}
