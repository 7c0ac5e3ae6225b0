import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

/// A dataset of patches that `encode` wrote as npy or safetensors, opened for reading.
///
/// Several threads may read at once; nothing is held but where each image has its line.
public struct Dataset: Sendable {
  private let keys: DatasetKeys
  private let files = ArrayFiles()

  /// Opens a dataset.
  ///
  /// - Parameters:
  ///   - folder: where its dataset.json is.
  ///   - cancellation: ends the reading of images.jsonl early.
  /// - Throws: ``DatasetError`` where a file that tells of it is missing or wrong.
  public init(
    folder: String, cancellation: Cancellation = Cancellation()
  ) throws(DatasetError) {
    keys = try DatasetKeys(folder, cancellation)
  }

  /// What the dataset holds.
  public var description: DatasetDescription { keys.description }

  /// Calls `body` with every image, in the order of the shards.
  ///
  /// - Parameter body: takes an image.
  /// - Throws: ``DatasetError`` where a line is wrong.
  public func forEachImage(_ body: (DatasetImage) -> Void) throws(DatasetError) {
    try keys.images.forEach { (image, _) in body(image) }
  }

  /// The image with a key; `nil` where there is none.
  ///
  /// - Throws: ``DatasetError`` where its line is wrong.
  public func image(_ key: String) throws(DatasetError) -> DatasetImage? { try keys.image(key) }

  /// Reads the patches of an image.
  ///
  /// - Parameter image: one of this dataset.
  /// - Returns: an array with the sides of one image's patches in the dataset's layout, such as (L, D).
  /// - Throws: `CodecError` where the dataset is one of images, or the shard is missing, damaged, or a tar
  ///   archive.
  public func patches(of image: DatasetImage) throws(CodecError) -> NPYArray {
    guard let shard = image.shard, ["npy", "safetensors"].contains(description.format) else {
      throw .unsupported(
        .npy,
        "a dataset of the format \(description.format); patches are read from npy and safetensors")
    }
    guard description.layout != nil else {
      throw .unsupported(.npy, "a dataset of images, which has no patches")
    }
    return try DatasetReading(keys, nil, files).array(
      of: image, inShard: Path.join(description.folder, shard)
    ).values()
  }
}
