import TesseraEngine

/// Which values of a patch share their mean.
public enum PatchScope: String, Hashable, Sendable, CaseIterable {
  /// All of them.
  case patch
  /// Those of one channel.
  case channel
}

extension Layout {
  /// What takes the means of patches from their colours, and divides them by their deviations where
  /// that is wanted.
  func normalizingPatches(per scope: PatchScope, standardizes: Bool) -> NormalizePatches {
    NormalizePatches(
      groups: scope == .patch ? 1 : colorChannels, standardizes: standardizes,
      keptRows: hasAlpha ? patchLength / channels : 0)
  }
}
