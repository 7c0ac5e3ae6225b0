import Foundation
import Testing

/// What a dry run says of files that many images share.
@Suite struct DatasetDryRunTests {
  private func bench(_ format: String, _ count: Int, _ more: String = "") throws -> Workbench {
    let bench = try Workbench((0..<count).map { "\($0).npy" })
    try bench.folder.write(
      pipeline(
        load: #""path": "in""#, [#"{ "stage": "unfold", "kernel_size": 4, "stride": 4 }"#],
        encode: #""path": "out", "format": "\#(format)"\#(more)"#), to: "copy.json")
    return bench
  }

  @Test(
    "The files of many images are named and counted once each, as they are written then",
    arguments: [
      ("npy", #", "images_per_shard": 2"#), ("safetensors", #", "images_per_shard": 2"#),
      ("webdataset", #", "images_per_shard": 2, "split": {"val": 0.4}"#), ("tiles", ""),
    ])
  func counts(_ format: String, _ keys: String) throws {
    let bench = try bench(format, 5, keys)
    let text = try bench.run("--dry-run")
    #expect(text.status == 0 && !text.output.contains("no file"), "\(text.output)")
    let listed = try bench.run("--dry-run", "--json").output
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(listed.utf8)) as? [String: Any])
    let inputs = try #require(object["inputs"] as? [[String: Any]])
    let outputs = Set(inputs.flatMap { $0["outputs"] as? [String] ?? [] })
    #expect(inputs.allSatisfy { ($0["outputs"] as? [String])?.isEmpty == false })
    #expect(text.output.contains("; \(outputs.count) files to write"), "\(text.output)")
    #expect(bench.folder.files(in: "out") == [])
    #expect(try bench.run().status == 0)
    let written = bench.folder.files(in: "out").filter {
      !$0.hasPrefix(".") && !$0.hasSuffix(".json") && !$0.hasSuffix(".jsonl")
    }
    #expect(Set(written.map { "out/" + $0 }) == outputs)
  }

  @Test("A shard whose name somebody's file has is told before")
  func taken() throws {
    let bench = try bench("npy", 3, #", "images_per_shard": 2"#)
    try bench.folder.write("mine", to: "out/data-00001.npy")
    let outcome = try bench.run("--dry-run", "--json")
    #expect(outcome.output.contains(#""existing":["out/data-00001.npy"]"#), "\(outcome.output)")
  }
}
