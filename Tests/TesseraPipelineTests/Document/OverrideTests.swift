import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraPipeline

@Suite struct OverrideTests {
  private static let text = document([load, unfold, fold, encode])

  private func pipeline(_ overrides: String...) throws -> Pipeline {
    try Pipeline(parsing: Self.text, file: "p.json", overrides: overrides)
  }

  @Test("A value is replaced, added, or added with its object")
  func changes() throws {
    let stages = try pipeline(
      "stages[1].kernel_size=[5, 7]", "stages[1].stride=4", "stages[0].path=some/folder",
      "stages[3]={\"stage\": \"compare\"}", "stages[3].require.psnr=40", "description=\"a b\""
    ).stages
    #expect((stages[1] as? Unfold)?.window.kernelSize == Size(height: 5, width: 7))
    #expect((stages[1] as? Unfold)?.window.stride == Size(4))
    #expect((stages[0] as? Load)?.path == "some/folder")
    #expect((stages[3] as? Compare)?.require == [.psnr: 40])
  }

  @Test("A later override wins")
  func order() throws {
    let stages = try pipeline("stages[1].stride=4", "stages[1].stride=2").stages
    #expect((stages[1] as? Unfold)?.window.stride == Size(2))
  }

  @Test("An override changes the digest as the same change in the file does")
  func digest() throws {
    let written = Self.text.replacing("\"kernel_size\": 3", with: "\"kernel_size\": 5")
    #expect(try pipeline("stages[1].kernel_size=5").digest == Pipeline(parsing: written).digest)
  }

  @Test(
    "A wrong override is named in the message",
    arguments: [
      (
        "stages[1].stride=x",
        "stages[1] (unfold).stride: expected an integer in 1…65535, or two as [height, width], "
          + "found \"x\""
      ),
      ("stages[1].strid=2", "stages[1] (unfold).strid: unknown key; did you mean \"stride\"?"),
      ("stages[9].stride=2", "there is no stages[9]: stages is an array of 4 values"),
      ("stages.stride=2", "stages is an array of 4 values, not an object"),
      ("version.major=1", "version is 1, not an object"),
      ("version[0]=1", "version is 1, not a list"),
      ("stages[1].stride", "expected a path and a value, such as stages[2].stride=4"),
      ("stages[x].stride=1", "expected a path and a value, such as stages[2].stride=4"),
      ("stages[-1].stride=1", "expected a path and a value, such as stages[2].stride=4"),
      ("=1", "expected a path and a value, such as stages[2].stride=4"),
      ("", "expected a path and a value, such as stages[2].stride=4"),
      (
        "stages[1].stride=[1,", "expected another value after the comma, found the end of the value"
      ),
      ("stages[0].path=", "stages[0] (load).path: expected a path, found \"\""),
    ])
  func mistakes(_ override: String, _ message: String) {
    #expect(messages(of: Self.text, overrides: [override]) == ["override \(override): \(message)"])
  }

  @Test("Mistakes of the file come before those of overrides, in their order")
  func sorting() {
    let text = document([load, #"{"stage": "unfold", "kernel_size": 0}"#, fold, encode])
    let messages = messages(
      of: text, overrides: ["stages[3].path=1", "stages[0].path=2"])
    #expect(
      messages.map { $0.prefix(20) } == [
        "p.json:3:38: stages[", "override stages[3].p", "override stages[0].p",
      ])
  }

  @Test(
    "A key alone is that of the only stage that has it, or in which it is written",
    arguments: [
      ("uncovered=zero", "stages[2].uncovered=zero"), ("edge=shift", "stages[1].edge=shift"),
      ("kernel_size=5", "stages[1].kernel_size=5"), ("color=rgb", "stages[0].color=rgb"),
    ])
  func keysAlone(_ override: String, _ whole: String) throws {
    #expect(try pipeline(override).digest == pipeline(whole).digest)
    #expect(try pipeline(override).digest != pipeline().digest)
  }

  @Test(
    "A key alone that several stages have, or none, is refused with those that are meant",
    arguments: [
      (
        "path=x",
        #"several stages have the key "path": give "stages[0].path" or "stages[3].path""#
      ),
      (
        "kernel_sie=3",
        #"no stage of the pipeline has the key "kernel_sie"; did you mean kernel_size?"#
      ),
      ("zzzqqq=3", "zzzqqq: unknown key; there are $schema, version, description, stages"),
    ])
  func unclearKeys(_ override: String, _ message: String) {
    #expect(messages(of: Self.text, overrides: [override]) == ["override \(override): \(message)"])
  }
}
