import TesseraCodecs
import TesseraCore
import TesseraEngine

/// What a stage writes for one image, as far as it is known before a pixel is read.
public struct PlannedFile: Hashable, Sendable {
  /// What becomes of values on their way to the file.
  public enum Values: Hashable, Sendable {
    /// They are written as they flow; `isNormalized` where `normalize` is not undone.
    case asTheyAre(isNormalized: Bool)
    /// What `normalize` did is undone; 1 in a file of floats then becomes the largest integer.
    case restored(fromFloats: Bool, maximum: Int)
    /// These values become 0 and the largest integer.
    case mapped(from: ValueInterval, maximum: Int)
    /// The smallest and largest value of each image become 0 and the largest integer.
    case stretched(maximum: Int)
  }

  /// The kind of file.
  public var format: OutputFormat
  /// Sides of what one file holds, in its order, slowest first: that of the axes of an array, or
  /// channels, height and width of a picture.
  public var shape: [Int]
  /// Type of the values in it.
  public var storedType: StoredType
  /// Bounds of the values in it.
  public var bounds: ValueInterval
  /// What becomes of values on their way.
  public var values: Values
  /// Whether colours that were multiplied by opacity are divided by it first.
  public var isDivided: Bool
  /// How many files there are, where every channel gets its own.
  public var channelFiles: Int?
  /// What the colours in the files are called, where they have names.
  public var channelNames: [String]?
  /// What is written beside the patches, or with them.
  package var companions: [Companion] = []
  /// Rows that the patches are brought to with zeros.
  package var paddedBlockCount: Int?
  /// What goes into a dataset, where that is what is written.
  package var dataset: PlannedDataset?

  /// Bytes of one file, where they do not depend on what the values are.
  public var byteCount: Int? {
    guard format == .npy else { return nil }
    if let dataset { return dataset.byteCount }
    return NPYFileWriter.byteCount(shape: shape, storedType: storedType)
  }
}

extension PlannedFile {
  /// A file of an image or of patches, given what flows and what its values become.
  init(
    _ format: OutputFormat, shape: [Int], from layout: Layout, _ quantization: Quantization,
    storedType: StoredType? = nil
  ) {
    self.format = format
    self.shape = shape
    self.storedType = storedType ?? StoredType(quantization.elementType)
    isDivided = layout.isPremultiplied
    channelNames = layout.channelNames.map { Array($0.prefix(layout.colorChannels)) }
    let restored = { maximum in
      Values.restored(fromFloats: layout.sourceType == .float32, maximum: maximum)
    }
    guard let maximum = quantization.elementType.maximum else {
      bounds = layout.allFileValues
      values = .asTheyAre(isNormalized: layout.isNormalized && !layout.isAsLoaded)
      return
    }
    bounds = ValueInterval(0, Double(maximum))
    switch quantization.map {
    case .none:
      values = .asTheyAre(isNormalized: false)
      bounds = layout.allFileValues
    case .automatic:
      values = .stretched(maximum: maximum)
    case .perImage:
      values = restored(maximum)
    case .affine(let maps):
      let map = maps.first ?? .identity
      let isScaled = map.scale > 0
      let from = ValueInterval(
        isScaled ? map.root : 0, isScaled ? map.root + Double(maximum) / map.scale : 0)
      values =
        !layout.isAsLoaded && quantization.isRestoring
        ? restored(maximum) : .mapped(from: from, maximum: maximum)
    }
  }

  /// What is written, such as `npy 196 × 768 uint8, 0 … 255, values as they are`.
  var summary: String {
    let count = channelFiles.map { "\($0) × " } ?? ""
    let sides = shape.map(String.init).joined(separator: " × ")
    let span = if case .asTheyAre = values { "\(bounds), " } else { "" }
    return "\(count)\(format.rawValue) \(sides) \(storedType.rawValue), \(span)\(words)"
  }

  /// What becomes of the values, and how large the file will be.
  var manner: String {
    let size = byteCount.map { ", \($0.inBytes)" } ?? ""
    return "\(format.rawValue)\(size), \(words)"
  }

  /// What becomes of the values.
  private var words: String {
    let change =
      switch values {
      case .asTheyAre(let isNormalized):
        isNormalized ? "values as they are, normalize not undone" : "values as they are"
      case .restored(let isFromFloats, let maximum):
        isFromFloats ? "normalize undone, 0 … 1 becomes 0 … \(maximum)" : "normalize undone"
      case .mapped(let from, let maximum):
        from == ValueInterval(0, Double(maximum))
          ? "values rounded" : "\(from) becomes 0 … \(maximum)"
      case .stretched(let maximum):
        "each image's smallest and largest value become 0 and \(maximum)"
      }
    return isDivided ? "colours divided by opacity, \(change)" : change
  }
}

extension Layout {
  /// Bounds of everything in a file.
  fileprivate var allFileValues: ValueInterval {
    hasAlpha ? fileValues.union(opacity) : fileValues
  }

  /// Whether values are in the units in which they were loaded.
  fileprivate var isAsLoaded: Bool { inverse.commonScale == 1 }
}
