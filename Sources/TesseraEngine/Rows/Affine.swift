/// `scale · value + offset`.
public struct Affine: Hashable, Sendable {
  /// The factor.
  public var scale: Double
  /// What is added after.
  public var offset: Double

  /// Makes the map `scale · value + offset`.
  public init(scale: Double, offset: Double) {
    self.scale = scale
    self.offset = offset
  }

  /// The map that changes nothing.
  public static let identity = Affine(scale: 1, offset: 0)
}
