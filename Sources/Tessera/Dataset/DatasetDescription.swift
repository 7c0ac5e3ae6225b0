import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles
import TesseraThreads

/// What a dataset that `encode` wrote holds, as its `dataset.json` tells.
public struct DatasetDescription: Sendable {
  /// A file that many images share.
  public struct Shard: Hashable, Sendable {
    /// Its name in the folder.
    public var file: String
    /// The first of its images, counted over the dataset.
    public var firstImage: Int
    /// How many images it holds.
    public var images: Int
    /// How many patches it holds.
    public var patches: Int
  }

  /// The folder.
  public let folder: String
  /// The kind of files: `npy`, `safetensors`, `webdataset`, `imagefolder` or `tiles`.
  public let format: String
  /// The order of patches; `nil` where the dataset holds images, or a picture for each patch.
  public let layout: PatchOrder?
  /// The type of the values, as NumPy spells it.
  public let dtype: String
  /// Channels, height and width of a patch; `nil` for images.
  public let patch: ImageShape?
  /// Where blocks lie; `nil` for images.
  public let window: Window?
  /// The preset that prepared the images.
  public let preset: String?
  /// How values came from pixels; `nil` where they are as they were.
  public let normalization: StoredNormalization?
  /// The type of those pixels; `nil` for that of the values.
  public let pixelType: ElementType?
  /// Whether the last channel is opacity.
  public let hasAlpha: Bool
  /// How many images there are.
  public let images: Int
  /// How many patches there are; `nil` for a dataset of images.
  public let patches: Int?
  /// The labels, sorted by bytes; empty where there are none.
  public let classes: [String]
  /// The files that images share; empty where each patch has a picture.
  public let shards: [Shard]
  /// All that the file says.
  package let told: JSONValue
  /// The stages that made the patches, as in a pipeline file.
  package var stages: JSONValue? { told["stages"] }

  /// The most bytes of a `dataset.json`: a million shards.
  private static let largest = 1 << 28

  /// What tells of the dataset in a folder.
  static func path(in folder: String) -> String { Path.join(folder, "dataset.json") }

  /// What tells of its images.
  package var imagesPath: String { Path.join(folder, "images.jsonl") }

  /// Reads the `dataset.json` of a folder.
  ///
  /// - Parameter folder: the dataset.
  /// - Throws: ``DatasetError`` where it is missing or says something else than was expected.
  public init(folder: String) throws(DatasetError) {
    self.folder = folder
    let path = Self.path(in: folder)
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileSystem.content(
        of: path, as: [.file], limit: Self.largest, cancellation: Cancellation())
    } catch {
      throw DatasetError(path, line: nil, "\(error.reason)")
    }
    let fields = try DatasetFields(bytes, of: path)
    guard try fields.integer("version") == 1 else {
      throw fields.mismatch("version", "1, which this version reads")
    }
    format = try fields.text("format")
    let word = try fields.text("layout")
    layout = PatchOrder(rawValue: word)
    guard layout != nil || ["image", "images"].contains(word) else {
      throw fields.mismatch("layout", "an order of patches, or images")
    }
    dtype = try fields.text("dtype")
    patch = try fields.integers("patch", count: 3, in: 1...65_536).map {
      ImageShape(channels: $0[0], height: $0[1], width: $0[2])
    }
    window = try fields.optional("geometry")?.window()
    if layout != nil, patch == nil { throw fields.mismatch("patch", "[channels, height, width]") }
    if layout != nil, window == nil { throw fields.mismatch("geometry", "the keys of unfold") }
    if let patch, let window, patch.size != window.patchSize {
      throw fields.mismatch("patch", "the height and width of geometry's kernel_size and halo")
    }
    preset = try fields.optionalText("preset")
    normalization = try fields.optional("normalize")?.normalization()
    pixelType = try fields.elementType("pixels")
    hasAlpha = try fields.flag("alpha")
    images = try fields.integer("images")
    patches = try fields.optionalInteger("patches")
    classes = try fields.texts("classes")
    var shards: [Shard] = []
    for shard in try fields.objects("shards") {
      shards.append(
        Shard(
          file: try shard.text("file"), firstImage: try shard.integer("first_image"),
          images: try shard.integer("images"), patches: try shard.integer("patches")))
    }
    self.shards = shards
    told = fields.value
  }

  /// Whether the arrays of several images are joined along their first side; else they are stacked.
  ///
  /// - Parameters:
  ///   - shard: the file.
  ///   - order: that of the values.
  ///   - shape: the sides of its array.
  /// - Returns: `nil` where the sides fit neither.
  func isJoined(_ shard: Shard, _ order: PatchOrder, shape: [Int]) -> Bool? {
    if shape.count == order.rank + 1, shape[0] == shard.images { return false }
    if order.isOneRowPerBlock, shape.count == order.rank, shape[0] == shard.patches { return true }
    return nil
  }
}

/// What is wrong with the files that tell of a dataset.
public struct DatasetError: Error, Hashable, Sendable {
  /// The file.
  public let path: String
  /// Its line, from 1; `nil` for the whole.
  public let line: Int?
  /// What was expected and what was found.
  public let reason: String

  init(_ path: String, line: Int?, _ reason: String) {
    (self.path, self.line, self.reason) = (path, line, reason)
  }
}

extension DatasetError: CustomStringConvertible {
  /// `out/images.jsonl:3: expected …`.
  public var description: String {
    let place = line.map { ":\($0)" } ?? ""
    return "\(path.printable)\(place): \(reason)"
  }
}
