import TesseraConfiguration

/// What filters make of opacity.
public enum FilteredAlpha: String, Hashable, Sendable, CaseIterable {
  /// It stays as it is.
  case keep
  /// It is filtered as colours are; where a channel becomes several, it stays all the same.
  case filter
}

extension Layout {
  /// What becomes of opacity where a stage filters, given its key.
  ///
  /// - Parameters:
  ///   - key: what the stage says; `nil` filters opacity that colours were multiplied by.
  ///   - keepsChannels: whether each channel becomes one, so that opacity can stay that of its
  ///     colours.
  /// - Returns: whether opacity is left out of what is filtered.
  /// - Throws: `StageError` where it is to be kept and colours were multiplied by it.
  func keepsOpacity(_ key: FilteredAlpha?, keepsChannels: Bool) throws(StageError) -> Bool {
    guard hasAlpha else { return false }
    if isPremultiplied, key == .keep { throw StageError(SharedRefusal.opacityIsMultiplied) }
    let isFiltered = isPremultiplied || key == .filter
    return !isFiltered || !keepsChannels
  }
}
