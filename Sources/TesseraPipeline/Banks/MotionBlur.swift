import Glibc
import TesseraConfiguration

/// The blur of a straight movement.
///
/// MATLAB's `fspecial('motion', length, angle)`: what lies within a pixel of a line, by how near it is;
/// the coefficients sum to 1.
public struct MotionBlur: KernelBank {
  /// `motion`.
  public static let name = "motion"
  /// What lists of banks say of it: one line.
  public static let summary = "The blur of a straight movement; the coefficients sum to 1."

  /// Length of the way [px].
  public var length = 9.0
  /// Its direction against the clock from the right [°].
  public var angle = 0.0

  /// 9 pixels along the rows.
  public init() {}

  /// A way of a length and direction.
  public init(length: Double, angle: Double) {
    self.length = length
    self.angle = angle
  }

  /// One kernel of odd sides.
  public var kernels: KernelArray {
    let half = (length - 1) / 2
    let turned = angle.truncatingRemainder(dividingBy: 180)
    let phi = (turned < 0 ? turned + 180 : turned) / 180 * .pi
    let (c, s) = (cos(phi), sin(phi))
    // As there, a little less than a pixel beyond the end: right angles must not bring empty columns.
    let little = length * .ulpOfOne
    let columns = Int(abs((half * c + (c < 0 ? -1 : 1) - little).rounded(.towardZero)))
    let rows = Int(half * s + 1 - little)
    let (height, width) = (2 * rows + 1, 2 * columns + 1)
    var kernel: [Double] = []
    for y in stride(from: rows, through: -rows, by: -1) {
      for x in -columns...columns {
        // A line through the centre looks the same from both of its ends.
        let sign = y < 0 || (y == 0 && Double(x) * c < 0) ? -1.0 : 1
        kernel.append(Self.weight(x: sign * Double(x), y: sign * Double(y), c, s, half))
      }
    }
    let sum = kernel.reduce(0, +) + .ulpOfOne * length * length
    return KernelArray(height: height, width: width, kernels: [kernel.map { $0 / sum }])
  }

  /// How near a point is to half of the line.
  private static func weight(
    x: Double, y: Double, _ c: Double, _ s: Double, _ half: Double
  ) -> Double {
    // The quadrant of the line alone: what lies beyond its corner is the other half's.
    guard x * c >= 0 || y == 0 else { return 0 }
    var distance = y * c - x * s
    if (x * x + y * y).squareRoot() >= half, abs(distance) <= 1 {
      let beyond = half - abs(x * c + y * s)
      distance = (distance * distance + beyond * beyond).squareRoot()
    }
    return max(0, 1 + .ulpOfOne - abs(distance))
  }
}

extension MotionBlur: Configurable {
  package static let parameters: [Parameter<Self>] = [
    Parameter("length", \.length, .number(.closed(1, 1000)), "Length of the way [px]."),
    Parameter(
      "angle", \.angle, .number(.closed(-360, 360)),
      "Direction of the way against the clock from the right [°]."),
  ]
}
