import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraPipeline

/// What a dataset's file tells of how its values were normalized.
@Suite struct StoredNormalizationTests {
  private static func stored(_ stages: String) throws -> StoredNormalization? {
    let plan = try Workshop().planner("\(stages), \(npy)").plan(
      ImageShape(channels: 3, height: 8, width: 8))
    return plan.stages[plan.stages.count - 2].layout.storedNormalization
  }

  @Test("Constants are told in the digits in which they were written")
  func digits() throws {
    let found = try #require(
      try Self.stored(
        #"{"stage": "normalize", "mean": [0.13, -7.25, 1e-05], "std": [12.5, 0.0625, 123456.7]}"#))
    #expect(found.mean == [0.13, -7.25, 1e-05])
    #expect(found.std == [12.5, 0.0625, 123_456.7])
    #expect(abs(found.scale - 1.0 / 255) < 1e-12)
  }

  @Test("Those of presets are told as they are known")
  func presets() throws {
    let found = try #require(try Self.stored(#"{"stage": "normalize", "preset": "imagenet"}"#))
    #expect(found.mean == [0.485, 0.456, 0.406] && found.std == [0.229, 0.224, 0.225])
  }

  @Test("A normalization that hangs on the image is none, and none is needed without one")
  func none() throws {
    #expect(try Self.stored(#"{"stage": "normalize", "per_image": "standardize"}"#) == nil)
    #expect(try Self.stored(#"{"stage": "flip", "probability": 1}"#) == nil)
  }
}
