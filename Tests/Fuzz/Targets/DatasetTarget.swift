import Tessera
import TesseraBatch
import TesseraCodecs
import TesseraEngine
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// A dataset, its files parted by NULs: dataset.json, images.jsonl, and the bytes of its only shard.
enum DatasetTarget {
  /// Images whose patches are read.
  private static let mostImages = 8

  static func run(_ bytes: [UInt8], in folder: ScratchFolder) throws {
    let parts = bytes.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3 else { return }
    for (name, part) in zip(["dataset.json", "images.jsonl"], parts) {
      try folder.write(part, to: name)
    }
    for end in ["npy", "safetensors", "tar"] { try folder.write(parts[2], to: "data-00000.\(end)") }
    do throws(InspectionError) {
      _ = try Inspection(of: folder.path)
    } catch {
      _ = error.description
    }
    var images: [DatasetImage] = []
    do throws(DatasetError) {
      let dataset = try Dataset(folder: folder.path)
      try dataset.forEachImage { if images.count < mostImages { images.append($0) } }
      for image in images { try check(image, in: dataset) }
    } catch {
      _ = error.description
      return
    }
    try rebuild(images, in: folder)
  }

  private static func check(_ image: DatasetImage, in dataset: Dataset) throws(DatasetError) {
    _ = try dataset.image(image.key)
    do throws(CodecError) {
      _ = try dataset.patches(of: image)
    } catch {
      _ = error.description
    }
  }

  /// Turns patches into pictures again.
  private static func rebuild(_ images: [DatasetImage], in folder: ScratchFolder) throws {
    let pipeline = try Pipeline(
      stages: [
        Load { $0.dataset = folder.path }, Fold(),
        Encode { ($0.path, $0.format) = (folder.path("out"), .npy) },
      ])
    let processor = try PipelineProcessor(Planner(pipeline, kernels: .selected()))
    for image in images {
      guard let shard = image.shard else { continue }
      var item = Item(
        name: shard, source: ByteSource(path: folder.path(shard)),
        byteCount: 0, modificationTime: 0)
      item.member = image.key
      let reader: ImageReader
      do throws(InputFailure) {
        reader = try processor.reader(of: item, Cancellation())
      } catch {
        try expect(error.kind != .bug, "patches are opened or refused: \(error.message)")
        continue
      }
      _ = try PipelineTarget.outcome(of: reader, by: processor.planner, Cancellation())
    }
  }
}
