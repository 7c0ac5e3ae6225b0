import TesseraCore

extension ParameterKind {
  /// A list of at least one value; every element is checked.
  package static func list<Element>(of kind: ParameterKind<Element>, expected: String) -> Self
  where Value == [Element] {
    ParameterKind(
      expected: expected, schema: Schema.array(of: kind.schema),
      read: { value, findings in
        guard let elements = value.elements, !elements.isEmpty else {
          findings.mismatch(value, expected: expected)
          return nil
        }
        return readElements(elements, kind, &findings)
      },
      write: { JSONValue(.array($0.map(kind.write))) })
  }

  /// One value, or a list of any number of them, or of at least `minimum`: one value alone stands
  /// for a list of one.
  package static func oneOrList<Element>(
    of kind: ParameterKind<Element>, minimum: Int = 0, expected: String
  ) -> Self where Value == [Element] {
    ParameterKind(
      expected: expected,
      schema: Schema.any(of: [kind.schema, Schema.array(of: kind.schema, minimum: minimum)]),
      read: { value, findings in
        guard let elements = value.elements else {
          var inner = Findings()
          if let one = kind.read(value, &inner) { return [one] }
          let mistake = inner.diagnostics.first
          var found = value.found
          if case .mismatch(_, let precise) = mistake?.problem { found = precise }
          findings.add(
            .mismatch(expected: expected, found: found), at: value.position,
            suggestion: mistake?.suggestion)
          return nil
        }
        guard elements.count >= minimum else {
          findings.mismatch(value, expected: expected)
          return nil
        }
        return readElements(elements, kind, &findings)
      },
      write: { values in
        if values.count == 1 {
          kind.write(values[0])
        } else {
          JSONValue(.array(values.map(kind.write)))
        }
      })
  }
}

/// All elements, or `nil` with a note for each that is wrong.
package func readElements<Element>(
  _ elements: [JSONValue], _ kind: ParameterKind<Element>, _ findings: inout Findings
) -> [Element]? {
  var result: [Element] = []
  result.reserveCapacity(elements.count)
  for (index, element) in elements.enumerated() {
    if let value = findings.within(.index(index), { kind.read(element, &$0) }) {
      result.append(value)
    }
  }
  return result.count == elements.count ? result : nil
}
