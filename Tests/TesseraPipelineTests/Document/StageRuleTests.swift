import Testing

@testable import TesseraPipeline

/// Keys of one stage that do not go together, word for word.
@Suite struct StageRuleTests {
  @Test("The message names the key, and what it takes", arguments: documents)
  func isLocated(_ document: BrokenDocument) {
    #expect(document.messages == document.expected)
  }

  static let documents: [BrokenDocument] = [
    BrokenDocument(
      "kernels of blocks that are in no file",
      [load, #"{"stage": "convolve", "bank": "box", "locally_connected": true}"#, encode],
      #"3:61: stages[1] (convolve).locally_connected: takes "weights", a file of (blocks, M, C, kH, kW)"#
    ),
    BrokenDocument(
      "groups without a maximum",
      [load, #"{"stage": "convolve", "bank": "mr8", "groups_of": 2}"#, encode],
      #"3:53: stages[1] (convolve).groups_of: applies only with "response": "max", and here that is "linear""#
    ),
    BrokenDocument(
      "groups that do not divide two kernels",
      [
        load, #"{"stage": "convolve", "bank": "sobel", "response": "max", "groups_of": 3}"#, encode,
      ],
      #"3:74: stages[1] (convolve).groups_of: expected a divisor of the number of kernels, and here there are 2 kernels"#
    ),
    BrokenDocument(
      "groups that do not divide one kernel",
      [load, #"{"stage": "convolve", "bank": "box", "response": "max", "groups_of": 3}"#, encode],
      #"3:72: stages[1] (convolve).groups_of: expected a divisor of the number of kernels, and here there is 1 kernel"#
    ),
    BrokenDocument(
      "a response of maxima",
      [load, #"{"stage": "convolve", "bank": "mr8", "response": "magnitude"}"#, encode],
      #"3:52: stages[1] (convolve).response: "mr8" is the maximum over its orientations: leave the key out, found "magnitude""#
    ),
    BrokenDocument(
      "groups of maxima",
      [load, #"{"stage": "convolve", "bank": "mr8", "response": "max", "groups_of": 2}"#, encode],
      #"3:72: stages[1] (convolve).groups_of: "mr8" is the maximum over its orientations: leave the key out, found 2"#
    ),
    BrokenDocument(
      "maxima inside patches",
      [
        load, unfold, #"{"stage": "transform.convolve", "bank": "mr8", "response": "magnitude"}"#,
        encode,
      ],
      #"4:43: stages[2] (transform.convolve).bank: expected a bank of kernels, and "mr8" is a maximum of many responses"#,
      #"4:50: stages[2] (transform.convolve).response: unknown key; there are stage, kernels, bank, weights, tensor, padding_mode, flip_kernel, alpha"#,
      #"5:3: stages[3] (encode).format: patches are written as npy, safetensors, webdataset, imagefolder or tiles, and here it is "png""#
    ),
    BrokenDocument(
      "channels that do not divide",
      [
        load,
        #"{"stage": "convolve_transpose", "kernels": [[[[1]]], [[[1]]], [[[1]]]], "groups": 2}"#,
        encode,
      ],
      #"3:85: stages[1] (convolve_transpose).groups: 3 channels do not divide into 2 groups"#),
    BrokenDocument(
      "bfloat16 in an NPY file",
      [load, unfold, #"{"stage": "encode", "format": "npy", "dtype": "bfloat16"}"#],
      #"4:49: stages[2] (encode).dtype: "bfloat16" goes only into "safetensors", and here it is "npy""#
    ),
    BrokenDocument(
      "a type of pictures",
      [load, unfold, #"{"stage": "encode", "format": "tiles", "dtype": "bfloat16"}"#],
      #"4:51: stages[2] (encode).dtype: applies only with "format": "npy" or "safetensors" or "webdataset", and here that is "tiles""#
    ),
    BrokenDocument(
      "files of many images that are read back",
      [
        load, unfold,
        #"{"stage": "encode", "format": "npy", "images_per_shard": 3, "verify": true}"#,
      ],
      #"4:73: stages[2] (encode).verify: applies only to files of one image"#),
    BrokenDocument(
      "a bound that is no number", [load, #"{"stage": "compare", "require": {"psnr": "x"}}"#],
      #"3:44: stages[1] (compare).require.psnr: expected a number [dB], or "inf", found "x""#),
    BrokenDocument(
      "a bound of an unknown metric", [load, #"{"stage": "compare", "require": {"psn": 3}}"#],
      #"3:36: stages[1] (compare).require.psn: unknown key; did you mean "psnr"?"#),
    BrokenDocument(
      "fewer deviations than means",
      [load, #"{"stage": "normalize", "mean": [0.1, 0.2, 0.3], "std": [0.1, 0.2]}"#, encode],
      #"3:58: stages[1] (normalize).std: has 2 values where "mean" has 3"#),
    BrokenDocument(
      "an interval of nothing",
      [load, unfold, #"{"stage": "select", "by": "mean", "min": 3, "max": 2}"#, encode],
      #"4:44: stages[2] (select).min: is more than "max", so that no patch would be left"#,
      #"5:3: stages[3] (encode).format: patches are written as npy, safetensors, webdataset, imagefolder or tiles, and here it is "png""#
    ),
    BrokenDocument(
      "labels that are a number",
      [load, unfold, #"{"stage": "encode", "format": "npy", "labels": 3}"#],
      #"4:50: stages[2] (encode).labels: expected "folder", or {"file": "labels.csv"}, found 3"#),
    BrokenDocument(
      "labels that are misspelt",
      [load, unfold, #"{"stage": "encode", "format": "npy", "labels": "foldr"}"#],
      #"4:50: stages[2] (encode).labels: expected "folder", or {"file": "labels.csv"}, found "foldr"; did you mean "folder"?"#
    ),
    BrokenDocument(
      "labels of single files",
      [load, unfold, #"{"stage": "encode", "format": "npy", "labels": "folder"}"#],
      #"4:50: stages[2] (encode).labels: applies only to datasets: give "images_per_shard" as well"#
    ),
    BrokenDocument(
      "a bank that is a number", [load, #"{"stage": "convolve", "bank": 3}"#, encode],
      #"3:33: stages[1] (convolve).bank: expected the name of a bank (box, gaussian, sobel, scharr, prewitt, laplacian, sharpen, unsharp, emboss, motion, log, dog, gaussian_derivative, gabor, dct, haar, laws, schmid, lm, lms, mr8) or an object with a name, found 3"#
    ),
    BrokenDocument(
      "a bank that is misspelt", [load, #"{"stage": "convolve", "bank": "sobl"}"#, encode],
      #"3:33: stages[1] (convolve).bank: expected the name of a bank (box, gaussian, sobel, scharr, prewitt, laplacian, sharpen, unsharp, emboss, motion, log, dog, gaussian_derivative, gabor, dct, haar, laws, schmid, lm, lms, mr8) or an object with a name, found "sobl"; did you mean "sobel"?"#
    ),
    BrokenDocument(
      "a bank without a name", [load, #"{"stage": "convolve", "bank": {"nam": "sobel"}}"#, encode],
      #"3:34: stages[1] (convolve).bank: expected the key "name" with the name of a bank, found "nam""#
    ),
    BrokenDocument(
      "a name that is a number", [load, #"{"stage": "convolve", "bank": {"name": 7}}"#, encode],
      #"3:42: stages[1] (convolve).bank.name: expected the name of a bank, found 7"#),
    BrokenDocument(
      "a geometry without a size",
      [#"{"stage": "load", "geometry": {"stride": 2}, "layout": "tokens"}"#, fold, encode],
      #"2:33: stages[0] (load).geometry: expected the key "kernel_size", found no such key"#),
  ]
}
