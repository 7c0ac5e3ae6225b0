import TesseraCodecs
import TesseraCore

/// What travels from an input's metadata to its output's.
public enum CarriedMetadata: String, Hashable, Sendable, CaseIterable {
  /// The colour profile and the resolution.
  case icc
  /// Those, and EXIF with its orientation set to 1 once applied.
  case keep
  /// Nothing.
  case strip
}

extension ImageMetadata {
  /// What travels from an input to an output.
  ///
  /// A profile describes colours of one model: it stays behind where that changes.
  func carried(to file: ImageFile, of size: Size, from source: SourcePlan) -> ImageMetadata {
    if file.metadata == .strip { return ImageMetadata() }
    let change = PictureChange(
      orientation: source.orientation,
      isUpright: source.orientation == source.header.orientation,
      source: source.stored, size: size)
    var carried = updated(for: change)
    let keepsModel = file.colorModel == source.header.colorModel && !file.splitsChannels
    if !keepsModel { carried.icc = nil }
    if file.metadata != .keep { carried.exif = nil }
    return carried
  }
}
