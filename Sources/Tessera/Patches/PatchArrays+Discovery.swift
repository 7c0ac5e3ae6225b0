import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraPipeline
import TesseraThreads

extension PatchArrays {
  /// Finds the images whose patches are inputs.
  ///
  /// - Parameters:
  ///   - sources: folders, files or globs; none for the dataset of the pipeline itself.
  ///   - rules: which of them count.
  ///   - outputFolders: folders in which nothing is an input.
  ///   - cancellation: ends the search early.
  /// - Returns: an item for each image, called by its key.
  /// - Throws: ``DiscoveryError``.
  func found(
    in sources: [InputSource], by rules: InputSelection, outputFolders: [String],
    _ cancellation: Cancellation
  ) throws(DiscoveryError) -> DiscoveredInputs {
    if let geometry = inputs.geometry {
      let files = ArrayFiles()
      let reading = GeometryReading(geometry, inputs.layout ?? .torch, files)
      return try InputDiscovery(
        of: .arrays(reading) { [companions] in companions.take(files, of: $0) },
        include: rules.include, exclude: rules.exclude,
        isRecursive: rules.recursive, followsLinks: rules.followLinks, outputFolders: outputFolders
      ).inputs(in: sources, cancellation: cancellation)
    }
    guard sources.count == 1, case .path(let path) = sources[0] else {
      throw .malformed(
        path: "",
        "expected one folder or file of patches of a dataset, found \(sources.count) inputs or a list"
      )
    }
    return try images(in: path, by: rules, outputFolders: outputFolders, cancellation)
  }

  /// The images of a dataset whose patches a folder, or one file, holds.
  private func images(
    in path: String, by rules: InputSelection, outputFolders: [String], _ cancellation: Cancellation
  ) throws(DiscoveryError) -> DiscoveredInputs {
    let status: FileStatus
    do throws(FileError) {
      status = try FileStatus(at: path)
    } catch {
      throw .unreadable(error)
    }
    let isFolder = status.kind == .folder
    for folder in outputFolders where isFolder {
      if FileStatus(of: folder)?.identity == status.identity { throw .outputFolderIsInput(path) }
    }
    let own = isFolder ? path : Path.folder(of: path)
    let folder = datasetFolder ?? (own.isEmpty ? "." : own)
    var items = ItemList()
    let names = InputNames(
      include: rules.include, exclude: rules.exclude, isRecursive: rules.recursive)
    do throws(DatasetError) {
      let keys = try take(folder, cancellation)
      guard keys.description.window != nil, keys.description.layout != nil else {
        throw DatasetError(
          DatasetDescription.path(in: folder), line: nil,
          keys.description.patch == nil
            ? "the dataset holds images, and arrays of patches were expected"
            : "the dataset has a picture for each patch, and arrays of patches were expected")
      }
      let places = ImagePlaces(
        keys, order: inputs.layout, folder: own.isEmpty ? "." : own,
        onlyFile: isFolder ? nil : Path.name(of: path))
      try keys.images.forEach(cancellation) { (image, _) throws(DatasetError) in
        if names.take(image.key), let item = places.item(of: image) { items.append(item) }
      }
    } catch {
      if cancellation.isCancelled { throw .cancelled }
      throw .malformed(path: error.path, noDataset(error, named: path))
    }
    if cancellation.isCancelled { throw .cancelled }
    if items.isEmpty {
      throw .nothingMatches([.path(path)], skippedCount: 0, kinds: "an image of the dataset")
    }
    items.sort()
    return DiscoveredInputs(items: items)
  }

  /// What to do where a folder is no dataset.
  private func noDataset(_ error: DatasetError, named path: String) -> String {
    guard error.line == nil, datasetFolder == nil,
      Path.name(of: error.path) == "dataset.json", FileStatus(of: error.path) == nil
    else { return "\(error)" }
    return
      "'\(path.printable)' has no dataset.json: name the folder that has it as \"dataset\" of load, or "
      + "say by \"geometry\" how the patches make an image"
  }
}

/// Where the patches of each image of a dataset are looked for.
private final class ImagePlaces {
  private let keys: DatasetKeys
  private let reading: DatasetReading
  private let folder: String
  /// The one file that counts; `nil` for all.
  private let onlyFile: String?
  /// Members of the archive that was met last, by their keys.
  private var archive: (path: String, members: [PathKey: TarMember])?

  private struct TarMember {
    var offset: Int
    var byteCount: Int
  }

  init(_ keys: DatasetKeys, order: PatchOrder?, folder: String, onlyFile: String?) {
    self.keys = keys
    reading = DatasetReading(keys, order, ArrayFiles())
    self.folder = folder
    self.onlyFile = onlyFile
  }

  /// The item of an image; `nil` where it is not in the one file that counts.
  func item(of image: DatasetImage) -> Item? {
    let file = file(of: image)
    if let onlyFile, Path.name(of: file) != onlyFile { return nil }
    let path = Path.join(folder, file)
    let status = FileStatus(of: path)
    let isShard = file == image.shard || stem(file) == image.shard.map(stem)
    var item = Item(
      name: image.key, source: source(of: image, in: path, isShard: isShard),
      byteCount: status?.byteCount ?? 0, modificationTime: status?.modificationTime ?? 0)
    item.byteCount = item.source.part?.count ?? item.byteCount
    item.root = Path.name(of: Path.normalized(folder))
    item.member = image.key
    return item
  }

  private func stem(_ name: String) -> String { Path.split(name: name).stem }

  /// Shards, and else files of one image, that may hold it: what is there, or what should be.
  private func file(of image: DatasetImage) -> String {
    let ends = ["npy", "safetensors"]
    let shards = image.shard.map { name in [name] + ends.map { "\(stem(name)).\($0)" } } ?? []
    let own = ends.map { "\(image.key).\($0)" }
    let all = shards + own
    if let onlyFile, let match = all.first(where: { Path.name(of: $0) == onlyFile }) {
      return match
    }
    return all.first { FileStatus(of: Path.join(folder, $0))?.kind == .file } ?? all[0]
  }

  /// The bytes of an image; the whole file where they cannot be told, so that it fails by itself.
  private func source(of image: DatasetImage, in path: String, isShard: Bool) -> ByteSource {
    let whole = ByteSource(path: path)
    guard isShard else { return whole }
    if path.hasSuffix(".tar") {
      guard let member = members(of: path)[PathKey(image.key)] else { return whole }
      return ByteSource(path: path, offset: member.offset, byteCount: member.byteCount)
    }
    return (try? reading.array(of: image, inShard: path).source) ?? whole
  }

  private func members(of path: String) -> [PathKey: TarMember] {
    if let archive, archive.path == path { return archive.members }
    var members: [PathKey: TarMember] = [:]
    // One that ends too soon has the members before that.
    try? TarReader.forEachMember(of: path) { member in
      guard member.name.hasSuffix(".npy"), Item.key(ofMember: member.name) + ".npy" == member.name
      else { return }
      members[PathKey(Item.key(ofMember: member.name))] = TarMember(
        offset: member.offset, byteCount: member.byteCount)
    }
    archive = (path, members)
    return members
  }
}

extension FileRecognition {
  /// Arrays of patches, each of one image or of many.
  fileprivate static func arrays(
    _ reading: GeometryReading, onFile: @escaping @Sendable (ByteSource) -> Void
  ) -> FileRecognition {
    var listing = ArchiveListing(extensions: ["npy", "safetensors"]) { path, take in
      let stem = Path.split(name: Path.name(of: path)).stem
      // What goes along with patches is no input.
      if ArrayFiles.companions.contains(Path.split(name: stem).fileExtension) { return true }
      guard let images = try? reading.images(in: ByteSource(path: path)) else { return false }
      onFile(ByteSource(path: path))
      for number in 0..<images.count {
        let part = images.array(number).source.part
        take(
          .init(
            name: images.name(number), offset: part?.lowerBound ?? 0,
            byteCount: part?.count ?? FileStatus(of: path)?.byteCount ?? 0))
      }
      return true
    }
    listing.membersLieBeside = true
    return FileRecognition(
      kinds: "NPY or safetensors", extensions: [], signatures: [], archives: listing)
  }
}
