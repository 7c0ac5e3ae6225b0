import Foundation
import Testing

/// What the command says of a `--set` that cannot be.
@Suite struct BrokenOverrideTests {
  private func bench() throws -> Workbench {
    let bench = try Workbench(["a.npy"])
    try bench.writePipeline([
      #"{ "stage": "unfold", "kernel_size": 3 }"#, #"{ "stage": "fold" }"#,
    ])
    return bench
  }

  private static let end = "found the end of the value"
  private static let size = "expected an integer in 1…65535, or two as [height, width], found"
  private static let path = "expected a path and a value, such as stages[2].stride=4"

  /// What begins as JSON does and is none, with what was expected there.
  private static let broken = [
    (#"{"a" 1}"#, #"expected ":" after the key "a", found "1""#),
    (#"{ "a" 1}"#, #"expected ":" after the key "a", found "1""#),
    (#"{"a": 1"#, #"expected "," or "}" after the value of "a", \#(end)"#),
    (#"{"a": 1 "b": 2}"#, #"expected "," or "}" after the value of "a", found a double quote"#),
    (#"{"a": }"#, #"expected a value for the key "a", found "}""#),
    (#"{"a": 1,}"#, #"expected another key in double quotes after the comma, found "}""#),
    ("{,}", #"expected a key in double quotes, or "}", found ",""#),
    ("{1: 2}", #"expected a key in double quotes, or "}", found "1""#),
    ("{", #"expected a key in double quotes, or "}", \#(end)"#),
    (#"{"a": 1} 2"#, #"expected the end of the value, found "2""#),
    ("[1 2]", #"expected "," or "]" after a value of the array, found "2""#),
    ("[1,]", #"expected another value after the comma, found "]""#),
    ("[1,", "expected another value after the comma, \(end)"),
    ("[1", #"expected "," or "]" after a value of the array, \#(end)"#),
    ("[", #"expected a value, or "]", \#(end)"#),
    (#""a"#, "expected a double quote that ends the string begun at 1:1, \(end)"),
    (#""a\q""#, #"expected one of " \ / b f n r t u after a backslash, found "q""#),
  ]

  @Test(
    "A broken value is told with the override it stands in, and what was expected there",
    arguments: broken, ["x", "stages[1].kernel_size", "stages[3]"])
  func syntax(_ value: (text: String, message: String), _ path: String) throws {
    let bench = try bench()
    for command in ["run", "explain"] {
      let outcome = try Command.run(
        [command, "copy.json", "--set", "\(path)=\(value.text)"], in: bench.folder.path)
      #expect(outcome.status == 78)
      #expect(outcome.errors == "error: --set \(path)=\(value.text): \(value.message)\n")
      #expect(outcome.output == "")
    }
    #expect(bench.folder.files(in: "out") == [])
  }

  @Test(
    "A value that does not fit is told with its place in the pipeline",
    arguments: [
      (
        "stages[1].kernel_size=[3, 3, 3]",
        "stages[1] (unfold).kernel_size: \(size) an array of 3 values"
      ),
      ("stages[1].kernel_size=3.5", "stages[1] (unfold).kernel_size: \(size) 3.5"),
      (
        "stages[1].kernel_size=\"3\"",
        "stages[1] (unfold).kernel_size: \(size) \"3\"; did you mean 3?"
      ),
      ("stages[1].kernel_size=03", "stages[1] (unfold).kernel_size: \(size) \"03\""),
      ("stages[1].kernel_size=0", "stages[1] (unfold).kernel_size: \(size) 0"),
      ("stages[1].kernel_size=65536", "stages[1] (unfold).kernel_size: \(size) 65536"),
      ("stages[1].kernel_size=null", "stages[1] (unfold).kernel_size: \(size) null"),
      ("stages[1].kernel_size={a: 1}", "stages[1] (unfold).kernel_size: \(size) \"{a: 1}\""),
      ("stages[4].x=1", "there is no stages[4]: stages is an array of 4 values"),
      ("stages[3].names=a", "stages[3] (encode).names: unknown key; did you mean \"name\"?"),
      ("stages=1", "stages: expected a list of stages, found 1"),
      ("version=2", "version: expected 1, the version of the format, found 2"),
      ("x=1", "x: unknown key; there are $schema, version, description, stages"),
      ("x", path), ("", path), ("=", path), ("=1", path), (".=1", path), ("a..b=1", path),
      ("stages[1.stride=2", path), ("stages[1]]=2", path), ("stages[]=2", path),
      ("stages[-1]=2", path), ("stages[x]=2", path), ("stages[1]x=2", path), ("[1]=2", path),
    ])
  func value(_ text: String, _ message: String) throws {
    let outcome = try bench().run("--set", text)
    #expect(outcome.status == 78)
    #expect(outcome.errors == "error: --set \(text): \(message)\n")
  }

  @Test("Every broken override is told, in their order, and a good one beside them does not help")
  func several() throws {
    let bench = try bench()
    let outcome = try bench.run(
      "--set", #"stages[1].stride={"a" 1}"#, "--set", "stages[1].kernel_size=5",
      "--set", "stages[3].format=[", "--set", "stages[1].stride=0")
    #expect(outcome.status == 78)
    let starts = [
      #"--set stages[1].stride={"a" 1}: expected ":""#,
      "--set stages[3].format=[: expected a value",
      "--set stages[1].stride=0: stages[1] (unfold).stride: ",
    ]
    let places = starts.compactMap { outcome.errors.range(of: $0)?.lowerBound }
    #expect(places.count == 3 && places == places.sorted(), "\(outcome.errors)")
  }

  @Test("--set without a value is a wrong command line")
  func noValue() throws {
    #expect(try bench().run("--set").status == 64)
  }
}
