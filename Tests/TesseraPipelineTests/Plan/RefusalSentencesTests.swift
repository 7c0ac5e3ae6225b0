import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraPipeline

/// What refusals say, word for word: people search for it.
@Suite struct RefusalSentencesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var error: StageError
    var key: String?
    var sentence: String
    var testDescription: String { sentence }

    init(_ reason: some StageRefusal, _ key: String?, _ sentence: String) {
      error = StageError(reason)
      self.key = key
      self.sentence = sentence
    }
  }

  static let image = ImageShape(channels: 3, height: 20, width: 30)
  static let patches = FlowShape.patches(length: 48, blocks: Size(height: 5, width: 7))

  static let shared = [
    Case(
      SharedRefusal.uncountable(patches), nil, "48 × 35 (5 × 7 blocks) is more than can be counted"),
    Case(
      SharedRefusal.window(.outOfRange(axis: .height, quantity: "stride", value: 0)), "stride",
      GeometryError.outOfRange(axis: .height, quantity: "stride", value: 0).description),
    Case(
      SharedRefusal.window(.overflow(axis: .width)), "kernel_size",
      GeometryError.overflow(axis: .width).description),
    Case(
      SharedRefusal.kernelSides([7]), "weights",
      "expected an array (kH, kW), (M, kH, kW) or (M, C/groups, kH, kW), found [7]"),
    Case(SharedRefusal.biasCount(2, outputs: 3), "bias", "2 values for 3 outputs"),
    Case(
      SharedRefusal.inverseLost(stage: 4, name: "convolve"), "range",
      "after stages[4] (convolve) values no longer turn back into those of the file; say what "
        + "becomes 0 and what the maximum: auto, bounds, symmetric, clip or [low, high]"),
    Case(
      SharedRefusal.noBounds, "range",
      "no bounds of the values are known here; use auto or [low, high]"),
    Case(
      SharedRefusal.noOrder, nil,
      "the stages cannot be put in an order that works, which is a mistake of Tessera"),
    Case(
      SharedRefusal.channels(65_537), nil, "the image has 65537 channels, more than 65536"),
  ]

  static let ofStages = [
    Case(
      Load.Refusal.noColors(channels: 5), "color",
      #"an array of 5 channels has no colours to convert; "npy_color" says what they mean, "#
        + #"and "color": "keep" takes it as it is"#),
    Case(
      Load.Refusal.tooManyPixels(ImageShape(channels: 4, height: 20, width: 30), limit: 500),
      "max_pixels", "an image of 20 × 30 pixels, more than max_pixels 500"),
    Case(
      Load.Refusal.tooManyPixels(ImageShape(channels: 9, height: 3, width: 5), limit: 33),
      "max_pixels",
      "an image of 3 × 5 pixels of 9 channels, which count as 34, more than max_pixels 33"),
    Case(
      SharedRefusal.opacityIsMultiplied, "alpha",
      #""alpha": "premultiply" in load has colours and opacity filtered alike, so that opacity "#
        + "cannot be kept; leave one of the two out"),
    Case(
      Load.Refusal.channels(
        ImageHeader(
          format: .npy, shape: ImageShape(channels: 4, height: 9, width: 8), elementType: .uint8,
          colorModel: .unknown, sourceBitDepth: 8, decoderBytes: 0, decoder: "npy"), .rgb, .chw),
      "npy_color",
      "expected 3 channels for rgb, found an image of 4 × 9 × 8; "
        + #""npy_color": "rgba" fits, or save a[:3]"#),
    Case(
      Normalize.Refusal.valueCount(3, key: "mean", channels: 1), "mean",
      #"3 values for an image of 1 channel; "color": "rgb" in load gives three"#),
    Case(
      Normalize.Refusal.valueCount(2, key: "std", channels: 3), "std",
      "2 values for an image of 3 channels"),
    Case(
      Convolve.Refusal.sizesDiffer(kernels: Size(3), patches: Size(5)), nil,
      "kernels of 3 × 3 meet patches of 5 × 5; they must be equal"),
    Case(
      Convolve.Refusal.oddOutputs(3), "response",
      #""magnitude" takes pairs of outputs, and there are 3"#),
    Case(
      Convolve.Refusal.unevenGroups(5, of: 2), "groups_of",
      "5 outputs of a channel do not divide into groups of 2"),
    Case(
      Convolve.Refusal.energyOfSome, "response",
      #""energy" is a mean over neighbouring blocks, and some have been let go; choose blocks behind it"#
    ),
    Case(
      Encode.Refusal.montageTooLarge(Size(height: 70_000, width: 20), .jpeg), "channels",
      "all channels side by side are 70000 × 20 pixels, more than jpeg holds"),
    Case(
      Convolve.Refusal.channels(3, weights: [8, 2, 5, 5], groups: 2, hasOpacity: false), "weights",
      "weights 8 × 2 × 5 × 5 with 2 groups take 4 channels, and the image has 3"),
    Case(
      Convolve.Refusal.groups(2, outputs: 3), "groups", "3 outputs do not divide into 2 groups"),
    Case(
      TransformConvolve.Refusal.kernels([2, 3, 3], channels: 3), nil,
      "expected one kernel, or one for each of the 3 channels, found 2 × 3 × 3"),
    Case(
      TransformLinear.Refusal.weights([4, 5], patchLength: 4, window: [1, 2, 2]), "weights",
      "expected a matrix (M, 4) for patches of 4 values, or kernels (M, 1, 2, 2), found [4, 5]"),
    Case(
      TransformLinear.Refusal.position([1, 5, 8], blocks: 4, outputs: 8, skipped: 0), "position",
      "expected (4, 8), a row of 8 values for each of 4 blocks, found [1, 5, 8]; "
        + "\"position_skip\": 1 leaves out the first, as of a class token"),
    Case(
      TransformLinear.Refusal.position([4, 8], blocks: 4, outputs: 8, skipped: 2), "position",
      "expected (6, 8), a row of 8 values for each of 4 blocks after \"position_skip\": 2, "
        + "found [4, 8]; \"position_skip\": 0 leaves out none"),
    Case(
      Fold.Refusal.window(Size(4), patchLength: 30), "kernel_size",
      "a patch has 30 values, which windows of 4 × 4 do not divide"),
    Case(
      Fold.Refusal.blocksDiffer(Size(height: 2, width: 3), own: Size(2)), "output_size",
      "6 blocks (2 × 3) reach the fold, and its own grid has 4 (2 × 2)"),
    Case(
      Fold.Refusal.uncovered(rows: 1, columns: 2, of: Size(height: 20, width: 30)), "uncovered",
      #"1 rows and 2 columns of 20 × 30 lie under no block; "edge": "shift" or "pad" in the "#
        + #"unfold covers them, "uncovered": "zero" makes them 0"#),
    Case(
      Compare.Refusal.shapesDiffer(
        ImageShape(channels: 1, height: 20, width: 30), loaded: image), nil,
      "an image 1 × 20 × 30 cannot be compared with the loaded one, which is 3 × 20 × 30"),
    Case(
      Compare.Refusal.tooSmallForSSIM(Size(10)), "metrics",
      "ssim needs at least 11 rows and columns, and the image is 10 × 10"),
    Case(
      Compare.Refusal.noDataRange, "data_range",
      "psnr and ssim of a float image need the distance between black and white"),
    Case(
      Compare.Refusal.inverseLost(stage: 2, name: "transform.standardize"), nil,
      "after stages[2] (transform.standardize) values no longer turn back into those of the file, "
        + "so there is nothing to compare them with; compare before it"),
    Case(
      Encode.Refusal.cmyk(.jpeg), "format",
      #"jpeg takes no CMYK here; "color": "rgb" in load converts it"#),
    Case(
      Encode.Refusal.alpha, "format",
      #"jpeg has no alpha channel; "alpha": "drop" or "matte" in load takes it away"#),
    Case(
      Encode.Refusal.tooLarge(Size(height: 65_501, width: 1), .jpeg), "format",
      "jpeg holds at most 65500 rows and columns, and the image is 65501 × 1"),
    Case(
      Encode.Refusal.tooLarge(Size(height: 1, width: 16_384), .webp), "format",
      "webp holds at most 16383 rows and columns, and the image is 1 × 16384"),
  ]

  @Test(
    "Every refusal has its sentence and the key to change",
    arguments: shared + ofStages + ofChannels + ofPatches + ofFiles)
  func sentence(_ wanted: Case) {
    #expect(wanted.error.description == wanted.sentence)
    #expect(wanted.error.key == wanted.key)
  }

  @Test("A place is put before the sentence")
  func place() {
    let error = PlanningError(
      stageIndex: 2, stageName: "fold", error: StageError(SharedRefusal.biasCount(2, outputs: 3)))
    #expect(error.description == "stages[2] (fold).bias: 2 values for 3 outputs")
    #expect(error.message == "2 values for 3 outputs")
  }

  @Test("Refusals are equal where reason and data are")
  func equality() {
    let error = StageError(SharedRefusal.biasCount(2, outputs: 3))
    #expect(error == StageError(SharedRefusal.biasCount(2, outputs: 3)))
    #expect(error != StageError(SharedRefusal.biasCount(2, outputs: 4)))
    #expect(error != StageError(Compare.Refusal.noDataRange))
    #expect(Set([error, error]).count == 1)
  }
}
