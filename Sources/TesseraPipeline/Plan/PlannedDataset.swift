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
  }

  /// What it has in common with the other images.
  package var form: Form
  /// Sides of what the image gives, with as many patches as there can be.
  package var shape: [Int]
  /// Rows and columns of blocks; `nil` for images.
  package var gridSize: Size?
  /// Height and width of what was cut, or of the image.
  package var size: Size
  /// Where the blocks lie.
  package var window: Window?
  /// Whether the last channel is opacity.
  package var hasAlpha: Bool
  /// How stored values come from those of the file.
  package var normalization: StoredNormalization?

  /// Bytes of what the image gives.
  package var byteCount: Int {
    shape.reduce(form.storedType.byteCount) { $0.saturating(times: $1) }
  }
}

/// How stored values come from those of files: (value · scale − mean) / std, per channel.
package struct StoredNormalization: Hashable, Sendable {
  package var scale: Double
  package var mean: [Float]
  package var std: [Float]
}

extension Layout {
  /// How values come from those of the file; `nil` where that is not one rule for all images, or they
  /// are as they were.
  var storedNormalization: StoredNormalization? {
    guard isNormalized, case .affine(let maps) = inverse else { return nil }
    let scale = fullScale / sourceMaximum
    return StoredNormalization(
      scale: scale, mean: maps.map { Float($0.offset * scale) },
      std: maps.map { Float($0.scale * scale) })
  }
}
