/// Which values of a patch share their mean.
public enum PatchScope: String, Hashable, Sendable, CaseIterable {
  /// All of them.
  case patch
  /// Those of one channel.
  case channel
}

extension PatchScope {
  /// How many groups of rows of a patch have figures of their own.
  func groups(channels: Int) -> Int { self == .patch ? 1 : channels }
}
