import TesseraCodecs
import TesseraCore
import TesseraEngine

/// What a stage puts into a dataset for one image, as far as it is known before a pixel is read.
package struct PlannedDataset: Hashable, Sendable {
  /// What all images of a dataset have in common.
  package struct Form: Hashable, Sendable {
    /// What an image gives.
    package enum Contents: Hashable, Sendable {
      /// Patches of so many channels, rows and columns, in an order.
      case patches(PatchOrder, channels: Int, size: Size)
      /// An array of channels, height and width; of a picture the size may differ.
      case image(channels: Int, size: Size?)
    }

    /// What an image gives.
    package var contents: Contents
    /// The type of the values.
    package var storedType: StoredType
    /// Whether arrays of several images are joined along their first side, for the images differ in
    /// how many patches they have; else they are stacked.
    package var isJoined: Bool
    /// What goes along with the patches of each image.
    package var companions: [Companion.Form]
  }

  /// What it has in common with the other images.
  package var form: Form
  /// Sides of what the image gives, with as many patches as there can be.
  package var shape: [Int]
  /// Rows and columns of blocks; `nil` for images.
  package var gridSize: Size?
  /// What goes along with the patches.
  package var companions: [Companion]
  /// Rows that the patches are brought to with zeros; `nil` leaves them as many as they are.
  package var paddedBlockCount: Int?
  /// The preset that has prepared the image.
  package var preset: String?
  /// Height and width of what was cut, or of the image.
  package var size: Size
  /// Where the blocks lie.
  package var window: Window?
  /// What the channels are called, where they have names.
  package var channelNames: [String]?
  /// Whether the last channel is opacity.
  package var hasAlpha: Bool
  /// The type of the pixels that stored floats came from; `nil` for that of the values.
  package var pixelType: ElementType?
  /// How stored values come from those of the file.
  package var normalization: StoredNormalization?

  /// Bytes of what the image gives.
  package var byteCount: Int {
    shape.reduce(form.storedType.byteCount) { $0.saturating(times: $1) }
  }
}

/// Integers that go along with the patches of an image, known before a pixel is read.
package struct Companion: Hashable, Sendable {
  /// What those of all images have in common.
  package struct Form: Hashable, Sendable {
    /// What models and libraries call it.
    package var name: String
    package var type: StoredType
    /// Sides, slowest first.
    package var shape: [Int]
  }

  package var form: Form
  package var values: [Int]
  /// Whether there is a value for each block.
  package var isPerBlock: Bool

  /// Lays integers out as a list.
  package init(_ name: String, _ type: StoredType, _ values: [Int], isPerBlock: Bool = false) {
    form = Form(name: name, type: type, shape: [values.count])
    self.values = values
    self.isPerBlock = isPerBlock
  }

  /// What images have in common: where their grids differ, not how long it is if it has a value for each
  /// block.
  func form(whereGridsDiffer: Bool) -> Form {
    var form = form
    if whereGridsDiffer, isPerBlock { form.shape = [] }
    return form
  }

  /// Bytes that it takes until it is written, those of the file among them.
  var heldByteCount: Int {
    values.count.saturating(times: MemoryLayout<Int>.stride + form.type.byteCount)
  }

  /// The values as they are stored, in the byte order of files.
  package var bytes: [UInt8] {
    values.flatMap { value in
      (0..<form.type.byteCount).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
  }
}

extension Layout {
  /// How values come from those of the file; `nil` where that is not one rule for all images, or they
  /// are as they were.
  var storedNormalization: StoredNormalization? {
    guard isNormalized, case .affine(let maps) = inverse else { return nil }
    let scale = fullScale / sourceMaximum
    let written = { (value: Double) in
      constants.first { Float($0) == Float(value) } ?? Self.shortest(value)
    }
    return StoredNormalization(
      scale: scale, mean: maps.map { written($0.offset * scale) },
      std: maps.map { written($0.scale * scale) })
  }

  /// The number of fewest digits that is the same in single precision.
  private static func shortest(_ value: Double) -> Double {
    guard value != 0, value.isFinite else { return value }
    for digits in 1...9 {
      let scale = pow10(digits - 1 - Int(floorLog10(abs(value))))
      let rounded = (value * scale).rounded() / scale
      if Float(rounded) == Float(value) { return rounded }
    }
    return value
  }

  private static func floorLog10(_ value: Double) -> Double {
    var (exponent, power) = (0.0, 1.0)
    while value >= power * 10 { (exponent, power) = (exponent + 1, power * 10) }
    while value < power { (exponent, power) = (exponent - 1, power / 10) }
    return exponent
  }

  private static func pow10(_ exponent: Int) -> Double {
    (0..<abs(exponent)).reduce(1.0) { power, _ in exponent < 0 ? power / 10 : power * 10 }
  }
}
