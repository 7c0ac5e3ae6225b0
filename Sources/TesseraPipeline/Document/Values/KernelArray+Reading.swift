import TesseraConfiguration

extension ParameterKind where Value == KernelArray {
  /// Nested lists of numbers, all of one length at each level.
  static func kernels(dimensions: ClosedRange<Int>) -> Self {
    let shapes = ["kH × kW", "M × kH × kW", "M × C/groups × kH × kW"]
      .prefix(dimensions.upperBound - 1).joined(separator: ", ")
    let expected = "numbers in nested lists: \(shapes)"
    return ParameterKind(
      expected: expected, schema: schema(dimensions: dimensions),
      read: { value, findings in
        var shape: [Int] = []
        var level = value
        while let elements = level.elements, let first = elements.first {
          shape.append(elements.count)
          level = first
        }
        guard dimensions.contains(shape.count), level.elements == nil else {
          let isBare = shape.isEmpty || level.elements != nil
          findings.add(
            .mismatch(
              expected: expected,
              found: isBare ? level.found : "lists nested \(shape.count) deep"),
            at: value.position)
          return nil
        }
        var reader = KernelReader(shape: shape)
        reader.read(value, level: 0, &findings)
        return KernelArray(shape: shape, values: reader.values)
      },
      write: { kernels in
        var values = kernels.values[...]
        return nested(kernels.shape[...], &values)
      })
  }

  private static func schema(dimensions: ClosedRange<Int>) -> JSONValue {
    func lists(_ depth: Int) -> JSONValue {
      depth == 0 ? ["type": "number"] : Schema.array(of: lists(depth - 1))
    }
    return Schema.any(of: dimensions.map(lists))
  }

  private static func nested(_ shape: ArraySlice<Int>, _ values: inout ArraySlice<Double>)
    -> JSONValue
  {
    guard let count = shape.first else {
      return values.popFirst().map { JSONValue(.number(JSONNumber($0))) } ?? JSONValue(.null)
    }
    return JSONValue(.array((0..<count).map { _ in nested(shape.dropFirst(), &values) }))
  }
}

/// Collects the numbers of nested lists whose shape the first elements have set.
private struct KernelReader {
  let shape: [Int]
  var values: [Double] = []

  mutating func read(_ value: JSONValue, level: Int, _ findings: inout Findings) {
    guard level < shape.count else {
      if let number = ParameterKind<Double>.number().read(value, &findings) {
        values.append(number)
      }
      return
    }
    guard let elements = value.elements, elements.count == shape[level] else {
      let count = shape[level]
      findings.mismatch(
        value, expected: "\(count) value\(count == 1 ? "" : "s"), as in the first list beside it")
      return
    }
    for (index, element) in elements.enumerated() {
      findings.within(.index(index)) { read(element, level: level + 1, &$0) }
    }
  }
}
