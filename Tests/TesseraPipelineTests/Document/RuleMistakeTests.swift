import TesseraKernels
import Testing

@testable import TesseraPipeline

@Suite struct RuleMistakeTests {
  @Test("Keys and stages are checked against each other", arguments: documents)
  func isLocated(_ document: BrokenDocument) {
    #expect(document.messages == document.expected)
  }

  @Test(
    "Kernels, groups and biases that do not go together are refused at their key",
    arguments: [
      // Two outputs of one channel each, in groups.
      (#""kernels": [[[[1]]], [[[2]]]], "groups": 3"#, "groups", ["2", "3"]),
      (#""kernels": [[[[1]]], [[[2]]], [[[2]]]], "groups": 2"#, "groups", ["3", "2"]),
      (#""kernels": [[[1]], [[2]]], "groups": 2"#, "groups", ["four dimensions"]),
      (#""kernels": [[1]], "groups": 2"#, "groups", ["four dimensions"]),
      (#""kernels": [[[[1]]], [[[2]]]], "bias": [1, 2, 3]"#, "bias", ["3", "2"]),
      (#""kernels": [[[[1]]], [[[2]]], [[[3]]]], "bias": [1, 2]"#, "bias", ["2", "3"]),
      (#""kernels": [[[[1]]], [[[2]]], [[[3]]]], "response": "magnitude""#, "response", ["3"]),
      (#""bank": "box", "groups": 0"#, "groups", ["1…"]),
    ])
  func convolutions(keys: String, key: String, words: [String]) throws {
    let messages = messages(of: document([load, "{\"stage\": \"convolve\", \(keys)}", encode]))
    #expect(messages.count == 1)
    let message = try #require(messages.first)
    #expect(message.contains("stages[1] (convolve).\(key): "), "\(message)")
    for word in words { #expect(message.contains(word), "\(message)") }
  }

  @Test(
    "Kernels, groups and biases that do go together are not refused",
    arguments: [
      #""kernels": [[[[1]]], [[[2]]]], "groups": 2"#,
      #""kernels": [[[[1]]], [[[2]]], [[[2]]], [[[2]]]], "groups": 2, "bias": [1, 2, 3, 4]"#,
      #""kernels": [[[[1]]], [[[2]]]], "bias": [1]"#, #""kernels": [[[[1]]], [[[2]]]], "bias": 7"#,
      #""kernels": [[[[1]]], [[[2]]]], "response": "magnitude""#,
      // As many as a file of any number of channels may have outputs.
      #""kernels": [[[1]], [[2]]], "bias": [1, 2, 3, 4, 5, 6]"#,
    ])
  func goodConvolutions(keys: String) {
    let text = document([load, "{\"stage\": \"convolve\", \(keys)}", encode])
    #expect(messages(of: text) == [])
  }

  static let documents: [BrokenDocument] = [
    BrokenDocument(
      "two sources of inputs", [#"{"stage": "load", "path": "a", "list": "b"}"#, encode],
      #"2:42: stages[0] (load).list: cannot stand beside "path": give one of the two"#),
    BrokenDocument(
      "a matte without use", [##"{"stage": "load", "matte": "#000000"}"##, encode],
      #"2:30: stages[0] (load).matte: applies only with "alpha": "matte", which is not given"#),
    BrokenDocument(
      "two sources of kernels",
      [load, #"{"stage": "convolve", "bank": "box", "weights": "w.npy"}"#, encode],
      #"3:51: stages[1] (convolve).weights: cannot stand beside "bank": give one of the two"#),
    BrokenDocument(
      "no source of kernels", [load, #"{"stage": "convolve"}"#, encode],
      #"""
      3:3: stages[1] (convolve): expected one of "kernels", "bank" or "weights", found \#
      no such key
      """#),
    BrokenDocument(
      "half a geometry", [load, unfold, #"{"stage": "fold", "kernel_size": 3}"#, encode],
      #"""
      4:3: stages[2] (fold): expected the key "output_size" beside "kernel_size", found \#
      no such key
      """#),
    BrokenDocument(
      "a quality for PNG", [load, #"{"stage": "encode", "quality": 91}"#],
      #"""
      3:34: stages[1] (encode).quality: applies only with "format": "jpeg" or "webp" or \#
      "webdataset" or "imagefolder" or "tiles", and here that is "png"
      """#),
    BrokenDocument(
      "a compression for JPEG",
      [load, #"{"stage": "encode", "format": "jpeg", "compression": "best"}"#],
      #"""
      3:56: stages[1] (encode).compression: applies only with "format": "png" or "tiff" or \#
      "webdataset" or "imagefolder" or "tiles", and here that is "jpeg"
      """#),
    BrokenDocument(
      "metadata for NPY", [load, #"{"stage": "encode", "format": "npy", "metadata": "strip"}"#],
      #"""
      3:52: stages[1] (encode).metadata: applies only with "format": "png" or "jpeg" or \#
      "webp" or "tiff", and here that is "npy"
      """#),
    BrokenDocument(
      "statistics twice",
      [load, #"{"stage": "normalize", "per_image": "minmax", "mean": 0.5}"#, encode],
      #"""
      3:57: stages[1] (normalize).mean: applies only with "per_image": "none", and here \#
      that is "minmax"
      """#),
    BrokenDocument(
      "a mean and deviation of unlike counts",
      [load, #"{"stage": "normalize", "mean": "clip", "std": [1, 2]}"#, encode],
      #"""
      3:34: stages[1] (normalize).mean: "clip" has a mean and a deviation that belong together: \#
      write "preset": "clip" for both, or numbers for one
      """#),
    BrokenDocument(
      "numbers for the mean and deviation of unlike counts",
      [load, #"{"stage": "normalize", "mean": [1, 2, 3], "std": [1, 2]}"#, encode],
      #"3:52: stages[1] (normalize).std: has 2 values where "mean" has 3"#),
    BrokenDocument(
      "a model's name for the deviation alone",
      [load, #"{"stage": "normalize", "std": "imagenet"}"#, encode],
      #"""
      3:33: stages[1] (normalize).std: "imagenet" has a mean and a deviation that belong together: \#
      write "preset": "imagenet" for both, or numbers for one
      """#),
    BrokenDocument(
      "a model beside a mean",
      [load, #"{"stage": "normalize", "mean": 0.5, "preset": "clip"}"#, encode],
      #"""
      3:34: stages[1] (normalize).mean: cannot stand beside "preset": give one of the two
      """#),
    BrokenDocument(
      "a model beside statistics",
      [load, #"{"stage": "normalize", "preset": "clip", "per_image": "minmax"}"#, encode],
      #"""
      3:36: stages[1] (normalize).preset: applies only with "per_image": "none", and here \#
      that is "minmax"
      """#),
    BrokenDocument(
      "groups for a bank", [load, #"{"stage": "convolve", "bank": "box", "groups": 3}"#, encode],
      #"""
      3:50: stages[1] (convolve).groups: applies only to weights of four dimensions (M, \#
      C/groups, kH, kW)
      """#),
    BrokenDocument(
      "the magnitude of one kernel",
      [load, #"{"stage": "convolve", "bank": "box", "response": "magnitude"}"#, encode],
      #"""
      3:52: stages[1] (convolve).response: "magnitude" takes pairs of outputs, and here \#
      there is 1 kernel
      """#),
    BrokenDocument(
      "an edge beside same",
      [load, #"{"stage": "convolve", "bank": "box", "padding": "same", "edge": "pad"}"#, encode],
      #"""
      3:67: stages[1] (convolve).edge: has no meaning beside "padding": "same", which \#
      decides it
      """#),
    BrokenDocument(
      "a stage before load", [unfold, fold, encode],
      #"2:3: stages[0] (unfold): the first stage must be "load", and here is "unfold""#),
    BrokenDocument(
      "a second load", [load, load, encode],
      #"3:3: stages[1] (load): stands only at the beginning, and once"#),
    BrokenDocument(
      "no result", [load, unfold, fold],
      #"1:26: stages: expected at least one "encode" or "compare", found neither"#),
    BrokenDocument(
      "a transform of an image", [load, #"{"stage": "transform.standardize"}"#, encode],
      #"""
      3:3: stages[1] (transform.standardize): takes patches, and here is an image; an \#
      "unfold" before it cuts it
      """#),
    BrokenDocument(
      "a fold of an image", [load, fold, encode],
      #"""
      3:3: stages[1] (fold): takes patches, and here is an image; an "unfold" before it \#
      cuts it
      """#),
    BrokenDocument(
      "a comparison of patches", [load, unfold, #"{"stage": "compare"}"#, fold],
      #"""
      4:3: stages[2] (compare): takes an image, and here are patches since stages[1] \#
      (unfold); a "fold" before it makes them an image
      """#),
    BrokenDocument(
      "an unfold of patches", [load, unfold, unfold, fold, encode],
      #"""
      4:3: stages[2] (unfold): takes an image, and here are patches since stages[1] \#
      (unfold); a "fold" before it makes them an image
      """#),
    BrokenDocument(
      "patches as PNG", [load, unfold, encode],
      #"""
      4:3: stages[2] (encode).format: patches are written as npy, safetensors, webdataset, imagefolder \#
      or tiles, and here it is "png"
      """#),
    BrokenDocument(
      "pictures where arrays go",
      [
        load, unfold,
        #"{"stage": "encode", "format": "webdataset", "images_per_shard": 2, "image_format": "jpeg"}"#,
      ],
      #"""
      4:86: stages[2] (encode).image_format: applies only to images, and here are patches, which go into \#
      arrays
      """#),
    BrokenDocument(
      "a layout for an image",
      [load, #"{"stage": "encode", "format": "npy", "layout": "tokens"}"#],
      #"3:50: stages[1] (encode).layout: applies only to patches, and here is an image"#),
    BrokenDocument(
      "a window for a convolution of patches",
      [load, unfold, #"{"stage": "convolve", "bank": "box", "stride": 2}"#, fold, encode],
      #"""
      4:50: stages[2] (convolve).stride: applies only straight on an image; here the \#
      window of the unfold counts
      """#),
    BrokenDocument(
      "two outputs at one place",
      [load, #"{"stage": "encode", "path": "out/"}"#, #"{"stage": "encode", "path": "./out"}"#],
      #"""
      4:3: stages[2] (encode): writes the same files as stages[1] (encode): give another \#
      "path", "format" or "name"
      """#),
    BrokenDocument(
      "several mistakes in the order of the file",
      #"""
      {
        "version": 2,
        "stages": [
          {"stage": "load", "path": 3, "colour": "rgb"},
          {"stage": "unfold", "kernel_size": [3, 0], "stride": "4", "padding": true},
          {"stage": "unfld", "kernel_size": 3},
          {"stage": "fold", "normalize": "Count"},
          {"stage": "compare", "require": {"psnr": "infinite"}},
          {"stage": "encode", "path": "out", "quality": 80}
        ]
      }
      """#,
      #"2:14: version: expected 1, the version of the format, found 2"#,
      #"4:31: stages[0] (load).path: expected a path, found 3"#,
      #"4:34: stages[0] (load).colour: unknown key; did you mean "color"?"#,
      #"5:44: stages[1] (unfold).kernel_size[1]: expected an integer in 1…65535, found 0"#,
      #"5:58: stages[1] (unfold).stride: expected \#(size), found "4"; did you mean 4?"#,
      #"5:74: stages[1] (unfold).padding: expected \#(padding), or "same", found true"#,
      #"6:15: stages[2].stage: there is no stage "unfld"; did you mean "unfold"?"#,
      #"""
      7:36: stages[3] (fold).normalize: expected one of "count", "sum" or "window", \#
      found "Count"; did you mean "count"?
      """#,
      #"""
      8:46: stages[4] (compare).require.psnr: expected a number [dB], or "inf", found \#
      "infinite"
      """#,
      #"""
      9:51: stages[5] (encode).quality: applies only with "format": "jpeg" or "webp" or \#
      "webdataset" or "imagefolder" or "tiles", and here that is "png"
      """#),
    BrokenDocument(
      "an unknown stage hides nothing of the others",
      [load, #"{"stage": "blur"}"#, unfold, #"{"stage": "normalize"}"#, fold, encode],
      #"3:13: stages[1].stage: there is no stage "blur"; there are \#(allStages)"#,
      #"""
      5:3: stages[3] (normalize): takes an image, and here are patches since stages[2] \#
      (unfold); a "fold" before it makes them an image
      """#),
  ]

  private static let size = #"an integer in 1…65535, or two as [height, width]"#
  private static let padding = #"an integer in 0…65535, or two as [height, width]"#
  private static let allStages = StageCatalogue.types.map(\.name).joined(separator: ", ")
}
