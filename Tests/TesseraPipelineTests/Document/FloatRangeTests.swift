import Testing

/// Numbers that there are in Double and not in float32, which all values are computed in.
@Suite struct FloatRangeTests {
  /// A stage with one of the numbers, and what is said of it.
  struct Case: Sendable, CustomTestStringConvertible {
    var stage: String
    var isPatches = false
    var message: String
    var testDescription: String { stage }
  }

  static let cases: [Case] = [
    Case(
      stage: #"{"stage": "pad", "amount": 1, "padding_mode": "constant", "value": 1e39}"#,
      message: "value: expected a number, or a list of one per channel, found 1e39, which is too"),
    Case(
      stage: #"{"stage": "pad", "amount": 1, "padding_mode": "constant", "value": [0, -1e39]}"#,
      message: "value[1]: expected a number, found -1e39, which is too large for float32"),
    Case(
      stage: #"{"stage": "convolve", "kernels": [[1, 1e39]]}"#,
      message: "kernels[0][1]: expected a number, found 1e39, which is too large for float32"),
    Case(
      stage: #"{"stage": "convolve", "kernels": [[1]], "bias": 1e39}"#,
      message: "bias: expected a number, a list of one per output, or the path of a .npy or "
        + ".safetensors file, found 1e39, which is too large for float32"),
    Case(
      stage: #"{"stage": "convolve", "kernels": [[1]], "bias": [1e39]}"#,
      message: "bias[0]: expected a number, found 1e39, which is too large for float32"),
    Case(
      stage: #"{"stage": "normalize", "scale": 1e39}"#,
      message: "or a number above 0, found 1e39, which is too large for float32"),
    Case(
      stage: #"{"stage": "normalize", "scale": 1e-46}"#,
      message: "or a number above 0, found 1e-46, which is too small for float32"),
    Case(
      stage: #"{"stage": "normalize", "mean": 1e39}"#, message: "found 1e39, which is too large"),
    Case(
      stage: #"{"stage": "normalize", "std": 1e-46}"#, message: "found 1e-46, which is too small"),
    Case(
      stage: #"{"stage": "normalize", "std": [1, 1e-40, 1]}"#,
      message: "std[1]: expected a number above 0, found 1e-40, which is too small for float32"),
    Case(
      stage: #"{"stage": "normalize", "std": 1e39}"#, message: "found 1e39, which is too large"),
    Case(
      stage: #"{"stage": "transform.quantize", "step": 1e-60}"#, isPatches: true,
      message: "step: expected a number above 0, found 1e-60, which is too small for float32"),
    Case(
      stage: #"{"stage": "transform.convolve", "kernels": [[-1e300]]}"#, isPatches: true,
      message: "kernels[0][0]: expected a number, found -1e300, which is too large for float32"),
    Case(
      stage: #"{"stage": "compare", "data_range": 1e-50}"#,
      message: "data_range: expected a number above 0, found 1e-50, which is too small"),
    Case(
      stage: #"{"stage": "encode", "path": "other", "range": [0, 1e39]}"#,
      message: "range[1]: expected a number, found 1e39, which is too large for float32"),
    Case(
      stage: #"{"stage": "encode", "path": "other", "range": [1, 1.000000000001]}"#,
      message: "range: expected [low, high] that float32 tells apart, found [1, 1.000000000001]"),
    Case(
      stage: #"{"stage": "encode", "path": "other", "range": [0, 1e-46]}"#,
      message: "range: expected [low, high] that float32 tells apart, found [0, 1e-46]"),
  ]

  @Test("They are mistakes, and the message says why", arguments: cases)
  func isRefused(_ wanted: Case) {
    let stages = wanted.isPatches ? [unfold, wanted.stage, fold] : [wanted.stage]
    let messages = messages(of: document([load] + stages + [encode]))
    #expect(messages.count == 1 && messages[0].contains(wanted.message), "\(messages)")
  }

  @Test(
    "The largest and the smallest numbers of float32 are none",
    arguments: [
      #"{"stage": "normalize", "mean": 3.4028234e38, "std": 1.1754944e-38}"#,
      #"{"stage": "convolve", "kernels": [[1e-46, -3.4028234e38]], "bias": [0, 1e-46]}"#,
      #"{"stage": "encode", "path": "other", "range": [-3e38, 3e38]}"#,
      #"{"stage": "encode", "path": "other", "range": [0, 1e-37]}"#,
      #"{"stage": "compare", "require": {"max_abs": 1e300, "psnr": -1e300}}"#,
    ])
  func isTaken(stage: String) {
    #expect(messages(of: document([load, stage, encode])) == [])
  }
}
