import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// Arrays of patches as the inputs of a run: which images there are, and where in which file the values
/// of each stand.
final class PatchArrays: Sendable {
  let inputs: PatchInputs
  /// The dataset that the pipeline names, from the working directory.
  let datasetFolder: String?
  private let known = Locked<DatasetKeys?>(nil)
  private let arrays = ArrayFiles()
  /// What goes along with the patches that were found.
  let companions = CompanionDigests()

  /// Reads nothing yet.
  init(_ inputs: PatchInputs, datasetFolder: String?) {
    self.inputs = inputs
    self.datasetFolder = datasetFolder
  }

  /// The dataset whose images are inputs, once it has been looked at.
  var dataset: DatasetKeys? { known.withLock { $0 } }

  /// Looks at a dataset: that of the pipeline, or the folder that was loaded.
  func take(_ folder: String, _ cancellation: Cancellation) throws(DatasetError) -> DatasetKeys {
    if let dataset, dataset.description.folder == folder { return dataset }
    let keys = try DatasetKeys(folder, cancellation)
    known.withLock { $0 = keys }
    return keys
  }

  /// What outputs hang on beside the values: the digest of the files that tell of a dataset, or of what
  /// goes along with patches.
  var recipe: String {
    guard let dataset else { return companions.digest }
    let paths = [DatasetDescription.path(in: dataset.description.folder), dataset.images.path]
    return paths.map { FileDigest(ofFile: ByteSource(path: $0))?.hash.hexadecimal ?? $0 }.joined()
  }

  /// Opens the patches of an item as the image that they make side by side.
  ///
  /// - Throws: `CodecError` where they are not what the dataset or the geometry says.
  func reader(
    of item: Item, options: DecodeOptions, _ cancellation: Cancellation
  ) throws(CodecError) -> ImageReader {
    let (patches, array) = try found(item, cancellation)
    return try ImageReader(patches, in: array, options: options, cancellation: cancellation)
  }

  private func found(
    _ item: Item, _ cancellation: Cancellation
  ) throws(CodecError) -> (StoredPatches, StoredArray) {
    if let geometry = inputs.geometry {
      return try GeometryReading(geometry, inputs.layout ?? .torch, arrays).patches(of: item)
    }
    let folder = datasetFolder ?? dataset?.description.folder ?? Path.folder(of: item.source.path)
    let keys: DatasetKeys
    do throws(DatasetError) {
      keys = try take(folder.isEmpty ? "." : folder, cancellation)
    } catch {
      throw .malformed(.dataset, "\(error)")
    }
    return try DatasetReading(keys, inputs.layout, arrays).patches(of: item)
  }
}

/// The images of a dataset by their keys: where each has its line.
final class DatasetKeys: Sendable {
  /// What the dataset is.
  let description: DatasetDescription
  /// Its lines.
  let images: DatasetImages
  /// Where the lines begin, and their numbers, by the hashes of keys.
  private let places: [UInt64: (offset: Int, line: Int)]

  /// Reads what tells of a dataset.
  ///
  /// - Throws: ``DatasetError``, where two images have one key among others.
  init(_ folder: String, _ cancellation: Cancellation) throws(DatasetError) {
    description = try DatasetDescription(folder: folder)
    images = DatasetImages(description)
    var places: [UInt64: (offset: Int, line: Int)] = [:]
    places.reserveCapacity(min(description.images, 1 << 24))
    let path = images.path
    var count = 0
    try images.forEach(cancellation) { (image, offset) throws(DatasetError) in
      count += 1
      let hash = XXHash64.hash(image.key.utf8)
      if let other = places.updateValue((offset, image.line), forKey: hash) {
        throw DatasetError(
          path, line: image.line,
          "the key '\(image.key.printable)' is that of line \(other.line) already")
      }
    }
    guard count == description.images || cancellation.isCancelled else {
      throw DatasetError(
        path, line: nil,
        "expected \(description.images) lines, as 'dataset.json' has it, found \(count)")
    }
    self.places = places
  }

  /// The image with a key; `nil` where the dataset has none.
  func image(_ key: String) throws(DatasetError) -> DatasetImage? {
    guard let place = places[XXHash64.hash(key.utf8)] else { return nil }
    let image = try images.image(at: place.offset, line: place.line)
    return image.key.utf8.elementsEqual(key.utf8) ? image : nil
  }
}

/// Headers of files of arrays that have been met.
final class ArrayFiles: Sendable {
  private let headers = Locked<[ByteSource: [String: StoredArray]]>([:])

  private let offsets = Locked<[ByteSource: [Int]]>([:])

  /// Files that are kept; when there are more, all are forgotten.
  private static let limit = 64

  /// Where the images of a file begin among its patches, and the end; `nil` where that is not told.
  func offsets(of source: ByteSource) throws(CodecError) -> [Int]? {
    if let known = offsets.withLock({ $0[source] }) { return known }
    guard let read = try companion("offsets", of: source)?.integers() else { return nil }
    offsets.withLock { offsets in
      if offsets.count == Self.limit { offsets.removeAll() }
      offsets[source] = read
    }
    return read
  }

  /// The arrays of a file by name; that of an .npy file has none.
  ///
  /// - Throws: `CodecError` where the file is neither NPY nor safetensors.
  func arrays(in source: ByteSource) throws(CodecError) -> [String: StoredArray] {
    if let arrays = headers.withLock({ $0[source] }) { return arrays }
    let isTensors =
      Path.split(name: Path.name(of: source.path)).fileExtension.lowercased() == "safetensors"
    let arrays = isTensors ? try StoredArray.safetensors(source) : ["": try .npy(source)]
    headers.withLock { headers in
      if headers.count == Self.limit { headers.removeAll() }
      headers[source] = arrays
    }
    return arrays
  }

  /// Names that patches have in files of several arrays, the likeliest first.
  private static let names = ["", "patches", "pixel_values"]

  /// The patches of a file.
  ///
  /// - Throws: `CodecError` where it has several arrays and none is called so.
  func patches(in source: ByteSource) throws(CodecError) -> StoredArray {
    let arrays = try arrays(in: source)
    if let name = Self.names.first(where: { arrays[$0] != nil }), let array = arrays[name] {
      return array
    }
    if arrays.count == 1, let only = arrays.first { return only.value }
    let names = arrays.keys.sorted().joined(separator: ", ")
    throw .malformed(
      .safetensors, "expected a tensor called patches or pixel_values, found \(names)")
  }

  /// What goes along with the patches of a file: a tensor beside them, or a file of its own.
  func companion(_ name: String, of source: ByteSource) throws(CodecError) -> StoredArray? {
    let arrays = try arrays(in: source)
    guard arrays[""] != nil else { return arrays[name] }
    let (stem, end) = Path.split(name: Path.name(of: source.path))
    let path = Path.join(Path.folder(of: source.path), "\(stem).\(name).\(end)")
    guard source.part == nil, FileStatus(of: path)?.kind == .file else { return nil }
    return try .npy(ByteSource(path: path))
  }

  /// Arrays that go along with patches, as Tessera, transformers and timm call them.
  static let companions: Set<String> = [
    "offsets", "ids_restore", "mask", "pixel_attention_mask", "spatial_shapes", "image_grid_thw",
    "patch_coord", "patch_valid",
  ]
}

/// Digests of the arrays that go along with patches.
final class CompanionDigests: Sendable {
  private let lines = Locked<Set<String>>([])

  /// Takes what goes along with the patches of a file.
  func take(_ files: ArrayFiles, of source: ByteSource) {
    for name in ArrayFiles.companions.sorted() {
      guard let array = try? files.companion(name, of: source), let count = array.shape.first else {
        continue
      }
      let hash = FileDigest(ofFile: array.slice(0..<count).source)?.hash.hexadecimal ?? ""
      lines.withLock { _ = $0.insert("\(source.path)\0\(name)\0\(hash)") }
    }
  }

  /// The same for the same arrays; empty where there are none.
  var digest: String {
    let all = lines.withLock { $0.sorted() }
    return all.isEmpty ? "" : XXHash64.hash(all.joined(separator: "\n").utf8).hexadecimal
  }
}
