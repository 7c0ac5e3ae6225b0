import TesseraTestSupport
import TesseraThreads
import Testing

@testable import Tessera
@testable import TesseraBatch
@testable import TesseraFiles
@testable import TesseraPipeline

/// What a run compares with the file whose digest its records keep.
struct OpenedFileTests {
  static let formats = ["npy", "safetensors"]

  @Test("Patches of a dataset are known by the file that they were read from", arguments: formats)
  func dataset(_ format: String) async throws {
    let bench = try DatasetBench(["a.png"])
    try await bench.run(
      #"""
      {"stage": "unfold", "kernel_size": 8},
      {"stage": "encode", "format": "\#(format)", "layout": "tokens", "images_per_shard": 2}
      """#)
    let load = Load { $0.dataset = bench.folder.path("out") }
    let pipeline = try Pipeline(
      stages: [load, Fold(), Encode { ($0.path, $0.format) = (bench.folder.path("again"), .png) }])
    let processor = try PipelineProcessor(Planner(pipeline, kernels: .selected()))
    let dataset = try Dataset(folder: bench.folder.path("out"))
    var images: [DatasetImage] = []
    try dataset.forEachImage { images.append($0) }
    let image = try #require(images.first)
    let shard = try bench.folder.path("out/" + #require(image.shard))
    var item = Item(
      name: "shard", source: ByteSource(path: shard), byteCount: 0, modificationTime: 0)
    item.member = image.key
    let opened = try processor.prepare(item, cancellation: Cancellation()).planned.openedFile
    #expect(opened != nil && opened == FileStatus(of: shard))
  }
}
