import Foundation
import TesseraCore
import TesseraFiles
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// `preset` against the processors of transformers and torchvision, on the samples and windows of them.
///
/// Vectors/make_presets.py tells how the vectors are made; `--check` compares every pair there, and
/// every value. Here each picture meets some of the presets, so that all of them meet many pictures.
struct PresetVectorTests {
  struct File: Decodable {
    var pictures: [Picture]
  }

  struct Picture: Decodable, Sendable, CustomTestStringConvertible {
    struct Result: Decodable, Sendable {
      var shape: [Int]
      /// XXH64 of the values as float32.
      var xxh64: String?
      /// Some of the values, where they are equal but for the last bits.
      var values: [Double]?
    }
    var sample: String
    /// First row and column, height and width.
    var window: [Int]?
    var results: [String: Result]
    var testDescription: String { "\(sample) \(window?.description ?? "")" }
  }

  /// A picture and a preset.
  struct Case: Sendable, CustomTestStringConvertible {
    var picture: Picture
    var preset: String
    var expected: Picture.Result
    var testDescription: String { "\(preset) \(picture.testDescription)" }
  }

  static let cases: [Case] = {
    guard let pictures = try? ValueVectorTests.vectors("presets", as: File.self).pictures else {
      return []
    }
    return pictures.enumerated().flatMap { number, picture in
      let presets = PresetModel.allCases.map(\.rawValue)
      return [0, 3].compactMap { step -> Case? in
        let preset = presets[(number + step) % presets.count]
        // Strips become tens of thousands of pixels long where the shortest side gets a size.
        let isStrip = picture.window.map { max($0[2], $0[3]) > 8 * min($0[2], $0[3]) } ?? false
        guard !isStrip || !["clip", "dinov2", "imagenet"].contains(preset) else { return nil }
        return picture.results[preset].map {
          Case(picture: picture, preset: preset, expected: $0)
        }
      }
    }
  }()

  @Test("Pixels are those of the model's own processor, bit for bit", arguments: cases)
  func pixels(of test: Case) throws {
    var stages: [String] = []
    if let window = test.picture.window {
      stages.append(
        #"{"stage": "crop", "offset": \#(Array(window[..<2])), "size": \#(Array(window[2...]))}"#)
    }
    let hasRows = test.expected.shape.count == 2
    let patches = hasRows ? #", "patches": "model""# : ""
    stages.append(#"{"stage": "preset", "name": "\#(test.preset)"\#(patches)}"#)
    let outcome = try Workshop().run(
      (stages + [npy]).joined(separator: ", "), onFile: Self.sample(test.picture.sample))
    var made = try #require(outcome.outputs.first, "\(String(describing: outcome.result.error))")
    if test.preset == PresetModel.siglip2NaFlex.rawValue {
      // Rows of zeros follow, up to those that every image has.
      let count = test.expected.shape.reduce(1, *)
      #expect(made.shape == [256, test.expected.shape[1]])
      #expect(made.values.dropFirst(count).allSatisfy { $0 == 0 })
      made = TestArray(test.expected.shape, made.type, Array(made.values.prefix(count)))
    }
    #expect(made.shape == test.expected.shape)
    if let digest = test.expected.xxh64 {
      #expect(XXHash64.hash(made.bytes()).hexadecimal == digest)
    }
    guard let values = test.expected.values else { return }
    for (index, value) in values.enumerated() {
      let place = (made.values.count - 1) * index / 47
      #expect(abs(made.values[place] - value) < 1e-5)
    }
  }

  @Test("More than 50 pictures are met, and every preset by some of each kind")
  func coverage() {
    #expect(Set(Self.cases.map(\.picture.testDescription)).count >= 50)
    for model in PresetModel.allCases {
      let met = Self.cases.filter { $0.preset == model.rawValue }
      #expect(met.count >= 8, "\(model)")
      #expect(Set(met.map(\.picture.sample)).count >= 4, "\(model)")
    }
  }

  private static func sample(_ name: String) -> String {
    URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../../samples/\(name)").path()
  }
}
