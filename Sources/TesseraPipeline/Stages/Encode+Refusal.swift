import TesseraCore

extension Encode {
  /// What a kind of file does not hold.
  enum Refusal: StageRefusal {
    case cmyk(Format)
    case rangeOfFloats
    case alpha
    case tooLarge(Size)
    case tooManyFiles(Int)

    var key: String? { self == .rangeOfFloats ? "range" : "format" }

    var description: String {
      switch self {
      case .cmyk(let format):
        "\(format.rawValue) takes no CMYK here; \"color\": \"rgb\" in load converts it"
      case .rangeOfFloats:
        "floats are written as they are, so that a range would do nothing; \"dtype\": \"uint8\" or "
          + "\"uint16\" makes integers of them"
      case .alpha:
        "jpeg has no alpha channel; \"alpha\": \"drop\" or \"matte\" in load takes it away"
      case .tooLarge(let size):
        "jpeg holds at most 65500 rows and columns, and the image is \(size)"
      case .tooManyFiles(let count):
        "expected at most \(Encode.largestFileCount) channels where each gets a file, found \(count); "
          + "\"format\": \"npy\" holds all of them in one"
      }
    }
  }
}
