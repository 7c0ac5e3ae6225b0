import TesseraCodecs
import TesseraCore
import TesseraEngine

extension Encode {
  /// What a kind of file does not hold.
  enum Refusal: StageRefusal {
    case cmyk(ImageFormat)
    case rangeOfFloats(OutputFormat)
    case alpha
    case tooLarge(Size, ImageFormat)
    case tooManyFiles(Int)
    case montageTooLarge(Size, ImageFormat)
    case needsWholeGrid(PatchOrder)
    case oddGrid(Size)
    case cannotBeJoined(PatchOrder)
    case noPictures(Int)
    case sizesDiffer
    case cannotStack(String)
    case cannotVerify(String)

    var key: String? {
      switch self {
      case .rangeOfFloats: "range"
      case .cannotVerify: "verify"
      case .montageTooLarge: "channels"
      case .needsWholeGrid, .oddGrid, .cannotBeJoined: "layout"
      case .sizesDiffer, .cannotStack: "images_per_shard"
      case .cmyk, .alpha, .tooLarge, .tooManyFiles, .noPictures: "format"
      }
    }

    var description: String {
      switch self {
      case .cmyk(let format):
        "\(format.rawValue) takes no CMYK here; \"color\": \"rgb\" in load converts it"
      case .rangeOfFloats(let format):
        "floats are written as they are, so that a range would do nothing; "
          + (format == .tiff ? "\"bit_depth\": 8 or 16" : "\"dtype\": \"uint8\" or \"uint16\"")
          + " makes integers of them"
      case .alpha:
        "jpeg has no alpha channel; \"alpha\": \"drop\" or \"matte\" in load takes it away"
      case .tooLarge(let size, let format):
        "\(format.rawValue) holds at most \(format.sideLimit) rows and columns, and the image is \(size)"
      case .tooManyFiles(let count):
        "expected at most \(Encode.largestFileCount) channels where each gets a file, found \(count); "
          + "\"format\": \"npy\" or \"channels\": \"montage\" hold all of them in one"
      case .montageTooLarge(let size, let format):
        "all channels side by side are \(size) pixels, more than \(format.rawValue) holds"
      case .needsWholeGrid(let order):
        "\"\(order.rawValue)\" has a place for every block, and select, sample or mask have let some go; "
          + "\"tokens\" holds those that are left"
      case .oddGrid(let size):
        "\"qwen2vl\" stores blocks in groups of 2 × 2, and the image has \(size) blocks"
      case .cannotBeJoined(let order):
        "patches of images of differing sizes are joined one row per block, which \"\(order.rawValue)\" "
          + "does not allow; use \"tokens\", or bring the images to one size with resize or crop"
      case .noPictures(let count):
        "a picture has 1 or 3 channels without opacity, found \(count); \"format\": \"npy\" holds any number"
      case .cannotVerify(let name):
        "only files of patches alone are read back, and `\(name)` goes along with these"
      case .cannotStack(let name):
        "`\(name)` has a place for every block, so that images need one size, which does not follow from the "
          + "pipeline; bring them to it with resize or crop, or use \"webdataset\""
      case .sizesDiffer:
        "images are stacked, so that all need one size, which does not follow from the pipeline; bring them "
          + "to it with resize or crop, or use \"webdataset\""
      }
    }
  }
}
