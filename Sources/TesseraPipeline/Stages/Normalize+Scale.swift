import TesseraConfiguration

extension ParameterKind where Value == Normalize.Scale {
  /// `unit`, `none` or a number.
  static var scale: Self {
    let number = ParameterKind<Double>.number(.positive)
    let words = ["unit", "none"]
    return ParameterKind(
      expected: "\"unit\", \"none\" or \(number.expected)",
      schema: Schema.any(of: [Schema.words(words), number.schema]),
      convert: { value in
        switch value.kind {
        case .string("unit"): .unit
        case .string("none"): Normalize.Scale.none
        case .number(let factor) where NumberBounds.positive.contains(factor.value):
          .factor(factor.value)
        default: nil
        }
      },
      suggest: { $0.nearest(among: words) },
      write: { scale in
        switch scale {
        case .unit: "unit"
        case .none: "none"
        case .factor(let factor): number.write(factor)
        }
      })
  }
}
