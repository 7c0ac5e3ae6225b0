import Testing

@testable import TesseraPipeline

/// What is wrong with the parts of a dataset is said of the part.
@Suite struct DatasetSplitTests {
  @Test(
    "A mistake in a split names the rule that it breaks, at its place",
    arguments: [
      (#"{"val": 0.5, "test": 0.75}"#, ": stages[1] (encode).split: ", "a sum of 1.25"),
      (#"{"val": 1}"#, ".split: ", "\"train\" gets the rest"),
      (#"{"seed": 3}"#, ".split: ", "expected a part with its share"),
      (#"{}"#, ".split: ", "expected a part with its share"),
      (#"{"train": 0.9}"#, ".split.train: ", "what the other parts leave"),
      (#"{"val x": 0.9}"#, ".split", "letters, digits, - and _"),
      (#"{"": 0.9}"#, ".split", "letters, digits, - and _"),
      (#"{"vål": 0.9}"#, ".split", "letters, digits, - and _"),
      (#"{"val": 0.1, "val": 0.2}"#, ".split.val: ", "duplicate key"),
      (#"{"val": 0}"#, ".split.val: ", "found 0"),
      (#"{"val": "a"}"#, ".split.val: ", "found \"a\""),
      (#"{"val": 0.1, "seed": -1}"#, ".split.seed: ", "found -1"),
      (#"0.1"#, ".split: ", "such as {\"val\": 0.1, \"seed\": 0}, found 0.1"),
    ])
  func mistakes(_ split: String, _ place: String, _ reason: String) throws {
    let stage = #"{"stage": "encode", "format": "npy", "images_per_shard": 9, "split": \#(split)}"#
    let messages = messages(of: document([load, stage]))
    #expect(messages.count == 1, "\(messages)")
    let message = try #require(messages.first)
    #expect(message.contains(place) && message.contains(reason), "\(message)")
  }

  @Test("Several mistakes are told at once, and the sum only where shares are right")
  func several() {
    let split = #"{"train": 1, "val": 0, "test": 0.9}"#
    let stage = #"{"stage": "encode", "format": "npy", "images_per_shard": 9, "split": \#(split)}"#
    #expect(messages(of: document([load, stage])).count == 2)
  }
}
