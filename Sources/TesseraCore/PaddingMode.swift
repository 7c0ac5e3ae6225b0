/// What stands outside the image where a window reaches over its border.
public enum PaddingMode: String, Hashable, Sendable, CaseIterable {
  /// Zeros, in the units in force.
  case zeros
  /// Mirrored without repeating the edge: `c b | a b c | b a`.
  case reflect
  /// Mirrored with the edge repeated: `b a | a b c | c b`.
  case symmetric
  /// The edge value repeated: `a a | a b c | c c`.
  case replicate
  /// The opposite side: `b c | a b c | a b`.
  case circular

  /// The position inside `0..<size` whose value stands at `position`, or `nil` for a zero.
  ///
  /// Padding wider than the image goes on reflecting, as NumPy's `pad` does; an image of size 1
  /// reflects as `replicate`.
  public func source(of position: Int, size: Int) -> Int? {
    if position >= 0 && position < size { return position }
    switch self {
    case .zeros:
      return nil
    case .replicate:
      return min(max(position, 0), size - 1)
    case .circular:
      return modulo(position, size)
    case .reflect:
      if size == 1 { return 0 }
      let folded = modulo(position, 2 * (size - 1))
      return folded < size ? folded : 2 * (size - 1) - folded
    case .symmetric:
      let folded = modulo(position, 2 * size)
      return folded < size ? folded : 2 * size - 1 - folded
    }
  }
}

/// The remainder of a division that rounds toward −∞.
private func modulo(_ value: Int, _ divisor: Int) -> Int {
  let remainder = value % divisor
  return remainder < 0 ? remainder + divisor : remainder
}
