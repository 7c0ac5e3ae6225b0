import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Writes what flows to a file per input, and lets it through.
///
/// Input: image C × H × W as PNG, JPEG or NPY, or patches D × L as NPY. Files are written beside
/// their names and renamed when complete.
public struct Encode: Stage {
  /// `encode`.
  public static let name = "encode"
  /// What lists of stages say of it: one line.
  public static let summary = "Writes an image as PNG, JPEG or NPY, or patches as NPY."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Writes `path`/folder of the input/stem.extension, or what `name` says, and lets the values through: it \
    may stand anywhere, several times. `range` says how float values become integers. Images in \
    NPY are (C, H, W); patches have the order that `layout` names.
    """
  /// Writes either layout.
  public static let role = StageRole.output

  /// The kind of file.
  public typealias Format = ImageFormat
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
  /// The name of each file, in place of folder/stem.extension.
  public var outputName: NameTemplate?
  /// PNG: how hard to compress.
  public var compression = PNGCompression.fast
  /// PNG: bits per value; `nil` is that of the source, 8 for fewer.
  public var bitDepth: BitDepth?
  /// JPEG: 1…100.
  public var quality = 90
  /// JPEG: the resolution of colour.
  public var subsampling = Subsampling.s420
  /// JPEG: several scans, coarse to fine.
  public var progressive = false
  /// NPY: the order of patches.
  public var layout = PatchLayout.torch
  /// NPY: the type of the values; `nil` is that of what flows.
  public var dtype: ElementType?
  /// How float values become integers; `nil` restores the source's where that is possible.
  public var range: OutputRange?
  /// PNG and JPEG: what travels from the input's metadata.
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
    Parameter("format", \.format, .word, "The kind of file."),
    Parameter(
      "name", optional: \.outputName, .nameTemplate, otherwise: "folder/stem.extension",
      "The name of each file, such as `{dir}/{stem}-{ext}.png`; a {dir}, {parent} or {root} that "
        + "is empty takes the separator beside it along."),
    Parameter(
      "compression", \.compression, .compression,
      "PNG: fast, default, best, none, or zlib's level 0…9."),
    Parameter(
      "bit_depth", optional: \.bitDepth, .bitDepth, otherwise: "the source's",
      "PNG: bits per value."),
    Parameter("quality", \.quality, .integer(in: 1...100), "JPEG: the quality."),
    Parameter("subsampling", \.subsampling, .word, "JPEG: the resolution of colour."),
    Parameter("progressive", \.progressive, .bool, "JPEG: several scans, coarse to fine."),
    Parameter("layout", \.layout, .word, "NPY: the order of patches."),
    Parameter(
      "dtype", optional: \.dtype, .word, otherwise: "that of the values",
      "NPY: the type of the values."),
    Parameter(
      "range", optional: \.range, .outputRange, otherwise: "restore",
      "How float values become integers: what becomes 0 and what the maximum."),
    Parameter(
      "metadata", \.metadata, .word,
      "PNG, JPEG: icc carries what says how colours look, and the resolution; keep EXIF too; strip "
        + "nothing."),
    Parameter(
      "verify", \.verify, .bool, "Reads every file back and compares, before it gets its name."),
  ]

  package static let rules: [KeyRule] = [
    .only(["compression", "bit_depth"], with: "format", words: ["png"]),
    .only(["quality", "subsampling", "progressive"], with: "format", words: ["jpeg"]),
    .only(["layout", "dtype"], with: "format", words: ["npy"]),
    .only(["metadata"], with: "format", words: ["png", "jpeg"]),
  ]

  package func problems(given: Set<String>) -> [KeyProblem] {
    var problems: [KeyProblem] = []
    if let outputName, !format.extensions.contains(where: outputName.hasExtension) {
      problems.append(
        KeyProblem(
          "name",
          "expected a name that ends in \(Phrase.alternatives(format.extensions.map { ".\($0)" })), found "
            + JSONWriter.quoted(outputName.description)))
    }
    if range ?? .restore != .restore, dtype == .float32 {
      problems.append(
        KeyProblem(
          "range", "says how values become integers, and \"dtype\" is \"float32\" here"))
    }
    return problems
  }

  func problems(given: Set<String>, taking flow: StageFlow) -> [KeyProblem] {
    switch flow {
    case .patches where format != .npy:
      [
        KeyProblem(
          "format", "patches are written only as \"npy\", and here it is \"\(format.rawValue)\"")
      ]
    case .image where given.contains("layout") && !holdsDefault(of: "layout"):
      [KeyProblem("layout", "applies only to patches, and here is an image")]
    default:
      []
    }
  }
}

extension Encode: OutputStage {
  /// Names are something else: two outputs of an input may differ in them.
  public static let placeKeys: Set<String> = ["path"]

  /// What `path`, `name` and `format` say.
  public var files: OutputFiles {
    OutputFiles(folder: path, name: outputName, fileExtension: format.fileExtension)
  }
}

extension Encode {
  /// A tap on the image or the patches.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let type = fileType(for: input)
    // What files bring is no fault of the key.
    if type == .float32, range ?? .restore != .restore, context.loaded.elementType != .float32 {
      throw StageError(Refusal.rangeOfFloats)
    }
    let quantization =
      type == .float32 ? input.floatQuantization : try input.quantization(to: type, range: range)
    guard let grid = input.grid else {
      let file = try imageFile(for: input, quantization: quantization)
      var planned = PlannedFile(
        format, shape: file.sides(of: input.shape), from: input, quantization)
      planned.channelFiles = file.splitsChannels ? input.colorChannels : nil
      return Lowered(layout: input, operators: [file], file: planned)
    }
    precondition(format == .npy, "a stage that was checked writes patches as npy")
    let file = PatchFile(
      order: layout, quantization: quantization, channels: input.channels,
      patchSize: grid.kernelSize, verifies: verify)
    let shape = layout.shape(
      blocks: grid.blockCount, channels: input.channels, patchSize: grid.kernelSize)
    return Lowered(
      layout: input, operators: [file],
      file: PlannedFile(format, shape: shape, from: input, quantization))
  }

  private func fileType(for input: Layout) -> ElementType {
    switch format {
    case .jpeg: .uint8
    case .npy: dtype ?? input.elementType
    case .png:
      switch bitDepth {
      case .eight: .uint8
      case .sixteen: .uint16
      case nil: input.sourceType == .uint16 ? .uint16 : .uint8
      }
    }
  }

  private var fileFormat: ImageFileFormat {
    switch format {
    case .npy: return .npy
    case .png: return .png(compression)
    case .jpeg:
      var settings = JPEGSettings()
      settings.quality = quality
      settings.isProgressive = progressive
      settings.subsampling = subsampling
      return .jpeg(settings)
    }
  }

  private func imageFile(
    for input: Layout, quantization: Quantization
  ) throws(StageError) -> ImageFile {
    var file = ImageFile(
      format: fileFormat, quantization: quantization, colorModel: input.colorModel,
      hasAlpha: input.hasAlpha, metadata: metadata, verifies: verify)
    guard format != .npy else { return file }
    if input.colorModel == .cmyk {
      throw StageError(Refusal.cmyk(format))
    }
    if format == .jpeg {
      if input.hasAlpha {
        throw StageError(Refusal.alpha)
      }
      if max(input.size.height, input.size.width) > 65_500 {
        throw StageError(Refusal.tooLarge(input.size))
      }
    }
    switch input.colorChannels {
    case 1: file.colorModel = .gray
    case 3: file.colorModel = .rgb
    default:
      file.splitsChannels = true
      guard input.colorChannels <= Self.largestFileCount else {
        throw StageError(Refusal.tooManyFiles(input.colorChannels))
      }
      file.colorModel = .gray
    }
    return file
  }
}
