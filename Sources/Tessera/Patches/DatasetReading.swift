import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles

/// Finds the patches of images of a dataset: its own, or what somebody made of them.
struct DatasetReading {
  private let keys: DatasetKeys
  private let dataset: DatasetDescription
  private let order: PatchOrder?
  private let files: ArrayFiles

  /// - Parameters:
  ///   - keys: the dataset.
  ///   - order: that of the values, where it is another than the dataset's.
  ///   - files: headers that are known.
  init(_ keys: DatasetKeys, _ order: PatchOrder?, _ files: ArrayFiles) {
    self.keys = keys
    dataset = keys.description
    self.order = order ?? dataset.layout
    self.files = files
  }

  /// The patches of an item, and where they stand.
  func patches(of item: Item) throws(CodecError) -> (StoredPatches, StoredArray) {
    let key = item.member ?? Path.split(name: item.name).stem
    let image: DatasetImage?
    do throws(DatasetError) {
      image = try keys.image(key)
    } catch {
      throw .malformed(.dataset, "\(error)")
    }
    guard let image, let grid = image.grid, let order, let window = dataset.window else {
      throw .malformed(
        .dataset, "'\(keys.images.path.printable)' has no line with patches for '\(key.printable)'")
    }
    let array = try array(of: item, image)
    let shape = try PatchShape(array, order, kernelSize: window.patchSize)
    try shape.check(grid, order, in: array)
    let count = image.patches ?? grid.height.saturating(times: grid.width)
    // The model takes one number of patches: rows of zeros stand behind an image's own.
    let isPadded = dataset.preset == "siglip2-naflex" && shape.rows > count
    guard shape.rows == count || isPadded else {
      throw .malformed(
        array.format,
        "expected \(count) patches, as 'images.jsonl' has it, found \(shape.rows) in an array of "
          + "\(PatchShape.text(array.shape))")
    }
    var patches = StoredPatches(
      order: order, channels: shape.channels, window: window, size: image.size, gridSize: grid,
      rowCount: shape.rows)
    patches.blocks = image.blocks.map { blocks in
      blocks + Array(repeating: -1, count: shape.rows - blocks.count)
    }
    // Other channels are not those that the dataset tells of.
    if shape.channels == dataset.patch?.channels {
      patches.normalization = image.normalization ?? dataset.normalization
      patches.hasAlpha = dataset.hasAlpha
      patches.pixelType = image.pixelType ?? dataset.pixelType
      if let told = patches.normalization, !told.fits(channels: shape.channels) {
        throw .malformed(
          .dataset,
          "\"normalize\": expected one mean and std, or one for each of \(shape.channels) channels, found "
            + "\(told.mean.count) and \(told.std.count)")
      }
    }
    return (patches, array)
  }

  /// The array of one image: a file or a member of its own, or a part of a shard.
  func array(of item: Item, _ image: DatasetImage) throws(CodecError) -> StoredArray {
    let source = item.source
    let (stem, fileExtension) = Path.split(name: Path.name(of: source.path))
    if fileExtension.lowercased() == "tar" {
      guard source.part != nil else {
        throw .malformed(.dataset, "the archive has no member '\(image.key.printable).npy'")
      }
      return try files.patches(in: source)
    }
    let isShard = image.shard.map { Path.split(name: $0).stem == stem } ?? false
    return isShard ? try array(of: image, inShard: source.path) : try files.patches(in: source)
  }

  /// The part of a shard that holds an image.
  func array(of image: DatasetImage, inShard path: String) throws(CodecError) -> StoredArray {
    let all = try files.patches(in: ByteSource(path: path))
    guard let shard = dataset.shards.first(where: { $0.file == image.shard }) else {
      throw .malformed(
        .dataset, "'dataset.json' tells of no shard '\((image.shard ?? "").printable)'")
    }
    let number = image.line - 1 - shard.firstImage
    let count = image.patches ?? 0
    guard let order, let isJoined = dataset.isJoined(shard, order, shape: all.shape),
      number >= 0, number < shard.images, image.firstPatch.saturating(plus: count) <= shard.patches
    else {
      throw .malformed(
        all.format,
        "expected \(shard.images) images or \(shard.patches) patches, as 'dataset.json' has it, found an "
          + "array of \(PatchShape.text(all.shape))")
    }
    return isJoined
      ? all.slice(image.firstPatch..<image.firstPatch + count)
      : all.slice(number..<number + 1, isOne: true)
  }
}

extension StoredNormalization {
  /// Whether there is one number for all channels, or one for each.
  fileprivate func fits(channels: Int) -> Bool {
    [mean.count, std.count].allSatisfy { $0 == 1 || $0 == channels }
  }
}
