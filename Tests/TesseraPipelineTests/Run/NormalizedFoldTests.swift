import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraEngine

/// The step that folds normalized patches without making them, against the pass over tiles.
struct NormalizedFoldTests {
  /// Stages from unfold to fold.
  static let stages = [
    ("\"kernel_size\": 3, \"padding\": 1", "mean_removal", "patch", "count"),
    ("\"kernel_size\": 8, \"stride\": 4, \"edge\": \"shift\"", "standardize", "channel", "count"),
    (
      "\"kernel_size\": [5, 4], \"stride\": [3, 2], \"padding\": 3, \"padding_mode\": \"reflect\","
        + "\"edge\": \"pad\"", "standardize", "patch", "sum"
    ),
    (
      "\"kernel_size\": 4, \"dilation\": [2, 3], \"padding\": 7, \"padding_mode\": \"circular\"",
      "mean_removal", "channel", "count"
    ),
    (
      "\"kernel_size\": 2, \"stride\": 3, \"padding\": 2, \"padding_mode\": \"replicate\"",
      "standardize", "patch", "count"
    ),
    ("\"kernel_size\": 1, \"padding\": 2", "mean_removal", "patch", "sum"),
  ]

  static func document(_ stage: (String, String, String, String)) -> String {
    """
    {"stage": "unfold", \(stage.0)},
    {"stage": "transform.\(stage.1)", "per": "\(stage.2)"},
    {"stage": "fold", "normalize": "\(stage.3)", "uncovered": "zero"}
    """
  }

  @Test("Both ways give the same bits", arguments: stages, KernelSet.supported.indices)
  func tiles(stage: (String, String, String, String), set: Int) throws {
    let workshop = try Workshop()
    workshop.kernels = KernelSet.supported[set]
    for (shape, seed) in [([3, 33, 41], 1), ([2, 23, 150], 2), ([1, 12, 15], 3)]
      as [([Int], UInt64)]
    {
      let image = TestArray.noise(shape, .float32, seed: seed)
      let direct = try workshop.array("\(Self.document(stage)), \(npy)", on: image)
      // A filter that changes nothing keeps the transforms from being a single one.
      let identity = """
        {"stage": "transform.convolve", "kernels": [[[1]]]}, {"stage": "transform.\(stage.1)"
        """
      let document = Self.document(stage).replacing(
        "{\"stage\": \"transform.\(stage.1)\"", with: identity)
      #expect(try workshop.array("\(document), \(npy)", on: image) == direct, "\(shape)")
    }
  }

  @Test("Only a single normalization goes without tiles")
  func choice() throws {
    #expect(try makesTiles(Self.document(Self.stages[0])) == false)
    #expect(
      try makesTiles(#"{"stage": "unfold", "kernel_size": 3}, {"stage": "fold"}"#) == true)
    #expect(
      try makesTiles(
        #"{"stage": "unfold", "kernel_size": 3}, {"stage": "transform.mean_removal"},"#
          + #" {"stage": "transform.standardize"}, {"stage": "fold"}"#) == true)
    // Folded elsewhere than it was cut.
    #expect(
      try makesTiles(
        #"{"stage": "unfold", "kernel_size": 3}, {"stage": "transform.mean_removal"},"#
          + #" {"stage": "fold", "output_size": [18, 18], "kernel_size": 3, "padding": 1}"#)
        == true)
  }

  @Test(
    "The same bytes for every height of bands and number of threads", arguments: stages)
  func bands(stage: (String, String, String, String)) throws {
    let image = TestArray.noise([3, 61, 47], .uint8, seed: 4)
    let stages = "{\"stage\": \"normalize\"}, \(Self.document(stage)), \(npy)"
    let reference = try Workshop().array(stages, on: image)
    for (height, workers) in [(1, 1), (2, 3), (7, 1), (7, 2), (64, 2)] {
      let workshop = try Workshop()
      workshop.banding = Banding(height: height, largeImage: 0)
      workshop.workers = workers
      #expect(try workshop.array(stages, on: image) == reference, "\(height) rows, \(workers)")
    }
  }

  @Test("Patches that are written and patches that are folded have the same bits")
  func written() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([3, 24, 40], .float32, seed: 5)
    let stages = """
      {"stage": "unfold", "kernel_size": 8, "stride": 8}, {"stage": "transform.standardize"}
      """
    let patches = try workshop.array("\(stages), \(npy)", on: image)
    let folded = try workshop.array("\(stages), {\"stage\": \"fold\"}, \(npy)", on: image)
    for channel in 0..<3 {
      for y in 0..<24 {
        for x in 0..<40 {
          let row = channel * 64 + y % 8 * 8 + x % 8
          let value = patches.values[row * 15 + y / 8 * 5 + x / 8]
          #expect(folded.values[(channel * 24 + y) * 40 + x] == value)
        }
      }
    }
  }

  private func makesTiles(_ stages: String) throws -> Bool {
    let plan = try Workshop().planner("{\"stage\": \"normalize\"}, \(stages), \(npy)").plan(
      ImageShape(channels: 1, height: 20, width: 20))
    return !plan.rewrites.contains("normalized_blocks")
  }
}
