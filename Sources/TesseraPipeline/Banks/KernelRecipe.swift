import Glibc
import TesseraConfiguration

/// A kernel by its name, and how its coefficients are made.
struct KernelRecipe {
  /// Small letters, digits and `_`.
  var name: String
  /// In raster order.
  var coefficients: () -> [Double]

  init(_ name: String, _ coefficients: @escaping () -> [Double]) {
    self.name = name
    self.coefficients = coefficients
  }
}

/// A bank whose kernels are squares of one odd side, each made by itself.
protocol SampledBank: KernelBank {
  /// Height and width [px].
  var side: Int { get }
  /// The kernels, in their order.
  var recipes: [KernelRecipe] { get }
}

extension SampledBank {
  /// The coefficients, for correlation: not flipped.
  public var kernels: KernelArray {
    KernelArray(height: side, width: side, kernels: recipes.map { $0.coefficients() })
  }

  /// What the kernels are called, in their order.
  public var kernelNames: [String] { recipes.map(\.name) }
}

/// The points of a square around its centre: x to the right, y up.
struct KernelPlane {
  /// Points on a side: odd.
  let side: Int

  /// A function at every point, in raster order, of coordinates that are turned by an angle:
  /// x′ = x cos θ − y sin θ, y′ = x sin θ + y cos θ.
  func samples(turnedBy angle: Double = 0, _ function: (Double, Double) -> Double) -> [Double] {
    let (c, s) = (cos(angle), sin(angle))
    let reach = (side - 1) / 2
    return (0..<side * side).map { index in
      let (x, y) = (Double(index % side - reach), Double(reach - index / side))
      return function(x * c - y * s, x * s + y * c)
    }
  }

  /// The bell of a deviation over all points, whose sum is 1.
  func bell(sigma: Double) -> [Double] {
    let values = samples { x, y in exp(-(x * x + y * y) / (2 * sigma * sigma)) }
    let sum = values.reduce(0, +)
    return values.map { $0 / sum }
  }

  /// The Laplacian of that bell, whose sum is 0: below 0 at its centre.
  ///
  /// As MATLAB's `fspecial('log', side, sigma)`.
  func laplacianOfBell(sigma: Double) -> [Double] {
    let variance = sigma * sigma
    let weights = samples { x, y in (x * x + y * y - 2 * variance) / (variance * variance) }
    return zip(weights, bell(sigma: sigma)).map(*).withoutMean
  }

  /// The side that reaches so many deviations to both sides of the centre.
  static func side(reaching deviations: Double, sigma: Double) -> Int {
    2 * Int(deviations * sigma + 0.5) + 1
  }
}

extension [Double] {
  /// The values minus their mean.
  var withoutMean: [Double] {
    let mean = reduce(0, +) / Double(count)
    return map { $0 - mean }
  }

  /// The values minus their mean, then divided by the sum of their magnitudes: what banks of texture
  /// filters do, so that their responses can be compared.
  var balanced: [Double] {
    let values = withoutMean
    let sum = values.reduce(0) { $0 + abs($1) }
    return values.map { $0 / sum }
  }
}

extension Limits {
  /// Sides of the kernels of a bank that has many [px].
  static let manySide = 3...255
  /// Orientations within half a turn.
  static let orientations = 1...36
}

extension ParameterKind where Value == [Double] {
  /// One number, or a list of at most eight.
  static func scales(_ bounds: NumberBounds) -> Self {
    let number = ParameterKind<Double>.number(bounds)
    let expected = "\(number.expected), or a list of 1 to 8"
    let list = ParameterKind.oneOrList(of: number, minimum: 1, expected: expected)
    return ParameterKind(
      expected: expected, schema: list.schema,
      read: { value, findings in
        if let elements = value.elements, elements.count > 8 {
          findings.mismatch(value, expected: expected)
          return nil
        }
        return list.read(value, &findings)
      },
      write: list.write)
  }
}
