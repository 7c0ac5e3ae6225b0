import TesseraCore
import TesseraEngine

/// What a processor does to an image, in order.
struct PresetRecipe: Hashable, Sendable {
  /// How an image gets its size.
  enum Resizing: Hashable, Sendable {
    /// It keeps its own.
    case none
    /// Height and width, whatever becomes of the aspect.
    case exact(Size)
    /// The shortest side.
    case shortestSide(Int)
    /// As much as fits so many patches.
    case patches(most: Int)
    /// Sides that are whole groups of patches, and an area within bounds.
    case area(Areas)
  }

  /// The least and the largest area [px].
  struct Areas: Hashable, Sendable {
    var least: Int
    var most: Int
    var isEmptyRange: Bool { least > most }
  }

  /// What values are multiplied by, of bytes.
  enum Rescaling: Hashable, Sendable {
    case none
    case unit
    case factor(Double)
  }

  /// What datasets call it.
  var name: String
  var resizing: Resizing
  var filter = ResizeFilter.bilinear
  /// Whether values become floats before they are resized.
  var resizesFloats = false
  var crop: Size?
  /// Whether the odd pixel of a crop follows torchvision.
  var cropsToEven = false
  var rescaling = Rescaling.unit
  var mean: [Double]?
  var std: [Double]?
  /// Height and width of a patch; `nil` where there are none.
  var patchSize: Int?
  /// The order in which the model takes them.
  var order = PatchOrder.tokens
  /// How many the model takes, where rows of zeros follow those of an image.
  var paddedBlockCount: Int?

  /// Whether all images come out in one size, whatever they are.
  var fixesSize: Bool { if case .exact = resizing { true } else { crop != nil } }

  /// Height and width of what comes out, where it is the same for all images and square.
  var side: Int? {
    if let crop { return crop.height == crop.width ? crop.height : nil }
    if case .exact(let size) = resizing, size.height == size.width { return size.height }
    return nil
  }

  /// The bounds of areas, where there are.
  var areas: Areas? { if case .area(let areas) = resizing { areas } else { nil } }
}

extension PresetRecipe {
  /// What the processor of a known model does.
  ///
  /// Source: the configurations of google/vit-base-patch16-224, openai/clip-vit-base-patch32,
  /// facebook/dinov2-base, facebook/dinov3-vitb16, facebook/vit-mae-base,
  /// google/siglip-base-patch16-224, google/siglip2-base-patch16-224 and -naflex,
  /// Qwen/Qwen2-VL-2B-Instruct, and torchvision's `ImageClassification`.
  init(_ model: PresetModel, _ keys: Preset) {
    let side = keys.size ?? model.side ?? 0
    name = model.rawValue
    resizing = .exact(Size(side))
    patchSize = model.patchSize.map { keys.patchSize ?? $0 }
    mean = model.normalization.mean
    std = model.normalization.std
    switch model {
    case .vit, .siglip2: break
    case .siglip: filter = .bicubic
    case .mae: order = .tokensChannelsLast
    case .dinov3: resizesFloats = true
    case .clip:
      (resizing, filter, crop) = (.shortestSide(side), .bicubic, Size(side))
    case .dinov2:
      (resizing, filter, crop) = (.shortestSide(side * 8 / 7), .bicubic, Size(side))
    case .imagenet:
      (resizing, crop, cropsToEven) = (.shortestSide(side * 8 / 7), Size(side), true)
    case .siglip2NaFlex:
      setPatches(most: 256)
    case .qwen2VL:
      setAreas(
        Areas(least: keys.minPixels ?? 3_136, most: keys.maxPixels ?? 12_845_056))
      filter = .bicubic
    }
  }

  /// Gives each image as many patches as fit, and rows of zeros behind them.
  mutating func setPatches(most: Int) {
    resizing = .patches(most: most)
    order = .tokensChannelsLast
    paddedBlockCount = most
  }

  /// Gives each image sides of whole groups of patches.
  mutating func setAreas(_ areas: Areas) {
    resizing = .area(areas)
    order = .qwen2vl
  }
}

extension PresetRecipe {
  /// The size that an image gets where it is computed from its own.
  ///
  /// - Throws: `StageError` where the model takes no image of this aspect.
  func computedSize(of image: Size) throws(StageError) -> Size? {
    switch resizing {
    case .none, .shortestSide: nil
    case .exact(let size): size
    case .patches(let most): Self.size(of: image, patch: patchSize ?? 1, most: most)
    case .area(let areas):
      try Self.size(of: image, factor: (patchSize ?? 1) * PatchOrder.mergedBlocks, within: areas)
    }
  }

  /// The largest size whose patches are not too many, by bisection.
  ///
  /// Source: `get_image_size_for_max_num_patches` of transformers.
  static func size(of image: Size, patch: Int, most: Int) -> Size {
    func side(_ length: Int, _ scale: Double) -> Int {
      max(Int((Double(length) * scale / Double(patch)).rounded(.up)) * patch, patch)
    }
    func size(_ scale: Double) -> Size {
      Size(height: side(image.height, scale), width: side(image.width, scale))
    }
    let precision = 1e-5
    var (low, high) = (precision / 10, 100.0)
    while high - low >= precision {
      let middle = (low + high) / 2
      let tried = size(middle)
      let count =
        Double(tried.height) / Double(patch) * (Double(tried.width) / Double(patch))
      if count <= Double(most) { low = middle } else { high = middle }
    }
    return size(low)
  }

  /// Sides that are multiples of a factor, the area within bounds, the aspect kept as far as may be.
  ///
  /// Source: `smart_resize` of transformers.
  static func size(
    of image: Size, factor: Int, within areas: Areas
  ) throws(StageError) -> Size {
    let (height, width) = (Double(image.height), Double(image.width))
    guard max(height, width) / min(height, width) <= 200 else {
      throw StageError(Preset.Refusal.aspect(image))
    }
    let step = Double(factor)
    func multiple(_ side: Double, _ rule: FloatingPointRoundingRule) -> Int {
      Int((side / step).rounded(rule)) * factor
    }
    let size = Size(
      height: multiple(height, .toNearestOrEven), width: multiple(width, .toNearestOrEven))
    let area = size.height.saturating(times: size.width)
    if area > areas.most {
      let share = (height * width / Double(areas.most)).squareRoot()
      return Size(
        height: max(factor, multiple(height / share, .down)),
        width: max(factor, multiple(width / share, .down)))
    }
    guard area < areas.least else { return size }
    let share = (Double(areas.least) / (height * width)).squareRoot()
    return Size(height: multiple(height * share, .up), width: multiple(width * share, .up))
  }
}

extension Preset {
  /// Images that a model does not take.
  enum Refusal: StageRefusal {
    case aspect(Size)
    case colors(channels: Int)
    case multiplied
    case blackIsNotZero

    var key: String? {
      switch self {
      case .aspect: "name"
      case .colors, .multiplied, .blackIsNotZero: nil
      }
    }

    var description: String {
      switch self {
      case .aspect(let image):
        "the image is \(image), and qwen2vl takes no side more than 200 times the other"
      case .colors(let channels):
        "expected gray, RGB or CMYK of 8 bits, each but the last with or without opacity, found "
          + "\(channels) channels without such a meaning; `npy_color` in load gives arrays one"
      case .multiplied:
        "\"alpha\": \"premultiply\" in load has multiplied colours by opacity, which is laid onto "
          + "white here; leave it out"
      case .blackIsNotZero:
        "opacity is laid onto white here, before a mean is subtracted: leave out the normalize "
          + "before it"
      }
    }
  }
}
