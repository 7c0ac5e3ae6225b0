import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// The images that a sheet shows, opened one after the other.
struct SheetPictures {
  /// How many there are to choose from.
  let total: Int
  /// Those that are shown.
  private let chosen: [Int]
  private let draw: (_ index: Int, _ most: Most) throws(InspectionError) -> ScaledPicture

  /// How large a picture may be drawn.
  struct Most {
    /// Pixels of its longest side, gaps left out.
    var side: Int
    /// Values of all channels.
    var values: Int
  }

  /// The most values that are held of all pictures together.
  private static let mostValues = 1 << 24
  /// The most pixels of an image of arrays that is drawn: files may say anything of its size.
  static let mostPixels = 1 << 28
  /// The most images on a sheet.
  private static let most = 36

  /// How many are shown.
  var count: Int { chosen.count }

  /// A picture, as large as it is drawn.
  func picture(_ index: Int, longestSide: Int) throws(InspectionError) -> ScaledPicture {
    try draw(chosen[index], Most(side: longestSide, values: Self.mostValues / count))
  }

  private init(
    _ total: Int, only: Int? = nil, most: Int = Self.most, _ cancellation: Cancellation,
    open: @escaping (Int) throws(InspectionError) -> SheetPicture
  ) {
    self.total = total
    draw = { (index, most) throws(InspectionError) in
      try open(index).scaled(most, cancellation)
    }
    let count = min(total, most)
    // $0 · total / count, whose product could be too large.
    chosen =
      only.map { [$0] }
      ?? (0..<count).map { $0 * (total / count) + $0 * (total % count) / count }
  }

  /// One picture that is drawn in its own way.
  init(drawing draw: @escaping (Most) throws(InspectionError) -> ScaledPicture) {
    (total, chosen) = (1, [0])
    self.draw = { (_, most) throws(InspectionError) in try draw(most) }
  }

  /// Finds out which images a path holds.
  ///
  /// - Throws: ``InspectionError`` where there is none, or none with the key that is asked for.
  init(
    _ path: String, _ kind: Inspection.Kind, _ options: ContactSheet.Options,
    _ cancellation: Cancellation
  ) throws(InspectionError) {
    if options.tensor != nil, kind != .tensors {
      throw .request("a tensor is asked for, and '\(path.printable)' is no .safetensors file")
    }
    if let found = try Self.patches(in: path, kind, options, cancellation) {
      self = found
      return
    }
    switch kind {
    case .dataset:
      self = try Self.images(ofDataset: path, options, cancellation)
    case .folder, .archive:
      self = try Self.files(in: path, options, cancellation)
    case .image:
      try Self.refuse(options.image, path)
      self.init(1, cancellation) { _ throws(InspectionError) in
        try InspectionError.reading(path) { () throws(CodecError) in
          SheetPicture(path, picture: try ImageReader(path: path, cancellation: cancellation))
        }
      }
    case .array, .tensors:
      try Self.refuse(options.image, path)
      let array = try Self.array(in: path, kind, options.tensor)
      let parts = try ArrayParts(array, in: path)
      self.init(parts.count, most: parts.areTiles ? 256 : Self.most, cancellation) {
        part throws(InspectionError) in
        try parts.picture(part, cancellation)
      }
    }
  }

  private static func refuse(_ image: String?, _ path: String) throws(InspectionError) {
    guard image != nil else { return }
    throw .request(
      "an image is asked for: expected a dataset, a folder or an archive, and '\(path.printable)' is one file"
    )
  }

  // MARK: Datasets

  /// The images of a dataset of patches, or of one of its shards.
  private static func patches(
    in path: String, _ kind: Inspection.Kind, _ options: ContactSheet.Options,
    _ cancellation: Cancellation
  ) throws(InspectionError) -> SheetPictures? {
    guard kind != .image, kind != .folder, options.tensor == nil else { return nil }
    let own = kind == .dataset ? path : Path.folder(of: path)
    let folder = own.isEmpty ? "." : own
    let dataset: DatasetDescription
    do throws(DatasetError) {
      guard FileStatus(of: DatasetDescription.path(in: folder)) != nil else { return nil }
      dataset = try DatasetDescription(folder: folder)
    } catch {
      // A file is what it is, whatever lies beside it.
      guard kind == .dataset else { return nil }
      throw .dataset(error)
    }
    guard dataset.layout != nil,
      kind == .dataset || dataset.shards.contains(where: { $0.file == Path.name(of: path) })
    else { return nil }
    let arrays = PatchArrays(PatchInputs(dataset: folder), datasetFolder: folder)
    let items: ItemList
    do throws(DiscoveryError) {
      items = try arrays.found(
        in: [.path(path)], by: .all, outputFolders: [], cancellation
      ).items
    } catch {
      throw error == .cancelled ? .cancelled : .nothing(error)
    }
    let only = try options.image.map { key throws(InspectionError) in
      try place(of: key, among: items)
    }
    var decoding = DecodeOptions()
    decoding.roundsArrays = true
    decoding.maxPixels = mostPixels
    return SheetPictures(items.count, only: only, cancellation) { index throws(InspectionError) in
      let item = items[index]
      return try InspectionError.drawing("\(path): \(item.name)") { () throws(CodecError) in
        SheetPicture(
          item.name, patches: try arrays.reader(of: item, options: decoding, cancellation))
      }
    }
  }

  /// A dataset whose shards hold images, or whose patches are pictures.
  private static func images(
    ofDataset folder: String, _ options: ContactSheet.Options, _ cancellation: Cancellation
  ) throws(InspectionError) -> SheetPictures {
    let dataset: DatasetDescription
    do throws(DatasetError) {
      dataset = try DatasetDescription(folder: folder)
    } catch {
      throw .dataset(error)
    }
    if ["imagefolder", "tiles"].contains(dataset.format), let key = options.image {
      return try tiles(of: key, in: folder, cancellation)
    }
    guard ["npy", "safetensors"].contains(dataset.format) else {
      return try files(in: folder, options, cancellation)
    }
    var (keys, places): ([String], [(shard: Int, index: Int)]) = ([], [])
    do throws(DatasetError) {
      try DatasetImages(dataset).forEach(cancellation) { (image, _) throws(DatasetError) in
        guard let shard = dataset.shards.firstIndex(where: { $0.file == image.shard }) else {
          return
        }
        keys.append(image.key)
        places.append((shard, try place(of: image, in: dataset.shards[shard], dataset)))
      }
    } catch {
      throw cancellation.isCancelled ? .cancelled : .dataset(error)
    }
    let only = try options.image.map { key throws(InspectionError) in
      guard let place = keys.firstIndex(where: { $0.utf8.elementsEqual(key.utf8) }) else {
        throw noImage(key, among: keys)
      }
      return place
    }
    return SheetPictures(places.count, only: only, cancellation) {
      index throws(InspectionError) in
      let (shard, part) = places[index]
      let path = Path.join(folder, dataset.shards[shard].file)
      let kind: Inspection.Kind = dataset.format == "npy" ? .array : .tensors
      let parts = try ArrayParts(array(in: path, kind, nil), in: path)
      return try parts.picture(part, cancellation)
    }
  }

  /// The number of an image among those of its shard, from 0.
  private static func place(
    of image: DatasetImage, in shard: DatasetDescription.Shard, _ dataset: DatasetDescription
  ) throws(DatasetError) -> Int {
    let (place, isTooLarge) = (image.line - 1).subtractingReportingOverflow(shard.firstImage)
    guard !isTooLarge, place >= 0, place < shard.images else {
      throw DatasetError(
        dataset.imagesPath, line: image.line,
        "image \(image.line - 1), from 0, is not in '\(shard.file.printable)', of which "
          + "'dataset.json' has \"first_image\": \(shard.firstImage), \"images\": \(shard.images)")
    }
    return place
  }

  // MARK: Files

  /// The pictures in a folder or an archive.
  private static func files(
    in path: String, _ options: ContactSheet.Options, _ cancellation: Cancellation
  ) throws(InspectionError) -> SheetPictures {
    let items = try InspectionReading.images(in: path, cancellation).items
    let only = try options.image.map { key throws(InspectionError) in
      try place(of: key, among: items)
    }
    return SheetPictures(items.count, only: only, cancellation) { index throws(InspectionError) in
      let item = items[index]
      return try InspectionError.reading("\(path): \(item.name)") { () throws(CodecError) in
        SheetPicture(
          item.name, picture: try ImageReader(source: item.source, cancellation: cancellation))
      }
    }
  }

  /// The array of a file.
  private static func array(
    in path: String, _ kind: Inspection.Kind, _ tensor: String?
  ) throws(InspectionError) -> StoredArray {
    try InspectionError.reading(path) { () throws(CodecError) in
      guard kind == .tensors else { return try .npy(ByteSource(path: path)) }
      guard let tensor else { return try ArrayFiles().patches(in: ByteSource(path: path)) }
      let file = try SafetensorsFile(path: path)
      let found = try file.tensor(named: tensor)
      guard let array = try StoredArray.safetensors(ByteSource(path: path))[tensor] else {
        throw .unsupported(.safetensors, "values of type \(found.typeName)")
      }
      return array
    }
  }

  // MARK: Keys

  private static func place(of key: String, among items: ItemList) throws(InspectionError) -> Int {
    let matches = (0..<items.count).first { index in
      let name = items[index].name
      return name.utf8.elementsEqual(key.utf8)
        || Path.split(name: Path.name(of: name)).stem.utf8.elementsEqual(Path.name(of: key).utf8)
          && Path.folder(of: name).utf8.elementsEqual(Path.folder(of: key).utf8)
    }
    guard let matches else {
      throw noImage(key, among: (0..<min(items.count, 10_000)).map { items[$0].name })
    }
    return matches
  }

  static func noImage(_ key: String, among names: [String]) -> InspectionError {
    let near = Spelling.nearest(to: key, in: names).map { "did you mean '\($0.printable)'?" }
    let first = names.prefix(3).map { "'\($0.printable)'" }.joined(separator: ", ")
    let rest = names.count > 3 ? " and \(names.count - 3) more" : ""
    return .request(
      "there is no image '\(key.printable)'; " + (near ?? "there are \(first)\(rest)"))
  }
}
