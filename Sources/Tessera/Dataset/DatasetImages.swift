import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads

/// What `images.jsonl` tells of one image.
public struct DatasetImage: Sendable {
  /// Its line, from 1: the images of a dataset are in order.
  public var line: Int
  /// What it is called.
  public var key: String
  /// The path that it was loaded from.
  public var source: String
  /// Which of its views it is, where the source came several times.
  public var view: Int?
  /// Height and width that were cut [px].
  public var size: Size
  /// Rows and columns of blocks; `nil` for images.
  public var grid: Size?
  /// The file that it is in; `nil` where it has its own.
  public var shard: String?
  /// The first of its patches in the shard.
  public var firstPatch: Int
  /// How many patches there are; `nil` for images.
  public var patches: Int?
  /// The numbers of the blocks that are left; `nil` for all.
  public var blocks: [Int]?
  /// Its label.
  public var label: String?
  /// The part that it is in.
  public var split: String?
  /// The type of the pixels that its values came from; `nil` for that of the dataset.
  public var pixelType: ElementType?
  /// How its values came from pixels; `nil` for that of the dataset.
  public var normalization: StoredNormalization?

  /// Reads a line.
  init(_ bytes: ArraySlice<UInt8>, number: Int, of path: String) throws(DatasetError) {
    let fields = try DatasetFields(Array(bytes), of: path, firstLine: number)
    line = number
    key = try fields.text("key")
    source = try fields.optionalText("source") ?? key
    guard let size = try fields.size("size") else {
      throw fields.mismatch("size", "[height, width]")
    }
    self.size = size
    grid = try fields.size("grid")
    shard = try fields.optionalText("shard")
    firstPatch = try fields.optionalInteger("first_patch") ?? 0
    patches = try fields.optionalInteger("patches")
    blocks = try fields.integers("blocks")
    label = try fields.optionalText("label")
    split = try fields.optionalText("split")
    view = try fields.optionalInteger("view")
    pixelType = try fields.elementType("pixels")
    normalization = try fields.optional("normalize")?.normalization()
    if let blocks {
      let count = grid.map { $0.height.saturating(times: $0.width) } ?? 0
      guard blocks.count == patches, zip(blocks, blocks.dropFirst()).allSatisfy({ $0 < $1 }),
        blocks.last ?? 0 < max(count, 1)
      else {
        throw fields.mismatch("blocks", "as many ascending numbers of blocks as there are patches")
      }
    }
  }
}

/// The lines of an `images.jsonl`, read from the file as they are asked for.
package struct DatasetImages: Sendable {
  /// The file.
  package let path: String

  /// The lines of a dataset.
  package init(_ dataset: DatasetDescription) { path = dataset.imagesPath }

  /// The longest line: as many numbers of blocks as a large image has.
  private static let longestLine = 1 << 26

  /// Calls `body` with every image, and where its line begins.
  ///
  /// - Throws: ``DatasetError``, that of `body` among them.
  package func forEach(
    _ cancellation: Cancellation = Cancellation(),
    _ body: (DatasetImage, _ offset: Int) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    var failure: DatasetError?
    var (line, offset) = (1, 0)
    var rest: [UInt8] = []
    func take(_ bytes: ArraySlice<UInt8>) {
      defer { (line, offset) = (line + 1, offset + bytes.count + 1) }
      if failure != nil { return }
      do throws(DatasetError) {
        try body(DatasetImage(bytes, number: line, of: path), offset)
      } catch {
        failure = error
      }
    }
    do throws(FileError) {
      let file = try OpenFile.reading(path)
      try file.forEachPiece(
        until: { failure != nil || cancellation.isCancelled || rest.count > Self.longestLine }
      ) { piece in
        // What was left has been looked at.
        var (start, new) = (rest.startIndex, rest.count)
        rest += piece
        while let end = rest[new...].firstIndex(of: 0x0A) {
          take(rest[start..<end])
          (start, new) = (end + 1, end + 1)
        }
        rest.removeSubrange(..<start)
      }
    } catch {
      throw DatasetError(path, line: nil, "\(error.reason)")
    }
    if rest.count > Self.longestLine {
      throw DatasetError(
        path, line: line, "expected a line, found more than \(Self.longestLine) bytes")
    }
    if failure == nil, !rest.isEmpty, !cancellation.isCancelled { take(rest[...]) }
    if let failure { throw failure }
  }

  /// The image of a line.
  ///
  /// - Parameters:
  ///   - offset: where it begins.
  ///   - line: its number, from 1.
  /// - Returns: what it tells.
  /// - Throws: ``DatasetError``.
  package func image(at offset: Int, line: Int) throws(DatasetError) -> DatasetImage {
    var bytes: [UInt8] = []
    do throws(FileError) {
      let source = try OpenSource(ByteSource(path: path))
      var count = 1 << 12
      repeat {
        bytes = try source.bytes(at: offset, count: count)
        count *= 8
      } while bytes.count == count / 8 && !bytes.contains(0x0A)
    } catch {
      throw DatasetError(path, line: line, "\(error.reason)")
    }
    return try DatasetImage(bytes.prefix { $0 != 0x0A }, number: line, of: path)
  }
}
