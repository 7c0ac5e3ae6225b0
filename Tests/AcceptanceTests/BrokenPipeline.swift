import Testing

/// A pipeline file with something wrong, and what the command must say of it.
struct BrokenPipeline: Sendable, CustomTestStringConvertible {
  var name: String
  var text: String
  /// The exit status.
  var status: Int32 = 78
  /// Pieces of the message; those that begin with a number are places in the file.
  var says: [String]

  var testDescription: String { name }

  init(_ name: String, _ text: String, _ says: String..., status: Int32 = 78) {
    self.name = name
    self.text = text
    self.says = says
    self.status = status
  }

  /// A file whose stages stand in lines of their own, `load` in the second, `encode` in the last.
  init(stages name: String, _ stages: [String], _ says: String...) {
    self.name = name
    self.says = says
    text = pipeline(stages)
  }

  static let unfold = #"{ "stage": "unfold", "kernel_size": 4 }"#
  static let fold = #"{ "stage": "fold" }"#

  static let all: [BrokenPipeline] = syntax + values + order + geometry + arrays

  private static let syntax = [
    BrokenPipeline("an empty file", "", "1:1: expected"),
    BrokenPipeline("white space alone", " \n\t\n", "3:1: expected"),
    BrokenPipeline("a comma too many", "{ \"version\": 1,\n  \"stages\": [], }", "2:17: expected"),
    BrokenPipeline("a file that ends early", "{ \"version\": 1, \"stages\": [", "1:28: expected"),
    BrokenPipeline("text after the end", pipeline() + "}", "5:1: expected"),
    BrokenPipeline("single quotes", "{ 'version': 1 }", "1:3: expected"),
    BrokenPipeline(
      "a comment", "{\n  // a copy\n  \"version\": 1 }", "2:3: expected"),
    BrokenPipeline("nesting without end", String(repeating: "[", count: 100_000), "64"),
    BrokenPipeline(
      "nested objects without end", String(repeating: #"{"a":"#, count: 100_000), "64"),
    BrokenPipeline(
      "a key given twice", #"{ "version": 1, "version": 1, "stages": [] }"#,
      "1:17: ", "duplicate key"),
    BrokenPipeline("an array on top", "[1, 2]", "1:1: expected an object"),
    BrokenPipeline("a NUL byte", "{ \"version\": 1,\0 }", "1:16: expected"),
  ]

  private static let values = [
    BrokenPipeline(
      stages: "a stage that does not exist", [#"{ "stage": "unflod", "kernel_size": 4 }"#],
      "3:14: stages[1].stage", #"did you mean "unfold"?"#),
    BrokenPipeline(
      stages: "a misspelt key", [#"{ "stage": "unfold", "kernel_sise": 4 }"#, fold],
      "3:24: stages[1] (unfold)", #"did you mean "kernel_size"?"#),
    BrokenPipeline(
      stages: "a required key that is missing", [#"{ "stage": "unfold" }"#, fold],
      "3:3: stages[1] (unfold).kernel_size: required but missing"),
    BrokenPipeline(
      stages: "a number in quotes", [#"{ "stage": "unfold", "kernel_size": "4" }"#, fold],
      "3:39: stages[1] (unfold).kernel_size: expected", "did you mean 4?"),
    BrokenPipeline(
      stages: "a kernel of 0", [#"{ "stage": "unfold", "kernel_size": 0 }"#, fold],
      "3:39: stages[1] (unfold).kernel_size: expected"),
    BrokenPipeline(
      stages: "a fraction for a stride",
      [#"{ "stage": "unfold", "kernel_size": 4, "stride": 1.5 }"#, fold],
      "3:52: stages[1] (unfold).stride: expected"),
    BrokenPipeline(
      stages: "a number beyond all integers",
      [#"{ "stage": "unfold", "kernel_size": 99999999999999999999999 }"#, fold],
      "3:39: stages[1] (unfold).kernel_size: expected"),
    BrokenPipeline(
      stages: "an exponent beyond all numbers",
      [#"{ "stage": "normalize", "scale": 1e999999999 }"#],
      "3:36: stages[1] (normalize).scale"),
    BrokenPipeline(
      stages: "three numbers for two axes",
      [#"{ "stage": "unfold", "kernel_size": [4, 4, 4] }"#, fold],
      "3:39: stages[1] (unfold).kernel_size: expected"),
    BrokenPipeline(
      stages: "a word that is none of the words",
      [#"{ "stage": "unfold", "kernel_size": 4, "edge": "shft" }"#, fold],
      "3:50: stages[1] (unfold).edge: expected", #"did you mean "shift"?"#),
    BrokenPipeline(
      "another version of the format", #"{ "version": 2, "stages": [] }"#, "1:14: version", "1:27"),
    BrokenPipeline(
      "several mistakes at once",
      pipeline([
        #"{ "stage": "unfold", "kernel_size": 4, "stride": -1, "padding_mode": "zero" }"#,
        #"{ "stage": "fold", "normalise": "count" }"#,
      ]), "3:52: ", "3:72: ", "4:22: ", #"did you mean "zeros"?"#, #"did you mean "normalize"?"#),
    BrokenPipeline(
      stages: "rows of a kernel that differ in length",
      [#"{ "stage": "convolve", "kernels": [[1, 2], [3]] }"#],
      "stages[1] (convolve).kernels", "3:"),
    BrokenPipeline(
      stages: "a bank that does not exist", [#"{ "stage": "convolve", "bank": "gausian" }"#],
      "3:34: stages[1] (convolve).bank", #"did you mean "gaussian"?"#),
    BrokenPipeline(
      stages: "kernels twice", [#"{ "stage": "convolve", "bank": "box", "kernels": [[1]] }"#],
      "stages[1] (convolve)", "3:"),
  ]

  private static let order = [
    BrokenPipeline("no stages", #"{ "version": 1, "stages": [] }"#, "1:27: stages: expected"),
    BrokenPipeline(
      stages: "patches where an image belongs", [unfold, #"{ "stage": "normalize" }"#, fold],
      "4:3: stages[2] (normalize): takes an image", "stages[1] (unfold)"),
    BrokenPipeline(
      stages: "an image where patches belong", [#"{ "stage": "transform.standardize" }"#],
      "3:3: stages[1] (transform.standardize): takes patches"),
    BrokenPipeline(stages: "a fold without an unfold", [fold], "3:3: stages[1] (fold)"),
    BrokenPipeline(
      stages: "a second load", [#"{ "stage": "load" }"#],
      "3:3: stages[1] (load): stands only at the beginning"),
    BrokenPipeline(stages: "patches as PNG", [unfold], "4:3: stages[2] (encode).format", "npy"),
    BrokenPipeline(
      stages: "two outputs with the same files", [#"{ "stage": "encode" }"#],
      "4:3: stages[2] (encode)", "stages[1] (encode)"),
    BrokenPipeline(
      "a pipeline without a result",
      #"{ "version": 1, "stages": [{ "stage": "load" }] }"#, "1:27: stages: expected"),
    BrokenPipeline(
      "a pipeline without load",
      #"{ "version": 1, "stages": [{ "stage": "encode" }] }"#, "1:28: stages[0] (encode)",
      #""load""#),
  ]

  private static let geometry = [
    BrokenPipeline(
      stages: "a window larger than every image",
      [#"{ "stage": "unfold", "kernel_size": 60000 }"#, fold],
      "3:39: no input fits: ", "stages[1] (unfold)", "60000"),
    BrokenPipeline(
      stages: "a dilation that overflows",
      [#"{ "stage": "unfold", "kernel_size": 65535, "dilation": 65535 }"#, fold],
      "3:39: no input fits: "),
    BrokenPipeline(
      stages: "windows that leave pixels out",
      [#"{ "stage": "unfold", "kernel_size": 8, "stride": 100 }"#, fold],
      "4:3: no input fits: ", "shift"),
    BrokenPipeline(
      stages: "a rest under edge: error",
      [#"{ "stage": "unfold", "kernel_size": 8, "stride": 6, "edge": "error" }"#, fold],
      "3:63: no input fits: "),
    BrokenPipeline(
      stages: "values that are no image any more",
      [
        #"{ "stage": "normalize", "mean": 0.5 }"#,
        #"{ "stage": "convolve", "bank": "laplacian", "padding": "same" }"#,
      ],
      "5:3: no input fits: ", "range"),
    BrokenPipeline(
      stages: "another shape than the loaded one",
      [#"{ "stage": "convolve", "bank": "box" }"#, #"{ "stage": "compare" }"#],
      "4:3: no input fits: "),
  ]

  private static let arrays = [
    ("absent.npy", "No such file"), ("text.npy", "text.npy"), ("short.npy", "short.npy"),
    ("shape.npy", "48"), ("complex.npy", "complex.npy"), ("huge.npy", "huge.npy"),
    ("nan.npy", "value 5 is nan"), ("scalar.npy", "48"),
  ].map { file, word in
    BrokenPipeline(
      stages: "weights from \(file)",
      [unfold, "{ \"stage\": \"transform.linear\", \"weights\": \"\(file)\" }", fold],
      "4:45: ", "stages[2] (transform.linear)", word)
  }
}
