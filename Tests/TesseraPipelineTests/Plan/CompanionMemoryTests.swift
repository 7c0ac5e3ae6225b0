import TesseraCore
import TesseraKernels
import Testing

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraPipeline
@testable import TesseraThreads

/// What goes along with patches counts as memory until it is written.
@Suite struct CompanionMemoryTests {
  private static let cut = #"{"stage": "unfold", "kernel_size": 4, "stride": 4}"#

  @Test(
    "An image's own: eight bytes for each integer, and those of the file",
    arguments: [
      #""format": "npy""#, #""format": "safetensors""#,
      #""format": "safetensors", "images_per_shard": 3"#,
      #""format": "webdataset", "images_per_shard": 3"#,
    ])
  func ofImage(_ format: String) throws {
    let workshop = try Workshop()
    let held = { (stage: String) in
      let resize = #"{"stage": "resize", "size": [20, 24]}"#
      let encode = #"{"stage": "encode", \#(format)}"#
      return try workshop.planner("\(resize), \(Self.cut), \(stage), \(encode)").plan(
        ImageShape(channels: 3, height: 20, width: 24)
      ).heldByteCount
    }
    // 30 blocks, of which 15 are left: ids_restore has eight bytes for each, mask has one.
    let (mask, sample) = (
      try held(#"{"stage": "mask", "ratio": 0.5}"#), try held(#"{"stage": "sample", "count": 15}"#)
    )
    let patches = 15 * 3 * 16
    #expect(mask == patches + 30 * (8 + 8) + 30 * (8 + 1))
    #expect(sample == (format.contains("\"npy\"") ? 0 : patches))
  }

  @Test("A safetensors file of many images keeps those of all until it ends")
  func ofShard() async throws {
    let bench = try DatasetBench(["a.png"])
    let mask = #"{"stage": "mask", "ratio": 0.5}"#
    for (format, expected) in [("safetensors", 3 * 5 * 64 * (8 + 1)), ("npy", 0)] {
      let pipeline = try bench.pipeline(
        #"{"stage": "resize", "size": [32, 32]}, \#(Self.cut), \#(mask), "#
          + #"{"stage": "encode", "format": "\#(format)", "images_per_shard": 5}"#)
      let processor = try PipelineProcessor(
        Planner(pipeline, kernels: .selected()), outputDirectory: bench.folder.path("out"))
      var items = ItemList()
      items.append(Item(file: bench.folder.path("in/a.png"), name: "a.png"))
      processor.look(at: items, cancellation: Cancellation())
      let shard = Shard(items: 0..<5, outputs: [])
      #expect(processor.collectorByteCount(for: shard, plans: []) == expected)
    }
  }
}
