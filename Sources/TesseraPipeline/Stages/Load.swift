import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Brings in the images of a folder, a file, a glob or a list.
///
/// Output: image C × H × W in the type of the file: uint8, uint16 or float32. Files are PNG, JPEG and
/// NPY, known by content. Inputs are sorted by the bytes of their relative paths.
public struct Load: Stage {
  /// `load`.
  public static let name = "load"
  /// What lists of stages say of it: one line.
  public static let summary = "Brings in images: PNG, JPEG and NPY files, known by content."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Gives an image C × H × W in the type of the file: uint8, uint16 or float32. Inputs are sorted by \
    path; hidden files are skipped, and so are files of other kinds. Relative paths start at the \
    folder of the pipeline file. `--input` takes the place of `path` and `list`.
    """
  /// Comes first.
  public static let role = StageRole.source

  /// Which colour channels an image keeps.
  public enum Color: String, Hashable, Sendable, CaseIterable {
    /// Those of the file.
    case keep
    /// Red, green and blue.
    case rgb
    /// One channel.
    case gray
  }

  /// What becomes of an alpha channel.
  public enum Alpha: String, Hashable, Sendable, CaseIterable {
    /// It stays as the last channel.
    case keep
    /// It goes; the report warns where a pixel was not opaque.
    case drop
    /// The image is composed over a colour.
    case matte
    /// The colours are multiplied by it, and divided again when written.
    case premultiply
  }

  /// What becomes of the orientation that a file's metadata ask for.
  public enum Orientation: String, Hashable, Sendable, CaseIterable {
    /// The image is turned.
    case apply
    /// The pixels stay as stored.
    case ignore
  }

  /// The mildest damage that refuses a file.
  public typealias FailOn = TesseraCodecs.FailOn
  /// The order of the axes of three-dimensional NPY arrays.
  public typealias NPYLayout = TesseraCodecs.NPYLayout

  /// What the channels of NPY arrays mean.
  public enum NPYColor: String, Hashable, Sendable, CaseIterable {
    /// Nothing but what their number tells: one is gray, three are red, green and blue.
    case none
    /// One of luminance.
    case gray
    /// Luminance and opacity.
    case grayAlpha = "gray_alpha"
    /// Red, green and blue.
    case rgb
    /// Red, green, blue and opacity.
    case rgba
  }

  /// The type that values flow in.
  public enum ValueType: String, Hashable, Sendable, CaseIterable {
    /// 32-bit floats, to which integers of arrays are rounded.
    case float32
  }

  /// A folder, a file or a glob.
  public var path: String?
  /// A text file with one path a line, or NUL between them; `-` is standard input.
  public var list: String?
  /// Globs of which an input must match one; empty: all do.
  public var include: [String] = []
  /// Globs of which an input must match none.
  public var exclude: [String] = []
  /// Whether folders inside the folder count.
  public var recursive = true
  /// Whether links to folders outside of the folder are followed; those inside always are.
  public var followLinks = false
  /// How often every input comes, each time as another view; `nil` is once.
  public var views: Int?
  /// Which colour channels an image keeps.
  public var color = Color.keep
  /// What becomes of an alpha channel; `nil` keeps it under `Color.keep` and drops it otherwise.
  public var alpha: Alpha?
  /// The colour under `Alpha.matte`.
  public var matte = MatteColor.white
  /// What becomes of an orientation in the metadata.
  public var orientation = Orientation.apply
  /// The mildest damage that refuses a file.
  public var failOn = FailOn.error
  /// The largest height · width that is decoded [px].
  public var maxPixels = 178_956_970
  /// The order of the axes of three-dimensional NPY arrays.
  public var npyLayout = NPYLayout.chw
  /// What the channels of NPY arrays mean.
  public var npyColor = NPYColor.none
  /// Whether JPEG files are decoded at a half, a quarter or an eighth where a resize follows.
  public var shrinkOnLoad = false
  /// The type that values flow in; `nil` for that of the file, where every value is exact in it.
  public var dtype: ValueType?

  /// Takes its inputs from the command.
  public init() {}

  /// Takes its inputs from a folder, a file or a glob.
  public init(path: String) { self.path = path }

  /// `alpha`, or what the colour channels make of it.
  public var effectiveAlpha: Alpha { alpha ?? (color == .keep ? .keep : .drop) }
}

extension Load: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter("path", optional: \.path, .path(), "A folder, a file or a glob."),
    Parameter(
      "list", optional: \.list, .path("a path, or \"-\" for standard input"),
      "A text file with one path a line, or NUL between them; `-` is standard input."),
    Parameter(
      "include", \.include, .globs, "Globs of which an input must match one; without any, all do."),
    Parameter("exclude", \.exclude, .globs, "Globs of which an input must match none."),
    Parameter("recursive", \.recursive, .bool, "Whether folders inside the folder count."),
    Parameter(
      "follow_links", \.followLinks, .bool,
      "Whether links to folders outside of the folder are followed; links to files always are."),
    Parameter(
      "repeat", optional: \.views, .integer(in: 1...1_000_000), otherwise: "once",
      "How often every input comes; random stages choose anew for each view, and outputs are named "
        + "`_v0`, `_v1` and so on, or by {view}."),
    Parameter("color", \.color, .word, "Which colour channels an image keeps."),
    Parameter(
      "alpha", optional: \.alpha, .word, otherwise: "keep with `color` keep, drop otherwise",
      "What becomes of an alpha channel; drop warns where a pixel was not opaque."),
    Parameter(
      "matte", \.matte, .color,
      "The colour under `alpha` matte, on the scale 0…255 for every bit depth; one that is not gray "
        + "makes gray images RGB."),
    Parameter(
      "orientation", \.orientation, .word, "Whether the orientation in the metadata is applied."),
    Parameter("fail_on", \.failOn, .word, "The mildest damage that refuses a file."),
    Parameter(
      "max_pixels", \.maxPixels, .integer(in: 1...1_000_000_000_000),
      "The largest height · width that is decoded [px]; arrays count it times channels / 4, where "
        + "they have more than 4."),
    Parameter(
      "npy_layout", \.npyLayout, .word, "The order of the axes of three-dimensional NPY arrays."),
    Parameter(
      "npy_color", \.npyColor, .word,
      "What the channels of NPY arrays mean; none tells 1 gray and 3 RGB by their number."),
    Parameter(
      "shrink_on_load", \.shrinkOnLoad, .bool,
      "Whether JPEG files are decoded at 1/2, 1/4 or 1/8, never below what a `resize` right after "
        + "`load` makes of them; faster, and the pixels differ a little."),
    Parameter(
      "dtype", optional: \.dtype, .word, otherwise: "that of the file",
      "float32: values flow as such, and those of arrays that it does not hold are rounded."),
  ]

  package static let rules: [KeyRule] = [
    .atMostOne(["path", "list"]),
    .only(["matte"], with: "alpha", words: ["matte"]),
  ]
}

extension Load: SourceStage {
  /// What ``inputs`` is made of.
  public static let placeKeys: Set<String> = [
    "path", "list", "include", "exclude", "recursive", "follow_links", "repeat",
  ]

  /// What `path`, `list`, `include`, `exclude`, `recursive`, `follow_links` and `repeat` say.
  public var inputs: InputSelection {
    InputSelection(
      path: path, list: list, include: include, exclude: exclude, recursive: recursive,
      followLinks: followLinks, views: views)
  }

  /// What `fail_on`, `max_pixels`, `npy_layout` and `dtype` say.
  public var decodeOptions: DecodeOptions {
    var options = DecodeOptions()
    options.failOn = failOn
    options.maxPixels = maxPixels
    options.npyLayout = npyLayout
    options.roundsArrays = dtype == .float32
    return options
  }

  /// How a file becomes the image that the pipeline starts with.
  public func sourcePlan(for header: ImageHeader) throws(StageError) -> SourcePlan {
    guard let pixels = header.shape.countedPixels, pixels <= maxPixels else {
      throw StageError(Refusal.tooManyPixels(header.shape, limit: maxPixels))
    }
    let header = try named(header)
    var plan = SourcePlan(header)
    if orientation == .apply { plan.orientation = header.orientation }
    plan.mayShrink = shrinkOnLoad
    if plan.hasAlpha {
      switch effectiveAlpha {
      case .keep, .premultiply: break
      case .drop: plan.append(.dropAlpha)
      case .matte:
        // Gray has no room for another colour: it is laid as the same picture in RGB would be.
        if plan.colorModel == .gray, !matte.isGray { plan.append(.grayToRGB) }
        let shares = matte.shares(for: plan.colorModel)
        let endsGray = color == .gray && plan.colorModel == .rgb
        plan.append(endsGray ? .matteToGray(shares) : .matte(shares))
      }
    }
    switch (color, plan.colorModel) {
    case (.keep, _), (.rgb, .rgb), (.gray, .gray):
      break
    case (.rgb, .gray):
      plan.append(.grayToRGB)
    case (.rgb, .cmyk):
      plan.append(.cmykToRGB)
    case (.gray, .rgb):
      plan.append(.rgbToGray)
    case (.gray, .cmyk):
      plan.append(.cmykToRGB)
      plan.append(.rgbToGray)
    case (_, .unknown):
      throw StageError(Refusal.noColors(channels: header.shape.channels))
    }
    return plan
  }

  /// What flows from here on.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let premultiplies = effectiveAlpha == .premultiply && input.hasAlpha
    guard premultiplies || dtype == .float32 && input.elementType != .float32 else {
      return Lowered(layout: input, operators: [])
    }
    var layout = input
    layout.elementType = .float32
    layout.isPremultiplied = premultiplies
    return Lowered(
      layout: layout,
      operators: [Pointwise.conversion(channels: input.channels, premultiplies: premultiplies)])
  }
}
