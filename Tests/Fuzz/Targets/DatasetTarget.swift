import Tessera
import TesseraCodecs
import TesseraFiles

/// A dataset, its files parted by NULs: dataset.json, images.jsonl, and the bytes of its only shard.
enum DatasetTarget {
  /// Images that are read.
  private static let mostImages = 64

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
    do throws(DatasetError) {
      let dataset = try Dataset(folder: folder.path)
      var images: [DatasetImage] = []
      try dataset.forEachImage { if images.count < mostImages { images.append($0) } }
      try checkImages(images, of: dataset)
    } catch {
      _ = error.description
    }
  }

  private static func checkImages(
    _ images: [DatasetImage], of dataset: Dataset
  ) throws(DatasetError) {
    for image in images {
      _ = try dataset.image(image.key)
      do throws(CodecError) {
        _ = try dataset.patches(of: image)
      } catch {
        _ = error.description
      }
    }
  }
}
