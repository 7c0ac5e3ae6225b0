extension ParameterKind where Value == ClosedRange<Double> {
  /// Two numbers within bounds, the smaller one first.
  package static func interval(_ bounds: NumberBounds) -> Self {
    let number = ParameterKind<Double>.number(bounds)
    let expected = "[smallest, largest], each \(number.expected)"
    return ParameterKind(
      expected: expected, schema: Schema.array(of: number.schema, count: 2...2),
      read: { value, findings in
        guard let elements = value.elements, elements.count == 2 else {
          findings.mismatch(value, expected: expected)
          return nil
        }
        guard let ends = readElements(elements, number, &findings) else { return nil }
        guard ends[0] <= ends[1] else {
          findings.mismatch(value, expected: expected)
          return nil
        }
        return ends[0]...ends[1]
      },
      write: { [number.write($0.lowerBound), number.write($0.upperBound)] })
  }
}
