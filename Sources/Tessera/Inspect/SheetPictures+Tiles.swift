import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraThreads

extension SheetPictures {
  /// A picture of a patch, and its block.
  private struct Tile {
    var row: Int
    var column: Int
    var item: Item
  }

  /// The patches of one image, each of which has a file of its own.
  static func tiles(
    of key: String, in folder: String, _ cancellation: Cancellation
  ) throws(InspectionError) -> SheetPictures {
    let items = try InspectionReading.images(in: folder, cancellation).items
    var tiles: [Tile] = []
    for item in items {
      guard let place = place(of: item.name, key: key) else { continue }
      tiles.append(Tile(row: place.row, column: place.column, item: item))
    }
    guard !tiles.isEmpty else {
      throw noImage(key, among: (0..<min(items.count, 10_000)).map { items[$0].name })
    }
    let found = tiles
    return SheetPictures { most throws(InspectionError) in
      try composed(found, in: folder, most, cancellation)
    }
  }

  /// The block in a name such as `val/cat/0001_r3_c12.png`, where it is one of the image's; folders of a
  /// split or of parts may stand before and within it.
  private static func place(of name: String, key: String) -> (row: Int, column: Int)? {
    let stem = Path.split(name: Path.name(of: name)).stem
    guard let end = stem.wholeMatch(of: /(.*)_r([0-9]+)_c([0-9]+)/), let row = Int(end.2),
      let column = Int(end.3), end.1.utf8.elementsEqual(Path.name(of: key).utf8),
      max(row, column) < 1 << 16
    else { return nil }
    let wanted = Path.folder(of: key).split(separator: "/")
    let folders = Path.folder(of: name).split(separator: "/")
    guard wanted.isEmpty || folders.indices.contains(where: { folders[$0...].starts(with: wanted) })
    else { return nil }
    return (row, column)
  }

  /// Pictures of one size, each in its place.
  private static func composed(
    _ tiles: [Tile], in folder: String, _ most: Most, _ cancellation: Cancellation
  ) throws(InspectionError) -> ScaledPicture {
    let blocks = Size(
      height: (tiles.map(\.row).max() ?? 0) + 1, width: (tiles.map(\.column).max() ?? 0) + 1)
    guard blocks.height * blocks.width <= 1 << 20 else {
      throw .picture(folder, "names of patches give \(blocks) blocks, more than are drawn")
    }
    let longest = max(blocks.height, blocks.width)
    let each = Most(
      side: max(1, most.side / longest), values: most.values / (blocks.height * blocks.width))
    var whole: ScaledPicture?
    for tile in tiles {
      if cancellation.isCancelled { throw .cancelled }
      let picture = try InspectionError.reading("\(folder): \(tile.item.name)") {
        () throws(CodecError) in
        SheetPicture(
          tile.item.name,
          picture: try ImageReader(source: tile.item.source, cancellation: cancellation))
      }.scaled(each, cancellation)
      var canvas =
        whole
        ?? ScaledPicture(
          channels: picture.channels,
          size: Size(
            height: picture.size.height * blocks.height, width: picture.size.width * blocks.width),
          values: Array(
            repeating: 0,
            count: picture.values.count * blocks.height * blocks.width),
          blocks: blocks, isThere: Array(repeating: false, count: blocks.height * blocks.width),
          scale: picture.scale)
      guard picture.size == canvas.blockSize, picture.channels == canvas.channels else {
        throw .picture(
          tile.item.name,
          "expected a patch of \(canvas.blockSize) pixels as drawn, found \(picture.size)")
      }
      canvas.put(picture, row: tile.row, column: tile.column)
      whole = canvas
    }
    guard let whole else { preconditionFailure("an image has patches") }
    return whole
  }
}

extension ScaledPicture {
  /// Fills a block.
  fileprivate mutating func put(_ picture: ScaledPicture, row: Int, column: Int) {
    let block = picture.size
    for channel in 0..<channels {
      for y in 0..<block.height {
        let from = (channel * block.height + y) * block.width
        let to =
          (channel * size.height + row * block.height + y) * size.width + column * block.width
        values.replaceSubrange(
          to..<to + block.width, with: picture.values[from..<from + block.width])
      }
    }
    isThere?[row * (blocks?.width ?? 1) + column] = true
  }
}
