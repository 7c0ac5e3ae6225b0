import TesseraConfiguration

extension ParameterKind where Value == Normalize.Scale {
  /// `unit`, `none` or a number.
  static var scale: Self {
    let number = ParameterKind<Double>.number(.positive)
    let words = ["unit", "none"]
    let expected = "\"unit\", \"none\" or \(number.expected)"
    return ParameterKind(
      expected: expected, schema: Schema.any(of: [Schema.words(words), number.schema]),
      read: { value, findings in
        switch value.kind {
        case .string("unit"): return .unit
        case .string("none"): return Normalize.Scale.none
        case .number(let factor) where NumberBounds.positive.contains(factor.value):
          return .factor(factor.value)
        default:
          findings.mismatch(
            value, expectedNumber: expected, suggestion: value.nearest(among: words))
          return nil
        }
      },
      write: { scale in
        switch scale {
        case .unit: "unit"
        case .none: "none"
        case .factor(let factor): number.write(factor)
        }
      })
  }
}
