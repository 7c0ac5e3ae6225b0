import TesseraConfiguration

/// A relief: the image plus its slope in one of eight directions.
public struct Emboss: KernelBank {
  /// `emboss`.
  public static let name = "emboss"
  /// What lists of banks say of it: one line.
  public static let summary = "A relief, 3 × 3: the image plus its slope in a direction."

  /// The neighbour that the slope leads to, as on a map.
  public enum Direction: String, Hashable, Sendable, CaseIterable {
    /// Down and to the right.
    case southEast = "se"
    /// To the right.
    case east = "e"
    /// Up and to the right.
    case northEast = "ne"
    /// Up.
    case north = "n"
    /// Up and to the left.
    case northWest = "nw"
    /// To the left.
    case west = "w"
    /// Down and to the left.
    case southWest = "sw"
    /// Down.
    case south = "s"
  }

  /// Where brightness must rise for an edge to shine.
  public var direction = Direction.southEast

  /// −2 −1 0, −1 1 1, 0 1 2.
  public init() {}

  /// A relief in a direction.
  public init(direction: Direction) { self.direction = direction }

  /// One kernel: 2, 1, 0, −1, −2, −1, 0, 1 around a 1, from the direction on.
  public var kernels: KernelArray {
    // The neighbours from the lower right one on, against the clock.
    let ring = [8, 5, 2, 1, 0, 3, 6, 7]
    let slope = [2.0, 1, 0, -1, -2, -1, 0, 1]
    let first = Direction.allCases.firstIndex(of: direction) ?? 0
    var kernel = [Double](repeating: 1, count: 9)
    for (step, value) in slope.enumerated() { kernel[ring[(first + step) % 8]] = value }
    return KernelArray(height: 3, width: 3, kernels: [kernel])
  }
}

extension Emboss: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "direction", \.direction, .word,
      "Where brightness must rise for an edge to shine, as on a map: se is down and to the right.")
  ]
}
