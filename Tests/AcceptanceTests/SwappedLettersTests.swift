import Foundation
import Testing

/// Words with neighbouring letters swapped: no other rule of spelling finds what was meant.
///
/// A swap is two replacements, and up to five letters one mistake is the most that is asked about; in
/// longer words two swaps are.
@Suite struct SwappedLettersTests {
  /// A stage with one word that is wrong, that word, and what was meant.
  struct Slip: Sendable, CustomTestStringConvertible {
    var stage: String
    var wrong: String
    var meant: String

    /// Replaces the right word in the text of a right stage.
    init(_ stage: String, _ meant: String, _ wrong: String) {
      self.stage = stage.replacingOccurrences(of: "\"\(meant)\"", with: "\"\(wrong)\"")
      self.wrong = wrong
      self.meant = meant
    }

    var testDescription: String { "\(wrong) for \(meant)" }
  }

  private static let load =
    #"{ "stage": "load", "color": "gray", "alpha": "matte", "matte": "red" }"#
  private static let unfold =
    #"{ "stage": "unfold", "kernel_size": 3, "stride": 1, "edge": "pad" }"#
  private static let fold = #"{ "stage": "fold", "normalize": "sum" }"#
  private static let normalize = #"{ "stage": "normalize", "mean": 0.5, "std": 0.5 }"#
  private static let convolve =
    #"{ "stage": "convolve", "bank": { "name": "box", "kernel_size": 3 }, "bias": 1, "response": "abs" }"#
  private static let compare = #"{ "stage": "compare", "metrics": ["psnr", "ssim"] }"#
  private static let encode =
    #"{ "stage": "encode", "format": "png", "name": "a.png", "range": "clip", "metadata": "keep" }"#

  static let stages = [
    Slip(fold, "fold", "flod"), Slip(fold, "fold", "fodl"), Slip(fold, "fold", "ofld"),
    Slip(unfold, "unfold", "nufodl"), Slip(convolve, "convolve", "ocnvolev"),
    Slip(normalize, "normalize", "onrmalzie"), Slip(compare, "compare", "ocmpaer"),
    Slip(encode, "encode", "necdoe"), Slip(load, "load", "laod"),
  ]

  static let keys = [
    Slip(load, "matte", "mtate"), Slip(unfold, "edge", "egde"), Slip(unfold, "stride", "tsried"),
    Slip(normalize, "mean", "maen"), Slip(normalize, "std", "sdt"),
    Slip(convolve, "bank", "bnak"), Slip(convolve, "bias", "bais"),
    Slip(encode, "name", "naem"), Slip(encode, "range", "rnage"),
  ]

  static let words = [
    Slip(load, "gray", "gary"), Slip(load, "matte", "mtate"), Slip(unfold, "pad", "pda"),
    Slip(fold, "sum", "smu"), Slip(convolve, "box", "bxo"), Slip(convolve, "abs", "asb"),
    Slip(compare, "psnr", "psrn"), Slip(compare, "ssim", "sism"), Slip(encode, "png", "pgn"),
    Slip(encode, "keep", "kepe"), Slip(encode, "clip", "cilp"),
  ]

  @Test("They are found in names of stages, keys and words", arguments: stages + keys + words)
  func found(_ slip: Slip) throws {
    let outcome = try validate(slip.stage)
    #expect(outcome.status == 78)
    let lines = outcome.errors.split(separator: "\n").filter { $0.contains(slip.wrong) }
    #expect(
      lines.contains { $0.contains("did you mean \"\(slip.meant)\"?") }, "\(outcome.errors)")
  }

  @Test("The page of a stage is found by them, too", arguments: [("flod", "fold"), ("bxo", "box")])
  func page(_ wrong: String, _ meant: String) throws {
    let outcome = try Command.run(["stages", wrong])
    #expect(outcome.status == 64 && outcome.errors.contains(meant), "\(outcome.errors)")
  }

  @Test(
    "Letters that were no neighbours, and circles of three, are two mistakes: too many",
    arguments: [
      Slip(fold, "fold", "dolf"), Slip(fold, "fold", "oldf"), Slip(unfold, "edge", "gede"),
      Slip(unfold, "edge", "dgee"), Slip(load, "gray", "yrag"), Slip(load, "gray", "rayg"),
    ])
  func notFound(_ slip: Slip) throws {
    let outcome = try validate(slip.stage)
    #expect(outcome.status == 78 && outcome.errors.contains(slip.wrong), "\(outcome.errors)")
    #expect(!outcome.errors.contains("did you mean"), "\(outcome.errors)")
  }

  /// What is said of a pipeline with one stage of a kind, around it all that it needs.
  private func validate(_ stage: String) throws -> Command.Outcome {
    let folder = try TemporaryFolder()
    let isFirst = stage == Self.load || stage.contains("\"matte\"") || stage.contains("\"red\"")
    let stages = isFirst ? [stage] : [#"{ "stage": "load" }"#, stage]
    try folder.write(
      "{ \"version\": 1, \"stages\": [\n"
        + (stages + [#"{ "stage": "encode", "path": "out" }"#]).joined(separator: ",\n") + "\n] }",
      to: "slip.json")
    return try Command.run(["validate", "slip.json"], in: folder.path)
  }
}
