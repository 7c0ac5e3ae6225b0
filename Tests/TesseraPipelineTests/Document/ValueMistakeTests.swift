import TesseraKernels
import Testing

@Suite struct ValueMistakeTests {
  @Test("Every value is checked against its key", arguments: documents)
  func isLocated(_ document: BrokenDocument) {
    #expect(document.messages == document.expected)
  }

  static let documents: [BrokenDocument] = [
    BrokenDocument(
      "a missing required key", [load, #"{"stage": "unfold"}"#, fold, encode],
      #"3:3: stages[1] (unfold).kernel_size: required but missing: expected \#(size)"#),
    BrokenDocument(
      "a misspelt required key", [load, #"{"stage": "unfold", "kernal_size": 3}"#, fold, encode],
      #"3:23: stages[1] (unfold).kernal_size: unknown key; did you mean "kernel_size"?"#),
    BrokenDocument(
      "a key with hyphens", [load, #"{"stage": "unfold", "kernel-size": 3}"#, fold, encode],
      #"3:23: stages[1] (unfold).kernel-size: unknown key; did you mean "kernel_size"?"#),
    BrokenDocument(
      "a key with its words exchanged",
      [load, #"{"stage": "unfold", "size_kernel": 3}"#, fold, encode],
      #"3:23: stages[1] (unfold).size_kernel: unknown key; did you mean "kernel_size"?"#),
    BrokenDocument(
      "a key unlike any other",
      [load, #"{"stage": "unfold", "kernel_size": 3, "zoom": 2}"#, fold, encode],
      #"""
      3:41: stages[1] (unfold).zoom: unknown key; there are stage, kernel_size, stride, \#
      padding, dilation, padding_mode, edge, halo
      """#),
    BrokenDocument(
      "a duplicate key",
      [load, #"{"stage": "unfold", "kernel_size": 3, "kernel_size": 5}"#, fold, encode],
      #"3:41: stages[1] (unfold).kernel_size: duplicate key, first given at 3:23"#),
    BrokenDocument(
      "zero", [load, #"{"stage": "unfold", "kernel_size": 0}"#, fold, encode],
      #"3:38: stages[1] (unfold).kernel_size: expected \#(size), found 0"#),
    BrokenDocument(
      "a fraction", [load, #"{"stage": "unfold", "kernel_size": 2.5}"#, fold, encode],
      #"3:38: stages[1] (unfold).kernel_size: expected \#(size), found 2.5"#),
    BrokenDocument(
      "a negative number in a pair",
      [load, #"{"stage": "unfold", "kernel_size": 3, "padding": [1, -1]}"#, fold, encode],
      #"3:56: stages[1] (unfold).padding[1]: expected an integer in 0…65535, found -1"#),
    BrokenDocument(
      "a pair of three", [load, #"{"stage": "unfold", "kernel_size": [3, 3, 3]}"#, fold, encode],
      #"3:38: stages[1] (unfold).kernel_size: expected \#(size), found an array of 3 values"#),
    BrokenDocument(
      "a number in quotes", [load, #"{"stage": "unfold", "kernel_size": "3"}"#, fold, encode],
      #"3:38: stages[1] (unfold).kernel_size: expected \#(size), found "3"; did you mean 3?"#),
    BrokenDocument(
      "null", [load, #"{"stage": "unfold", "kernel_size": null}"#, fold, encode],
      #"3:38: stages[1] (unfold).kernel_size: expected \#(size), found null"#),
    BrokenDocument(
      "a number beyond Double",
      [load, #"{"stage": "unfold", "kernel_size": 1e999}"#, fold, encode],
      #"3:38: stages[1] (unfold).kernel_size: expected \#(size), found 1e999"#),
    BrokenDocument(
      "an integer of 400 digits",
      [load, #"{"stage": "unfold", "kernel_size": \#(digits)}"#, fold, encode],
      #"""
      3:38: stages[1] (unfold).kernel_size: expected \#(size), found \#
      999999999999999999999999999999999999999999999999… (400 characters)
      """#),
    BrokenDocument(
      "a number beyond Int", [#"{"stage": "load", "max_pixels": 9223372036854775808}"#, encode],
      #"""
      2:35: stages[0] (load).max_pixels: expected an integer in 1…1000000000000, found \#
      9223372036854775808
      """#),
    BrokenDocument(
      "a misspelt word",
      [load, #"{"stage": "unfold", "kernel_size": 3, "padding_mode": "refelct"}"#, fold, encode],
      #"""
      3:57: stages[1] (unfold).padding_mode: expected one of "zeros", "reflect", \#
      "symmetric", "replicate" or "circular", found "refelct"; did you mean "reflect"?
      """#),
    BrokenDocument(
      "a word in capitals",
      [load, #"{"stage": "unfold", "kernel_size": 3, "edge": "SHIFT"}"#, fold, encode],
      #"""
      3:49: stages[1] (unfold).edge: expected one of "drop", "shift", "pad" or "error", \#
      found "SHIFT"; did you mean "shift"?
      """#),
    BrokenDocument(
      "truth in quotes", [#"{"stage": "load", "recursive": "false"}"#, encode],
      #"""
      2:34: stages[0] (load).recursive: expected true or false, found "false"; did you \#
      mean false?
      """#),
    BrokenDocument(
      "an empty path", [#"{"stage": "load", "path": ""}"#, encode],
      #"2:29: stages[0] (load).path: expected a path, found """#),
    BrokenDocument(
      "a NUL in a path", [#"{"stage": "load", "path": "a\u0000b"}"#, encode],
      #"2:29: stages[0] (load).path: expected a path, found "a\u0000b""#),
    BrokenDocument(
      "a list of globs with a number", [#"{"stage": "load", "include": ["*.png", 3]}"#, encode],
      #"2:42: stages[0] (load).include[1]: expected a glob, found 3"#),
    BrokenDocument(
      "a short colour", [##"{"stage": "load", "alpha": "matte", "matte": "#fff"}"##, encode],
      ##"2:48: stages[0] (load).matte: expected a gray level in 0…255, [red, green, blue], or "#rrggbb", found "#fff""##
    ),
    BrokenDocument(
      "a colour out of range",
      [#"{"stage": "load", "alpha": "matte", "matte": [0, 0, 256]}"#, encode],
      #"2:55: stages[0] (load).matte[2]: expected a number in 0…255, found 256"#),
    BrokenDocument(
      "an unknown preset", [load, #"{"stage": "normalize", "mean": "imagnet"}"#, encode],
      #"""
      3:34: stages[1] (normalize).mean: expected a number, a list of one per channel, or \#
      \#(presets), found "imagnet"; did you mean "imagenet"?
      """#),
    BrokenDocument(
      "a deviation of zero", [load, #"{"stage": "normalize", "std": [1, 0, 1]}"#, encode],
      #"3:37: stages[1] (normalize).std[1]: expected a number above 0, found 0"#),
    BrokenDocument(
      "a scale of zero", [load, #"{"stage": "normalize", "scale": 0}"#, encode],
      #"3:35: stages[1] (normalize).scale: expected "unit", "none" or a number above 0, found 0"#),
    BrokenDocument(
      "uneven kernels", [load, #"{"stage": "convolve", "kernels": [[1, 2], [3]]}"#, encode],
      #"""
      3:45: stages[1] (convolve).kernels[1]: expected 2 values, as in the first list \#
      beside it, found an array of 1 value
      """#),
    BrokenDocument(
      "flat kernels", [load, #"{"stage": "convolve", "kernels": [1, 2, 3]}"#, encode],
      #"3:36: stages[1] (convolve).kernels: expected \#(kernels), found lists nested 1 deep"#),
    BrokenDocument(
      "a word among coefficients",
      [load, #"{"stage": "convolve", "kernels": [[1, "a"]]}"#, encode],
      #"3:41: stages[1] (convolve).kernels[0][1]: expected a number, found "a""#),
    BrokenDocument(
      "kernels of five dimensions",
      [load, #"{"stage": "convolve", "kernels": [[[[[1]]]]]}"#, encode],
      #"3:36: stages[1] (convolve).kernels: expected \#(kernels), found lists nested 5 deep"#),
    BrokenDocument(
      "an unknown bank", [load, #"{"stage": "convolve", "bank": "gausian"}"#, encode],
      #"""
      3:33: stages[1] (convolve).bank: expected \#(bank), found "gausian"; did you mean \#
      "gaussian"?
      """#),
    BrokenDocument(
      "a bank without a name", [load, #"{"stage": "convolve", "bank": {"sigma": 2}}"#, encode],
      #"""
      3:33: stages[1] (convolve).bank: expected the key "name" with the name of a bank, \#
      found no such key
      """#),
    BrokenDocument(
      "a bank with wrong parameters",
      [
        load,
        #"{"stage": "convolve", "bank": {"name": "sobel", "kernel_size": 4, "direction": "z", "sigma": 1}}"#,
        encode,
      ],
      #"3:66: stages[1] (convolve).bank.kernel_size: expected an odd integer in 3…15, found 4"#,
      #"3:82: stages[1] (convolve).bank.direction: expected one of "xy", "x" or "y", found "z""#,
      #"""
      3:87: stages[1] (convolve).bank.sigma: unknown key; there are name, kernel_size, \#
      direction
      """#),
    BrokenDocument(
      "a range upside down", [load, #"{"stage": "encode", "range": [1, 0]}"#],
      #"3:32: stages[1] (encode).range: expected [low, high] with low below high, found [1, 0]"#),
    BrokenDocument(
      "a compression out of range", [load, #"{"stage": "encode", "compression": 10}"#],
      #"""
      3:38: stages[1] (encode).compression: expected one of "fast", "default", "best" \#
      or "none", or an integer in 0…9, found 10
      """#),
    BrokenDocument(
      "a bit depth that PNG lacks", [load, #"{"stage": "encode", "bit_depth": 12}"#],
      #"3:36: stages[1] (encode).bit_depth: expected 8, 16 or 32, found 12"#),
    BrokenDocument(
      "an unknown placeholder", [load, #"{"stage": "encode", "name": "{stm}.png"}"#],
      #"""
      3:31: stages[1] (encode).name: expected \#(template), found {stm} in "{stm}.png"; \#
      did you mean {stem}?
      """#),
    BrokenDocument(
      "a name that leaves the folder", [load, #"{"stage": "encode", "name": "../{stem}.png"}"#],
      #"""
      3:31: stages[1] (encode).name: expected \#(template), found a path that leaves the \#
      output folder in "../{stem}.png"
      """#),
    BrokenDocument(
      "a name without an end", [load, #"{"stage": "encode", "name": "{stem"}"#],
      #"""
      3:31: stages[1] (encode).name: expected \#(template), found a brace without its \#
      partner in "{stem"
      """#),
    BrokenDocument(
      "a bound for an unknown metric", [load, #"{"stage": "compare", "require": {"pnsr": 50}}"#],
      #"3:36: stages[1] (compare).require.pnsr: unknown key; did you mean "psnr"?"#),
    BrokenDocument(
      "a bound that nothing can meet", [load, #"{"stage": "compare", "require": {"ssim": 2}}"#],
      #"3:44: stages[1] (compare).require.ssim: expected a number in -1…1, found 2"#),
    BrokenDocument(
      "metrics that are no list", [load, #"{"stage": "compare", "metrics": "psnr"}"#],
      #"""
      3:35: stages[1] (compare).metrics: expected a list of metrics, such as ["psnr", \#
      "ssim"], found "psnr"
      """#),
  ]

  private static let size = #"an integer in 1…65535, or two as [height, width]"#
  private static let template =
    "a relative path that may hold {dir}, {stem}, {ext}, {parent}, {root}, {channel}, {view}"
  private static let presets = #"""
    one of "imagenet", "half", "vit", "clip", "siglip", "siglip2", "siglip2-naflex", "dinov2", \#
    "dinov3", "mae" or "qwen2vl"
    """#
  private static let kernels = #"""
    numbers in nested lists: kH × kW, M × kH × kW, M × C/groups × kH × kW
    """#
  private static let bank = #"""
    the name of a bank (box, gaussian, sobel, scharr, prewitt, laplacian, sharpen, unsharp, \#
    emboss, motion, log, dog, gaussian_derivative, gabor, dct, haar, laws, schmid, lm, lms, \#
    mr8) or an object with a name
    """#
  private static let digits = String(repeating: "9", count: 400)
}
