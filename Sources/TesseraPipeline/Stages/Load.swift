import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Brings in the images of a folder, a file, a glob or a list.
///
/// Output: image C × H × W in the type of the file: uint8, uint16 or float32. Files are PNG, JPEG, WebP,
/// TIFF and NPY, known by content. Inputs are sorted by the bytes of their relative paths.
public struct Load: Stage {
  /// `load`.
  public static let name = "load"
  /// What lists of stages say of it: one line.
  public static let summary =
    "Brings in images: PNG, JPEG, WebP, TIFF and NPY, known by content."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Gives an image C × H × W in the type of the file: uint8, uint16 or float32. Inputs are sorted by \
    path; hidden files are skipped, and so are files of other kinds. Relative paths start at the \
    folder of the pipeline file. `--input` takes the place of `path` and `list`. With `layout`, \
    `dataset` or `geometry` inputs are arrays of patches, NPY or safetensors, and patches flow.
    """
  /// Comes first.
  public static let role = StageRole.source

  /// An image or patches come first.
  public var flowRole: StageRole { patchInputs == nil ? .source : .cut }

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

  /// Which pages of a TIFF file are inputs.
  public enum Pages: String, Hashable, Sendable, CaseIterable {
    /// The first; a warning tells of others.
    case first
    /// Each of them: x.tif#1, x.tif#2 and so on.
    case all
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
  /// Which pages of a TIFF file are inputs.
  public var pages = Pages.first
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
  /// The order of values in arrays of patches; `nil` is that of the dataset.
  public var layout: PatchOrder?
  /// The folder of the dataset that patches are those of; `nil` is the folder that is loaded, if it is
  /// one.
  public var dataset: String?
  /// How patches make an image, where no dataset tells.
  public var geometry: PatchGeometry?

  /// Takes its inputs from the command.
  public init() {}

  /// Takes its inputs from a folder, a file or a glob.
  public init(path: String) { self.path = path }

  /// `alpha`, or what the colour channels make of it.
  public var effectiveAlpha: Alpha { alpha ?? (color == .keep ? .keep : .drop) }
}

extension Load: SourceStage {
  /// What ``inputs`` is made of.
  public static let placeKeys: Set<String> = [
    "path", "list", "include", "exclude", "recursive", "follow_links", "repeat", "pages",
    "dataset",
  ]

  /// What `path`, `list`, `include`, `exclude`, `recursive`, `follow_links`, `repeat` and `pages` say.
  public var inputs: InputSelection {
    InputSelection(
      path: path, list: list, include: include, exclude: exclude, recursive: recursive,
      followLinks: followLinks, views: views, takesPages: pages == .all)
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
    if header.patches != nil { return SourcePlan(header) }
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
    if let patches = context.patches { return try lower(input, of: patches) }
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
