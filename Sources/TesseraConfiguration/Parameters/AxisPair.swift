/// A real value for the height and one for the width.
public struct AxisPair: Hashable, Sendable {
  /// The value along the vertical axis.
  public var height: Double
  /// The value along the horizontal axis.
  public var width: Double

  /// Takes the height's value first, as shapes do.
  public init(height: Double, width: Double) {
    self.height = height
    self.width = width
  }

  /// The same along both axes, as a lone number in a pipeline file means.
  public init(_ both: Double) { self.init(height: both, width: both) }
}

extension ParameterKind where Value == AxisPair {
  /// One number for both axes, or [height, width].
  package static func axisPair(_ bounds: NumberBounds) -> Self {
    let axis = ParameterKind<Double>.number(bounds)
    let expected = "\(axis.expected), or two as [height, width]"
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [axis.schema, Schema.array(of: axis.schema, count: 2...2)]),
      read: { value, findings in
        if let both = value.number?.value, bounds.contains(both) { return AxisPair(both) }
        guard let elements = value.elements, elements.count == 2 else {
          findings.mismatch(value, expectedNumber: expected, suggestion: value.withoutQuotes)
          return nil
        }
        return readElements(elements, axis, &findings).map { AxisPair(height: $0[0], width: $0[1]) }
      },
      write: { pair in
        let height = axis.write(pair.height)
        return pair.height == pair.width ? height : [height, axis.write(pair.width)]
      })
  }
}
