/// Which values of a patch share their mean.
public enum PatchScope: String, Hashable, Sendable, CaseIterable {
  /// All of them.
  case patch
  /// Those of one channel.
  case channel
}
