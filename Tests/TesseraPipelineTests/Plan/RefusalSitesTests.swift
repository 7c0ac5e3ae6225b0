import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraPipeline

/// Where stages refuse an image: the stage, its key and what it says of that image.
@Suite struct RefusalSitesTests {
  struct Site: Sendable, CustomTestStringConvertible {
    var stages: String
    var shape = ImageShape(channels: 3, height: 12, width: 10)
    var stage: Int
    var key: String?
    var message: String
    var testDescription: String { message }

    init(
      _ stages: String, of shape: [Int] = [3, 12, 10], _ stage: Int, _ key: String?,
      _ message: String
    ) {
      self.stages = stages
      self.shape = ImageShape(channels: shape[0], height: shape[1], width: shape[2])
      self.stage = stage
      self.key = key
      self.message = message
    }
  }

  private static let cut = #"{"stage": "unfold", "kernel_size": 4, "stride": 2}"#

  static let sites = [
    Site(
      #"\#(cut), {"stage": "select", "by": "alpha", "min": 0.5}, \#(npy)"#, 2, "by",
      "the image has no opacity; use mean, std or entropy, or keep alpha in load"),
    Site(
      #"\#(cut), {"stage": "select", "by": "mean", "min": 0.5}, {"stage": "encode", "format": "npy", "layout": "windows"}"#,
      3, "layout",
      "\"windows\" has a place for every block, and select, sample or mask have let some go; "
        + "\"tokens\" holds those that are left"),
    Site(
      #"\#(cut), {"stage": "encode", "format": "imagefolder"}"#, of: [5, 12, 10], 2, "format",
      "a picture has 1 or 3 channels without opacity, found 5; \"format\": \"npy\" holds any number"
    ),
    Site(
      #"{"stage": "encode", "format": "png", "channels": "files"}"#, of: [1025, 4, 4], 1, "format",
      "expected at most 1024 channels where each gets a file, found 1025; \"format\": \"npy\" or "
        + "\"channels\": \"montage\" hold all of them in one"),
    Site(
      #"{"stage": "convolve_transpose", "kernels": [[[[1]]], [[[1]]]]}, \#(npy)"#, 1, "weights",
      "weights 2 × 1 × 1 × 1 with 1 group take 2 channels, and the image has 3"),
    Site(
      #"\#(cut), {"stage": "mask", "ratio": 0.99}, \#(npy)"#, of: [1, 4, 4], 2, "ratio",
      "of 1 block none would be left, with a ratio of 0.99"),
    Site(
      #"{"stage": "normalize", "mean": 0.5}, {"stage": "preset", "name": "clip"}, \#(npy)"#,
      of: [4, 400, 400],
      2, nil,
      "opacity is laid onto white here, before a mean is subtracted: leave out the normalize "
        + "before it"),
    Site(
      #"{"stage": "pad", "size": [8, 20]}, \#(npy)"#, 1, "size",
      "the image is 12 × 10, which is larger than 8 × 20 along an axis"),
    Site(
      #"{"stage": "pad", "amount": 1, "padding_mode": "constant", "value": [1, 2]}, \#(npy)"#, 1,
      "value",
      "2 values for an image of 3 channels"),
    Site(
      #"{"stage": "pad", "amount": 1, "padding_mode": "constant", "value": 300}, \#(npy)"#, 1,
      "value",
      "300.0 is no value of an image of uint8, which has integers in 0…255; a normalize before it "
        + "gives floats"),
    Site(
      #"{"stage": "crop", "size": [12, 11], "small": "error"}, \#(npy)"#, 1, "size",
      "the image is 12 × 10, which is smaller than 12 × 11 along an axis; \"small\": \"pad\" puts "
        + "zeros around it, and a resize before it makes it larger"),
    Site(
      #"{"stage": "crop", "size": [3, 4], "offset": [10, 6], "small": "error"}, \#(npy)"#, 1,
      "offset",
      "a window of 3 × 4 at [10, 6] leaves the image, which is 12 × 10"),
    Site(
      #"{"stage": "convolve_transpose", "bank": "box", "stride": 65535}, \#(npy)"#,
      of: [1, 4, 4000], 1,
      "stride",
      "4 × 4000 pixels, each of them spread that far from the next, make an image whose width is "
        + "above 134217728"),
    Site(
      #"\#(cut), {"stage": "transform.linear", "weights": "w.npy"}, {"stage": "fold"}, \#(npy)"#, 2,
      "weights",
      "expected a matrix (M, 48) for patches of 48 values, or kernels (M, 3, 4, 4), found [2, 7]"),
    Site(
      #"{"stage": "convolve", "weights": "w.npy", "locally_connected": true}, \#(npy)"#, 1,
      "weights",
      "expected (blocks, M, C, kH, kW) beside \"locally_connected\", found 2 × 7"),
    Site(
      #"{"stage": "convolve", "weights": "w5.npy", "locally_connected": true}, \#(npy)"#,
      of: [3, 2, 3], 1,
      "weights",
      "weights 3 × 1 × 2 × 1 × 1 are for 3 blocks of 2 channels, and here are 6 (2 × 3) of 3"),
    Site(
      #"\#(cut), {"stage": "mask", "ratio": 0.5}, {"stage": "encode", "format": "npy", "images_per_shard": 2}"#,
      3, "images_per_shard",
      "`ids_restore` has a place for every block, so that images need one size, which does not follow from "
        + "the pipeline; bring them to it with resize or crop, or use \"webdataset\""),
    Site(
      #"\#(cut), {"stage": "encode", "format": "npy", "images_per_shard": 2, "layout": "torch"}"#,
      2, "layout",
      "patches of images of differing sizes are joined one row per block, which \"torch\" does not "
        + "allow; use \"tokens\", or bring the images to one size with resize or crop"),
    Site(
      #"{"stage": "encode", "format": "npy", "images_per_shard": 2}"#, 1, "images_per_shard",
      "images are stacked, so that all need one size, which does not follow from the pipeline; bring "
        + "them to it with resize or crop, or use \"webdataset\""),
    Site(
      #"\#(cut), {"stage": "mask", "ratio": 0.5}, {"stage": "encode", "format": "npy", "verify": true}"#,
      3, "verify",
      "only files of patches alone are read back, and `ids_restore` goes along with these"),
    Site(
      #"{"stage": "unfold", "kernel_size": 4, "stride": 4}, {"stage": "encode", "format": "npy", "layout": "qwen2vl"}"#,
      2, "layout", "\"qwen2vl\" stores blocks in groups of 2 × 2, and the image has 3 × 2 blocks"),
  ]

  @Test("The stage, the key and the sentence", arguments: sites)
  func site(_ site: Site) throws {
    let workshop = try Workshop()
    try workshop.save(TestArray([2, 7], Array(repeating: Float(1), count: 14)), as: "w.npy")
    try workshop.save(
      TestArray([3, 1, 2, 1, 1], Array(repeating: Float(1), count: 6)), as: "w5.npy")
    let error = try #require(try workshop.refusal(site.stages, shape: site.shape))
    #expect(error.message == site.message)
    #expect(error.stageIndex == site.stage)
    #expect(error.key == site.key)
  }
}
