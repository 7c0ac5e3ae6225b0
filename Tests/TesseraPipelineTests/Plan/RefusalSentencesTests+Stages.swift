import TesseraCodecs
import TesseraCore

@testable import TesseraPipeline

extension RefusalSentencesTests {
  private static func array(_ channels: Int, _ height: Int, _ width: Int) -> ImageHeader {
    ImageHeader(
      format: .npy, shape: ImageShape(channels: channels, height: height, width: width),
      elementType: .uint8, colorModel: .unknown, sourceBitDepth: 8, decoderBytes: 0, decoder: "npy")
  }

  /// Images whose channels, opacity or size a stage does not take.
  static let ofChannels = [
    Case(
      Load.Refusal.channels(array(1, 9, 8), .rgb, .chw), "npy_color",
      "expected 3 channels for rgb, found an image of 1 × 9 × 8; \"npy_color\": \"gray\" with "
        + "\"color\": \"rgb\" makes RGB of it, or save "
        + "np.repeat(a.reshape(1, *a.shape[-2:]), 3, axis=0)"),
    Case(
      Load.Refusal.channels(array(1, 9, 8), .rgb, .hwc), "npy_color",
      "expected 3 channels for rgb, found an image of 1 × 9 × 8; \"npy_color\": \"gray\" with "
        + "\"color\": \"rgb\" makes RGB of it, or save "
        + "np.repeat(a.reshape(*a.shape[:2], 1), 3, axis=2)"),
    Case(
      Load.Refusal.channels(array(1, 9, 8), .grayAlpha, .hwc), "npy_color",
      "expected 2 channels for gray_alpha, found an image of 1 × 9 × 8; \"npy_color\": \"gray\" fits, "
        + "or save np.insert(a.reshape(*a.shape[:2], 1), 1, 255, axis=2), which is opaque"),
    Case(
      Load.Refusal.channels(array(3, 9, 8), .rgba, .chw), "npy_color",
      "expected 4 channels for rgba, found an image of 3 × 9 × 8; \"npy_color\": \"rgb\" fits, or "
        + "save np.insert(a, 3, 255, axis=0), which is opaque"),
    Case(
      Load.Refusal.channels(array(9, 8, 3), .rgb, .chw), "npy_color",
      "expected 3 channels for rgb, found an image of 9 × 8 × 3; \"npy_layout\": \"hwc\" takes its "
        + "last axis for the channels"),
    Case(
      Load.Refusal.channels(array(8, 3, 9), .rgb, .hwc), "npy_color",
      "expected 3 channels for rgb, found an image of 8 × 3 × 9; \"npy_layout\": \"chw\" takes its "
        + "first axis for the channels"),
    Case(
      Load.Refusal.channels(array(5, 9, 8), .gray, .hwc), "npy_color",
      "expected 1 channel for gray, found an image of 5 × 9 × 8; save a[..., :1]"),
    Case(
      Load.Refusal.channels(array(2, 9, 8), .rgba, .chw), "npy_color",
      "expected 4 channels for rgba, found an image of 2 × 9 × 8; \"npy_color\": \"gray_alpha\" fits"
    ),
    Case(
      Preset.Refusal.aspect(Size(height: 9, width: 1900)), "name",
      "the image is 9 × 1900, and qwen2vl takes no side more than 200 times the other"),
    Case(
      Preset.Refusal.colors(channels: 5), nil,
      "expected gray, RGB or CMYK of 8 bits, each but the last with or without opacity, found "
        + "5 channels without such a meaning; `npy_color` in load gives arrays one"),
    Case(
      Preset.Refusal.multiplied, nil,
      "\"alpha\": \"premultiply\" in load has multiplied colours by opacity, which is laid onto "
        + "white here; leave it out"),
    Case(
      Preset.Refusal.blackIsNotZero, nil,
      "opacity is laid onto white here, before a mean is subtracted: leave out the normalize "
        + "before it"),
    Case(
      Pad.Refusal.larger(image: Size(height: 2, width: 3), size: Size(height: 4, width: 1)), "size",
      "the image is 2 × 3, which is larger than 4 × 1 along an axis"),
    Case(
      Pad.Refusal.tooLarge(Size(height: 2, width: 3), key: "amount"), "amount",
      "the padded image would be 2 × 3, and an image has at most 134217728 rows and columns"),
    Case(
      Pad.Refusal.values(3, channels: 1), "value", "3 values for an image of 1 channel"),
    Case(
      Pad.Refusal.values(3, channels: 2), "value", "3 values for an image of 2 channels"),
    Case(
      Pad.Refusal.noValue(0.5, of: .uint8, maximum: 255), "value",
      "0.5 is no value of an image of uint8, which has integers in 0…255; a normalize before it "
        + "gives floats"),
    Case(
      Crop.Refusal.smaller(image: Size(height: 2, width: 3), size: Size(height: 4, width: 1)),
      "size",
      "the image is 2 × 3, which is smaller than 4 × 1 along an axis; \"small\": \"pad\" puts "
        + "zeros around it, and a resize before it makes it larger"),
    Case(
      Crop.Refusal.outside(
        offset: Size(height: 7, width: 8), size: Size(height: 4, width: 1),
        image: Size(height: 2, width: 3)), "offset",
      "a window of 4 × 1 at [7, 8] leaves the image, which is 2 × 3"),
    Case(
      TransformContrastNormalize.Refusal.noLevels, "epsilon",
      "no one factor turns these values back into levels 0…255, for which 10 is the usual epsilon; say "
        + "what it is in the square of the units in force"),
    Case(
      TransformReduce.Refusal.deviationOfProducts, "kind",
      "load has multiplied colours by opacity, and deviations of such products tell nothing of "
        + "colours; load with another \"alpha\""),
    Case(
      Select.Refusal.noOpacity, "by",
      "the image has no opacity; use mean, std or entropy, or keep alpha in load"),
    Case(
      Convolve.Refusal.productsOfOpacity(.energy), "response",
      "load has multiplied colours by opacity, and \"energy\" of such products tells nothing of "
        + "colours; load with another \"alpha\""),
    Case(
      Convolve.Refusal.channels(4, weights: [8, 2, 5, 5], groups: 1, hasOpacity: true), "weights",
      "weights 8 × 2 × 5 × 5 with 1 group take 2 channels, and the image has 4 and opacity, which "
        + "\"alpha\": \"filter\" takes as one more"),
    Case(
      ConvolveTranspose.Refusal.channels(4, weights: [8, 2, 5, 5], groups: 2, hasOpacity: false),
      "weights", "weights 8 × 2 × 5 × 5 with 2 groups take 8 channels, and the image has 4"),
    Case(
      ConvolveTranspose.Refusal.channels(4, weights: [8, 2, 5, 5], groups: 1, hasOpacity: true),
      "weights",
      "weights 8 × 2 × 5 × 5 with 1 group take 8 channels, and the image has 4 and opacity, which "
        + "\"alpha\": \"filter\" takes as one more"),
    Case(
      ConvolveTranspose.Refusal.opacityHasGaps(
        Size(height: 2, width: 3), output: Size(height: 5, width: 7)), "alpha",
      "opacity can be kept only where the stride times 2 × 3 pixels is the size of the result, here "
        + "5 × 7, and the middles of kernels fill it; \"alpha\": \"filter\" spreads it as colours are"
    ),
    Case(
      ConvolveTranspose.Refusal.tooLarge(.width, Size(height: 2, width: 3)), "stride",
      "2 × 3 pixels, each of them spread that far from the next, make an image whose width is above "
        + "134217728"),
  ]

  /// Patches that a stage does not take.
  static let ofPatches = [
    Case(
      SharedRefusal.notCounted("sample"), nil,
      "after select only the values tell how many blocks there are, and sample takes a share of them; "
        + "put it before select"),
    Case(
      SharedRefusal.notPatches, nil,
      "inputs are arrays of patches here, and this is an image; only such arrays tell what they are "
        + "made of"),
    Case(
      SharedRefusal.patchesTooLarge(Size(height: 2, width: 3), limit: 8), nil,
      "patches of 2 × 3 reach the stage, which takes up to 8 a side"),
    Case(SharedRefusal.cancelled, nil, "it was asked to end"),
    Case(
      SharedRefusal.window(
        .nothingLeft(axis: .width, count: 9, kernel: 2, padding: 3, size: 4)), "padding",
      GeometryError.nothingLeft(axis: .width, count: 9, kernel: 2, padding: 3, size: 4).description),
    Case(
      PatchFigureRefusal.sides([2], [3], [4, 5]), "statistics",
      "expected \"mean\" (D), \"eigenvalues\" (D), none of them negative, and \"eigenvectors\" (D, D), "
        + "as tessera fit writes them, found [2], [3] and [4, 5]"),
    Case(
      PatchFigureRefusal.length(9, patches: 8), "statistics",
      "these are statistics of patches of 9 values, and here are patches of 8; tessera fit with this "
        + "pipeline learns others"),
    Case(
      Convolve.LocalRefusal.dimensions([2, 3]), "weights",
      "expected (blocks, M, C, kH, kW) beside \"locally_connected\", found 2 × 3"),
    Case(
      Convolve.LocalRefusal.sides(
        [9, 2, 3, 5, 5], blocks: Size(height: 2, width: 4), channels: 1, hasOpacity: false),
      "weights",
      "weights 9 × 2 × 3 × 5 × 5 are for 9 blocks of 3 channels, and here are 8 (2 × 4) of 1"),
    Case(
      Convolve.LocalRefusal.sides(
        [9, 2, 3, 5, 5], blocks: Size(height: 2, width: 4), channels: 1, hasOpacity: true),
      "weights",
      "weights 9 × 2 × 3 × 5 × 5 are for 9 blocks of 3 channels, and here are 8 (2 × 4) of 1 and "
        + "opacity, which \"alpha\": \"filter\" takes as one more"),
    Case(
      Load.PatchRefusal.grid(Size(height: 2, width: 4), stored: Size(height: 3, width: 5)), nil,
      "the window has 2 × 4 blocks on the image, and there are patches for 3 × 5"),
    Case(
      Mask.Refusal.nothingLeft(1, ratio: 0.75), "ratio",
      "of 1 block none would be left, with a ratio of 0.75"),
    Case(
      Mask.Refusal.nothingLeft(2, ratio: 0.75), "ratio",
      "of 2 blocks none would be left, with a ratio of 0.75"),
    Case(
      TransformCommand.Refusal.dilation(scale: 2), "scale",
      "a window with gaps (\"dilation\") has no place for 2 × 2 pixels in place of each; leave "
        + "\"dilation\" or \"scale\" out"),
    Case(
      TransformPca.Refusal.components(9, of: 8), "components",
      "expected at most 8, as patches of 8 values have, found 9"),
    Case(
      TransformZca.Refusal.noVariance(1), "epsilon",
      "in 1 direction patches do not vary at all, which only an epsilon above 0 allows for"),
    Case(
      TransformZca.Refusal.noVariance(3), "epsilon",
      "in 3 directions patches do not vary at all, which only an epsilon above 0 allows for"),
    Case(
      TransformDctThreshold.Refusal.unitsLost("convolve"), "sigma",
      "is in the units of the file, and what flows here is what convolve made of them; put the stage "
        + "before it"),
    Case(
      TransformDctThreshold.Refusal.unitsLost(nil), "sigma",
      "is in the units of the file, and what flows here hangs on the image by \"per_image\"; put the "
        + "stage before it"),
    Case(
      Fold.Refusal.weighedBlocks("window"), "window",
      "blocks weigh differently here, by \"weights\": \"adaptive\", and that has no meaning where sums "
        + "are not divided or one block alone counts; \"normalize\": \"count\" divides by weights"),
    Case(
      Fold.Refusal.croppedGaps, "window",
      "cropping takes windows without gaps, and here \"dilation\" is above 1"),
    Case(
      Fold.Refusal.thinned, "uncovered",
      "blocks were let go before, and some pixels may be reached by none; \"uncovered\": \"zero\" "
        + "makes them 0"),
  ]

  /// What files do not hold.
  static let ofFiles = [
    Case(
      Encode.Refusal.rangeOfFloats(.npy), "range",
      "floats are written as they are, so that a range would do nothing; \"dtype\": \"uint8\" or "
        + "\"uint16\" makes integers of them"),
    Case(
      Encode.Refusal.tooManyFiles(1025), "format",
      "expected at most 1024 channels where each gets a file, found 1025; \"format\": \"npy\" or "
        + "\"channels\": \"montage\" hold all of them in one"),
    Case(
      Encode.Refusal.needsWholeGrid(.windows), "layout",
      "\"windows\" has a place for every block, and select, sample or mask have let some go; \"tokens\" "
        + "holds those that are left"),
    Case(
      Encode.Refusal.oddGrid(Size(height: 3, width: 4)), "layout",
      "\"qwen2vl\" stores blocks in groups of 2 × 2, and the image has 3 × 4 blocks"),
    Case(
      Encode.Refusal.cannotBeJoined(.windows), "layout",
      "patches of images of differing sizes are joined one row per block, which \"windows\" does not "
        + "allow; use \"tokens\", or bring the images to one size with resize or crop"),
    Case(
      Encode.Refusal.noPictures(5), "format",
      "a picture has 1 or 3 channels without opacity, found 5; \"format\": \"npy\" holds any number"
    ),
    Case(
      Encode.Refusal.cannotVerify("mask"), "verify",
      "only files of patches alone are read back, and `mask` goes along with these"),
    Case(
      Encode.Refusal.cannotStack("mask"), "images_per_shard",
      "`mask` has a place for every block, so that images need one size, which does not follow from "
        + "the pipeline; bring them to it with resize or crop, or use \"webdataset\""),
    Case(
      Encode.Refusal.sizesDiffer, "images_per_shard",
      "images are stacked, so that all need one size, which does not follow from the pipeline; bring "
        + "them to it with resize or crop, or use \"webdataset\""),
  ]
}
