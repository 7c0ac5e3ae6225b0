import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraPipeline
import TesseraThreads

/// Pictures of patches.
extension DatasetOutput {
  /// Whether every patch is a picture.
  var holdsTiles: Bool { format == .imagefolder || format == .tiles }

  /// The folder of a part of the dataset.
  func folder(ofPart part: Int) -> String {
    guard let names = files.split?.names else { return destination.directory }
    return Path.join(destination.directory, names[part])
  }

  /// The path of the picture of a block.
  ///
  /// - Parameters:
  ///   - item: the input.
  ///   - block: its number in raster order.
  ///   - columns: how many blocks lie side by side.
  /// - Returns: the final name.
  func tilePath(of item: Item, block: Int, columns: Int) -> String {
    let key = key(of: item)
    let (row, column) = block.quotientAndRemainder(dividingBy: max(columns, 1))
    let name = "\(Path.name(of: key))_r\(row)_c\(column).\(destination.fileExtension)"
    var folder = Path.join(folder(ofPart: part(of: item)), Path.folder(of: key))
    if let subfolder = folders.subfolder(of: key, picture: block) {
      folder = Path.join(folder, subfolder)
    }
    return Path.join(folder, name)
  }

  /// Whether an item might have a picture of some block there.
  func writesTile(_ path: String, for item: Item) -> Bool {
    let key = key(of: item)
    let name = Path.name(of: path)
    let (start, end) = (Path.name(of: key) + "_r", ".\(destination.fileExtension)")
    guard name.utf8.starts(with: start.utf8), name.hasSuffix(end) else { return false }
    let places = name.utf8.dropFirst(start.utf8.count).dropLast(end.utf8.count)
      .split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    guard places.count == 2, places[1].first == UInt8(ascii: "c"),
      Int(Substring(places[0])) != nil, Int(Substring(places[1].dropFirst())) != nil
    else { return false }
    var folder = Path.normalized(Path.folder(of: path))
    if TileFolders.isSubfolder(Path.name(of: folder)) { folder = Path.folder(of: folder) }
    return (0..<(files.split?.names.count ?? 1)).contains { part in
      let own = Path.join(self.folder(ofPart: part), Path.folder(of: key))
      return PathKey(Path.normalized(own)) == PathKey(folder)
    }
  }

  /// Writes every patch of an image as a picture.
  ///
  /// - Parameters:
  ///   - item: the input.
  ///   - planned: what it gives.
  ///   - array: its patches, over row, column and channel.
  ///   - blocks: their numbers; `nil` where all are there.
  ///   - cancellation: asked between pictures.
  /// - Returns: the files, whole and without names.
  /// - Throws: `RunError` where one cannot be written.
  func tiles(
    of item: Item, _ planned: PlannedDataset, _ array: ValueArray, blocks: [Int]?,
    _ cancellation: Cancellation
  ) throws(RunError) -> [AtomicFile] {
    guard case .patches(_, let channels, let size) = planned.form.contents,
      let grid = planned.gridSize, let type = planned.form.storedType.elementType
    else { preconditionFailure("patches become pictures") }
    let shape = ImageShape(channels: channels, height: size.height, width: size.width)
    let rowBytes = size.width * channels * type.byteCount
    let blocks = blocks ?? Array(0..<array.shape[0])
    var tiles: [AtomicFile] = []
    var keepers: [PathKey: PartKeeper] = [:]
    for (place, block) in blocks.enumerated() {
      let path = tilePath(of: item, block: block, columns: grid.width)
      if cancellation.isCancelled { throw .cancelled }
      let file: AtomicFile
      do throws(FileError) {
        // An image may have more pictures than a process may have files open.
        let folder = Path.folder(of: path)
        if keepers[PathKey(folder)] == nil {
          keepers[PathKey(folder)] = try PartKeeper(in: folder)
        }
        file = try AtomicFile(at: path, keptBy: keepers[PathKey(folder)])
      } catch {
        throw .output(error)
      }
      let failure = array.withBytes { bytes -> CodecError? in
        do throws(CodecError) {
          let writer = try files.picture.makeWriter(
            path: file.temporaryPath, shape: shape, elementType: type,
            hasAlpha: planned.hasAlpha, cancellation: cancellation)
          guard let first = bytes.baseAddress else { return nil }
          try writer.writeRows(
            first + place * size.height * rowBytes, count: size.height, bytesPerRow: rowBytes)
          try writer.finish()
          return nil
        } catch {
          return error
        }
      }
      if let failure { throw RunError(failure, writing: path) }
      do throws(FileError) { try file.close() } catch { throw .output(error) }
      tiles.append(file)
    }
    return tiles
  }
}
