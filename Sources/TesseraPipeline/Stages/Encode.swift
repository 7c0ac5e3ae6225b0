import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Writes what flows, and lets it through: a file per input, or a dataset of all of them.
///
/// Input: image C × H × W as PNG, JPEG, WebP, TIFF or an array, or patches D × L as arrays or pictures.
/// Files are written beside their names and renamed when complete.
public struct Encode: Stage {
  /// `encode`.
  public static let name = "encode"
  /// What lists of stages say of it: one line.
  public static let summary = "Writes images or patches: a file each, or a dataset of many."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Writes `path`/folder of the input/stem.extension, or what `name` says, and lets the values through: it \
    may stand anywhere, several times. `range` says how float values become integers. Images in \
    arrays are (C, H, W); patches have the order that `layout` names. With `images_per_shard` many \
    images share a file, and dataset.json and images.jsonl tell what is where.
    """
  /// Writes either layout.
  public static let role = StageRole.output

  /// The kind of file.
  public typealias Format = OutputFormat
  /// JPEG's resolution of colour.
  public typealias Subsampling = JPEGSubsampling

  /// The order of stored patches.
  public typealias PatchLayout = PatchOrder
  /// What travels from an input's metadata to its output's.
  public typealias Metadata = CarriedMetadata

  /// The folder that files go to; `nil` takes it from the command.
  public var path: String?
  /// The kind of file.
  public var format = Format.png
  /// Images that share a file of a dataset, at most; `nil` gives each its own.
  public var imagesPerShard: Int?
  /// The format of pictures in a dataset.
  public var imageFormat = PictureFormat.png
  /// Where labels of a dataset's images come from; `nil` gives none.
  public var labels: DatasetLabels?
  /// How the images of a dataset are parted; `nil` parts none.
  public var split: DatasetSplit?
  /// The name of each file, in place of folder/stem.extension.
  public var outputName: NameTemplate?
  /// PNG, TIFF: how hard to compress.
  public var compression = PNGCompression.fast
  /// PNG, TIFF: bits per value; `nil` is that of the source, 8 for fewer.
  public var bitDepth: BitDepth?
  /// JPEG, WebP: 1…100.
  public var quality = 90
  /// WebP: every value is kept.
  public var lossless = false
  /// JPEG: the resolution of colour.
  public var subsampling = Subsampling.s420
  /// JPEG: several scans, coarse to fine.
  public var progressive = false
  /// Arrays: the order of patches; `nil` is that of the preset's model, tokens in datasets, and torch
  /// else.
  public var layout: PatchLayout?
  /// Arrays: the type of the values; `nil` is that of what flows.
  public var dtype: StoredType?
  /// Pictures: what becomes of channels that are no gray or colours.
  public var channels = ChannelFiles.files
  /// How float values become integers; `nil` restores the source's where that is possible.
  public var range: OutputRange?
  /// Pictures: what travels from the input's metadata.
  public var metadata = Metadata.icc
  /// Whether every file is read back and compared before it gets its name.
  public var verify = false

  /// Takes its folder from the command.
  public init() {}

  /// Files of one image that are written at once, at most.
  static let largestFileCount = 1024

  /// Writes to a folder.
  public init(path: String, format: Format) {
    self.path = path
    self.format = format
  }
}

extension Encode: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter("path", optional: \.path, .path(), otherwise: "`--output`", "The output folder."),
    Parameter("format", \.format, .word, "The kind of file, or of dataset."),
    Parameter(
      "images_per_shard", optional: \.imagesPerShard, .integer(in: 1...10_000_000),
      otherwise: "a file per image",
      "Datasets of npy, safetensors and webdataset: how many images a file holds."),
    Parameter(
      "image_format", \.imageFormat, .word, "Datasets of pictures: the format of each."),
    Parameter(
      "labels", optional: \.labels, .labels, otherwise: "none",
      "Datasets: the label of each image is the first folder of its path, or stands in a table with "
        + "the columns file_name and label."),
    Parameter(
      "split", optional: \.split, .split, otherwise: "none",
      "Datasets: shares of the images that go to other parts than train, by a hash of their keys."),
    Parameter(
      "name", optional: \.outputName, .nameTemplate, otherwise: "folder/stem.extension",
      "The name of each file, such as `{dir}/{stem}-{ext}.png`; a {dir}, {parent} or {root} that "
        + "is empty takes the separator beside it along."),
    Parameter(
      "compression", \.compression, .compression,
      "PNG, TIFF: fast, default, best, none, or zlib's level 0…9."),
    Parameter(
      "bit_depth", optional: \.bitDepth, .bitDepth, otherwise: "the source's",
      "PNG, TIFF: bits per value; 32 are floats, in TIFF."),
    Parameter("quality", \.quality, .integer(in: 1...100), "JPEG, WebP: the quality."),
    Parameter("lossless", \.lossless, .bool, "WebP: keeps every value."),
    Parameter("subsampling", \.subsampling, .word, "JPEG: the resolution of colour."),
    Parameter("progressive", \.progressive, .bool, "JPEG: several scans, coarse to fine."),
    Parameter(
      "layout", optional: \.layout, .word,
      otherwise: "that of the preset's model, tokens in datasets, torch else",
      "Arrays: the order of patches."),
    Parameter(
      "dtype", optional: \.dtype, .dtype, otherwise: "that of the values",
      "Arrays: the type of the values; bfloat16 only in safetensors."),
    Parameter(
      "channels", \.channels, .word,
      "PNG, JPEG, WebP, TIFF: files gives channels that are neither gray nor RGB a file each; montage puts all "
        + "channels of any image side by side in one picture, in rows."),
    Parameter(
      "range", optional: \.range, .outputRange, otherwise: "restore",
      "How float values become integers: what becomes 0 and what the maximum."),
    Parameter(
      "metadata", \.metadata, .word,
      "PNG, JPEG, WebP, TIFF: icc carries what says how colours look, and the resolution; keep EXIF too; strip "
        + "nothing."),
    Parameter(
      "verify", \.verify, .bool, "Reads every file back and compares, before it gets its name."),
  ]

  package static let rules: [KeyRule] = [
    .only(
      ["compression", "bit_depth"], with: "format", words: ["png", "tiff"] + datasets),
    .only(["quality"], with: "format", words: ["jpeg", "webp"] + datasets),
    .only(["subsampling", "progressive"], with: "format", words: ["jpeg"] + datasets),
    .only(["lossless"], with: "format", words: ["webp"]),
    .only(["layout", "dtype"], with: "format", words: arrays),
    .only(["images_per_shard"], with: "format", words: arrays),
    .only(["image_format"], with: "format", words: datasets),
    .only(["labels", "split"], with: "format", words: arrays + datasets.dropFirst()),
    .only(["metadata"], with: "format", words: pictures),
    .only(["channels"], with: "format", words: pictures),
    .only(["verify"], with: "format", words: pictures + ["npy"]),
    .needed(["images_per_shard"], by: "format", words: ["webdataset"]),
  ]

  private static var pictures: [String] { Format.pictures.map(\.rawValue) }
  private static var arrays: [String] { Format.arrays.map(\.rawValue) }
  private static var datasets: [String] { Format.datasets.map(\.rawValue) }

  package func problems(given: Set<String>) -> [KeyProblem] {
    var problems: [KeyProblem] = []
    if let outputName, !isDataset, !format.extensions.contains(where: outputName.hasExtension) {
      problems.append(
        KeyProblem(
          "name",
          "expected a name that ends in \(Phrase.alternatives(format.extensions.map { ".\($0)" })), found "
            + JSONWriter.quoted(outputName.description)))
    }
    if range ?? .restore != .restore, let dtype, dtype.elementType == .float32 {
      problems.append(
        KeyProblem(
          "range", "says how values become integers, and \"dtype\" is \"\(dtype.rawValue)\" here"))
    }
    if bitDepth == .thirtyTwo, format != .tiff {
      problems.append(
        KeyProblem("bit_depth", "expected 8 or 16, or \"format\": \"tiff\", found 32"))
    }
    if lossless, given.contains("quality") {
      problems.append(KeyProblem("quality", "applies only where \"lossless\" is false"))
    }
    return problems + datasetProblems(given: given)
  }

  func problems(given: Set<String>, taking flow: StageFlow) -> [KeyProblem] {
    switch flow {
    case .patches where Format.pictures.contains(format):
      [
        KeyProblem(
          "format",
          "patches are written as npy, safetensors, webdataset, imagefolder or tiles, and here it is "
            + "\"\(format.rawValue)\"")
      ]
    case .patches where format == .webdataset: pictureProblems(given: given)
    case .image where layout ?? .torch != .torch:
      [KeyProblem("layout", "applies only to patches, and here is an image")]
    case .image where format == .webdataset && dtype != nil:
      [
        KeyProblem(
          "dtype",
          "applies only to arrays, and here images go into pictures, whose type \"image_format\" and "
            + "\"bit_depth\" say")
      ]
    case .image where Format.picturesOfPatches.contains(format):
      [
        KeyProblem(
          "format",
          "\"\(format.rawValue)\" holds a picture per patch, and here is an image; cut it with unfold, "
            + "or write \"\(imageFormat.rawValue)\"")
      ]
    default:
      []
    }
  }

  /// Refuses what says how pictures are written, where there are none.
  private func pictureProblems(given: Set<String>) -> [KeyProblem] {
    let settings =
      imageFormat == .png
      ? ["compression", "bit_depth"] : ["quality", "subsampling", "progressive"]
    let changed = settings.filter { given.contains($0) && !holdsDefault(of: $0) }
    return (["image_format"].filter(given.contains) + changed).map {
      KeyProblem($0, "applies only to images, and here are patches, which go into arrays")
    }
  }
}

extension Encode: OutputStage {
  /// Names are something else: two outputs of an input may differ in them.
  public static let placeKeys: Set<String> = ["path"]

  /// What `path`, `name` and `format` say.
  public var files: OutputFiles {
    OutputFiles(
      folder: path, name: outputName, fileExtension: fileExtension, format: format,
      dataset: isDataset
        ? DatasetFiles(
          imagesPerShard: imagesPerShard, picture: fileFormat(of: imageFormat.imageFormat),
          labels: labels,
          split: split) : nil)
  }
}
