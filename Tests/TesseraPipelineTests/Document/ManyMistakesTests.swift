import TesseraConfiguration
import TesseraPipeline
import Testing

/// Pipeline files with more mistakes than anybody reads.
struct ManyMistakesTests {
  private static let count = 20_000

  private static func load(_ members: String) -> String {
    #"{ "version": 1, "stages": [ { "stage": "load"\#(members) }, { "stage": "encode", "#
      + #""path": "out", "format": "npy" } ] }"#
  }

  private static func list(_ text: (Int) -> String) -> String {
    (0..<count).map(text).joined(separator: ",")
  }

  private func mistakes(_ text: String, _ overrides: [String] = []) -> PipelineFileError? {
    do throws(PipelineFileError) {
      _ = try Pipeline(parsing: text, overrides: overrides)
      return nil
    } catch {
      return error
    }
  }

  @Test(
    "The first hundred mistakes are told, and how many more there are",
    arguments: [
      (load("," + list { #""k\#($0)": 1"# }), "unknown key"),
      (load(#", "path": "in","# + list { _ in #""path": "in""# }), "duplicate key"),
      (load(#", "include": ["# + list { "\($0)" } + "]"), "expected"),
    ])
  func many(_ text: String, _ words: String) throws {
    let error = try #require(mistakes(text))
    #expect(error.diagnostics.count == 100 && error.omittedCount == Self.count - 100)
    let lines = error.description.split(separator: "\n")
    #expect(lines.count == 101 && lines.last == "… and 19900 more mistakes")
    #expect(lines.dropLast().allSatisfy { $0.contains(words) })
    // From the top of the file downwards.
    #expect(error.diagnostics.map(\.position) == error.diagnostics.map(\.position).sorted())
  }

  @Test("A hundred mistakes are told one by one, and one more by itself")
  func bounds() throws {
    for count in [99, 100, 101, 102] {
      let keys = (0..<count).map { #""k\#($0)": 1"# }.joined(separator: ",")
      let error = try #require(mistakes(Self.load("," + keys)))
      #expect(error.diagnostics.count == min(count, 100))
      #expect(error.description.contains("more mistake\(count == 102 ? "s" : "")") == (count > 100))
    }
  }

  @Test("Overrides are many, too")
  func overrides() throws {
    let good = (0..<1000).map { "stages[0].max_pixels=\($0 + 1)" }
    #expect(mistakes(Self.load(""), good) == nil)
    let bad = (0..<1000).map { "stages[0].k\($0)=1" }
    let error = try #require(mistakes(Self.load(""), bad))
    #expect(error.diagnostics.count == 100 && error.omittedCount == 900)
    #expect(mistakes(Self.load(""), good + ["stages[7].a=1"])?.diagnostics.count == 1)
  }

  @Test("A pipeline has at most a thousand stages")
  func stages() throws {
    func text(_ count: Int) -> String {
      let pads = Array(repeating: #"{ "stage": "pad", "amount": 1 }"#, count: count - 2)
      return #"{ "version": 1, "stages": [ { "stage": "load" }, \#(pads.joined(separator: ",")), "#
        + #"{ "stage": "encode", "path": "out", "format": "npy" } ] }"#
    }
    #expect(mistakes(text(1000)) == nil)
    let error = try #require(mistakes(text(1001)))
    #expect(error.description.hasSuffix("stages: expected at most 1000 stages, found 1001"))
  }
}
