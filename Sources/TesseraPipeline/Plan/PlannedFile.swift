import TesseraCodecs
import TesseraCore
import TesseraEngine

/// What a stage writes for one image, as far as it is known before a pixel is read.
public struct PlannedFile: Hashable, Sendable {
  /// What becomes of values on their way to the file.
  public enum Values: Hashable, Sendable {
    /// They are written as they flow; `isNormalized` where `normalize` is not undone.
    case asTheyAre(isNormalized: Bool)
    /// What `normalize` did is undone.
    case restored
    /// These values become 0 and the largest integer.
    case mapped(from: ValueInterval, maximum: Int)
    /// The smallest and largest value of each image become 0 and the largest integer.
    case stretched(maximum: Int)
  }

  /// The kind of file.
  public var format: ImageFormat
  /// Sides of what one file holds, in its order, slowest first: that of the axes of an array, or
  /// channels, height and width of a picture.
  public var shape: [Int]
  /// Type of the values in it.
  public var elementType: ElementType
  /// Bounds of the values in it.
  public var bounds: ValueInterval
  /// What becomes of values on their way.
  public var values: Values
  /// How many files there are, where every channel gets its own.
  public var channelFiles: Int?

  /// Bytes of one file, where they do not depend on what the values are.
  public var byteCount: Int? {
    guard format == .npy else { return nil }
    return NPYFileWriter.byteCount(shape: shape, elementType: elementType)
  }
}

extension PlannedFile {
  /// A file of an image or of patches, given what flows and what its values become.
  init(
    _ format: ImageFormat, shape: [Int], from layout: Layout, _ quantization: Quantization
  ) {
    self.format = format
    self.shape = shape
    elementType = quantization.elementType
    guard let maximum = elementType.maximum else {
      bounds = layout.values
      values = .asTheyAre(isNormalized: layout.isNormalized && !layout.isAsLoaded)
      return
    }
    bounds = ValueInterval(0, Double(maximum))
    switch quantization.map {
    case .none:
      values = .asTheyAre(isNormalized: false)
      bounds = layout.values
    case .automatic:
      values = .stretched(maximum: maximum)
    case .perImage:
      values = .restored
    case .affine(let maps):
      let map = maps.first ?? .identity
      let isScaled = map.scale > 0
      let from = ValueInterval(
        isScaled ? map.root : 0, isScaled ? map.root + Double(maximum) / map.scale : 0)
      values =
        !layout.isAsLoaded && quantization.isRestoring
        ? .restored : .mapped(from: from, maximum: maximum)
    }
  }

  /// What is written, such as `npy 196 × 768 uint8`.
  var summary: String {
    let count = channelFiles.map { "\($0) × " } ?? ""
    let sides = shape.map(String.init).joined(separator: " × ")
    return "\(count)\(format.rawValue) \(sides) \(elementType.rawValue)"
  }

  /// What becomes of the values, and how large the file will be.
  var manner: String {
    let words =
      switch values {
      case .asTheyAre(let isNormalized):
        isNormalized ? "values as they are, normalize not undone" : "values as they are"
      case .restored: "normalize undone"
      case .mapped(let from, let maximum):
        from == ValueInterval(0, Double(maximum))
          ? "values rounded" : "\(from) becomes 0 … \(maximum)"
      case .stretched(let maximum):
        "each image's smallest and largest value become 0 and \(maximum)"
      }
    let size = byteCount.map { ", \($0.inBytes)" } ?? ""
    return "\(format.rawValue)\(size), \(words)"
  }
}

extension Layout {
  /// Whether values are in the units in which they were loaded.
  fileprivate var isAsLoaded: Bool { inverse.commonScale == 1 }
}
