import TesseraConfiguration

/// What is added to outputs.
public enum Bias: Hashable, Sendable {
  /// One value for all outputs, or one per output.
  case values([Double])
  /// The path of a file with one value per output.
  case file(String)
}

extension ParameterKind where Value == Bias {
  /// A number, a list of numbers or the path of a file.
  static var bias: Self {
    let number = ParameterKind<Double>.number()
    let path = ParameterKind<String>.path()
    let expected = "a number, a list of one per output, or the path of a .npy or .safetensors file"
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [number.schema, Schema.array(of: number.schema), path.schema]),
      read: { value, findings in
        if let elements = value.elements, !elements.isEmpty {
          return readElements(elements, number, &findings).map { .values($0) }
        }
        if let one = value.number?.value, NumberBounds.any.contains(one) { return .values([one]) }
        var ignored = Findings()
        if let file = path.read(value, &ignored) { return .file(file) }
        findings.mismatch(value, expectedNumber: expected)
        return nil
      },
      write: { bias in
        switch bias {
        case .values(let values):
          values.count == 1 ? number.write(values[0]) : JSONValue(.array(values.map(number.write)))
        case .file(let file): path.write(file)
        }
      })
  }
}
