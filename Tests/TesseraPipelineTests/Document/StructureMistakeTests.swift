import TesseraKernels
import Testing

@testable import TesseraPipeline

@Suite struct StructureMistakeTests {
  @Test("The top of a file and the names of its stages are checked", arguments: documents)
  func isLocated(_ document: BrokenDocument) {
    #expect(document.messages == document.expected)
  }

  static let documents: [BrokenDocument] = [
    BrokenDocument(
      "an array on top", #"[]"#,
      #"1:1: expected an object with "version" and "stages", found an empty array"#),
    BrokenDocument(
      "a string on top", #""load""#,
      #"1:1: expected an object with "version" and "stages", found "load""#),
    BrokenDocument(
      "an empty object", #"{}"#,
      #"1:1: version: required but missing: expected 1, the version of the format"#,
      #"1:1: stages: required but missing: expected a list of stages"#),
    BrokenDocument(
      "an unknown key on top",
      #"{"version": 1, "stage": [], "stages": [{"stage": "load"}, {"stage": "compare"}]}"#,
      #"1:16: stage: unknown key; did you mean "stages"?"#),
    BrokenDocument(
      "a misspelt key on top", #"{"version": 1, "stagse": []}"#,
      #"1:16: stagse: unknown key; did you mean "stages"?"#),
    BrokenDocument(
      "another version",
      #"""
      {"version": 2, "stages": [
        {"stage": "load"},
        {"stage": "encode"}
      ]}
      """#,
      #"1:13: version: expected 1, the version of the format, found 2"#),
    BrokenDocument(
      "a version in quotes",
      #"""
      {"version": "1", "stages": [
        {"stage": "load"},
        {"stage": "encode"}
      ]}
      """#,
      #"1:13: version: expected 1, the version of the format, found "1"; did you mean 1?"#),
    BrokenDocument(
      "a version that is almost 1",
      #"""
      {"version": 1.5, "stages": [
        {"stage": "load"},
        {"stage": "encode"}
      ]}
      """#,
      #"1:13: version: expected 1, the version of the format, found 1.5"#),
    BrokenDocument(
      "stages that are an object", #"{"version": 1, "stages": {"stage": "load"}}"#,
      #"1:26: stages: expected a list of stages, found an object"#),
    BrokenDocument(
      "no stages", #"{"version": 1, "stages": []}"#,
      #"1:26: stages: expected a list of stages, found an empty array"#),
    BrokenDocument(
      "a description that is a number",
      #"{"version": 1, "description": 3, "stages": [{"stage": "load"}, {"stage": "compare"}]}"#,
      #"1:31: description: expected a string of at least one character, found 3"#),
    BrokenDocument(
      "a stage that is a word", [load, #""unfold""#, encode],
      #"3:3: stages[1]: expected an object with the key "stage", found "unfold""#),
    BrokenDocument(
      "a stage without a name", [load, #"{"kernel_size": 3}"#, encode],
      #"3:3: stages[1]: expected the key "stage" with the name of a stage, found no such key"#),
    BrokenDocument(
      "a stage whose key has a capital", [load, #"{"Stage": "compare"}"#, encode],
      #"3:4: stages[1]: expected the key "stage" with the name of a stage, found "Stage""#),
    BrokenDocument(
      "a stage whose name is a number", [load, #"{"stage": 4}"#, encode],
      #"3:13: stages[1].stage: expected the name of a stage, found 4"#),
    BrokenDocument(
      "a misspelt stage", [load, #"{"stage": "unflod", "kernel_size": 3}"#, fold, encode],
      #"3:13: stages[1].stage: there is no stage "unflod"; did you mean "unfold"?"#),
    BrokenDocument(
      "a stage in another order of words",
      [load, unfold, #"{"stage": "standardize.transform"}"#, fold, encode],
      #"""
      4:13: stages[2].stage: there is no stage "standardize.transform"; did you mean \#
      "transform.standardize"?
      """#),
    BrokenDocument(
      "a stage without its family", [load, unfold, #"{"stage": "mean_removal"}"#, fold, encode],
      #"""
      4:13: stages[2].stage: there is no stage "mean_removal"; did you mean \#
      "transform.mean_removal"?
      """#),
    BrokenDocument(
      "a stage that does not exist", [load, #"{"stage": "blur"}"#, encode],
      #"3:13: stages[1].stage: there is no stage "blur"; there are \#(allStages)"#),
  ]

  private static let allStages = StageCatalogue.types.map(\.name).joined(separator: ", ")
}
