import TesseraCore

extension ParameterKind where Value == Size {
  /// One integer for both axes, or [height, width].
  package static func pair(
    in range: ClosedRange<Int>, as names: String = "[height, width]"
  ) -> Self {
    pair(of: .integer(in: range), as: names) { range.contains($0) }
  }

  /// One odd integer for both axes, or [height, width]: windows that have a middle.
  package static func oddPair(in range: ClosedRange<Int>) -> Self {
    let isOdd: @Sendable (Int) -> Bool = { range.contains($0) && $0 % 2 != 0 }
    let axis = ParameterKind<Int>(
      expected: "an odd integer in \(Phrase.range(range))",
      schema: JSONValue(
        .object(
          (Schema.integer(in: range).members ?? []) + [JSONMember("not", ["multipleOf": 2])])),
      convert: { $0.number?.integer.flatMap { isOdd($0) ? $0 : nil } }, suggest: \.withoutQuotes,
      write: { JSONValue(.number(JSONNumber($0))) })
    return pair(of: axis, as: "[height, width]", contains: isOdd)
  }

  private static func pair(
    of axis: ParameterKind<Int>, as names: String, contains: @escaping @Sendable (Int) -> Bool
  ) -> Self {
    let expected = "\(axis.expected), or two as \(names)"
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [axis.schema, Schema.array(of: axis.schema, count: 2...2)]),
      read: { value, findings in
        if let both = value.number?.integer, contains(both) { return Size(both) }
        guard let elements = value.elements, elements.count == 2 else {
          findings.mismatch(value, expected: expected, suggestion: value.withoutQuotes)
          return nil
        }
        return readElements(elements, axis, &findings).map { Size(height: $0[0], width: $0[1]) }
      },
      write: { size in
        let height = JSONValue(.number(JSONNumber(size.height)))
        if size.height == size.width { return height }
        return [height, JSONValue(.number(JSONNumber(size.width)))]
      })
  }
}

extension ParameterKind where Value == Padding {
  /// A pair, or `"same"`.
  package static func padding(in range: ClosedRange<Int>) -> Self {
    let pair = ParameterKind<Size>.pair(in: range)
    let expected = "\(pair.expected), or \"same\""
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: (pair.schema["anyOf"]?.elements ?? []) + [["const": "same"]]),
      read: { value, findings in
        if value.string == "same" { return .same }
        if value.elements?.count == 2 { return pair.read(value, &findings).map { .symmetric($0) } }
        if let both = value.number?.integer, range.contains(both) { return .symmetric(Size(both)) }
        findings.mismatch(
          value, expected: expected,
          suggestion: value.withoutQuotes ?? value.nearest(among: ["same"]))
        return nil
      },
      write: { padding in
        switch padding {
        case .symmetric(let size): pair.write(size)
        case .same: "same"
        }
      })
  }
}
