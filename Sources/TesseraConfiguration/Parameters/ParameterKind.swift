/// How values of one Swift type are written in a pipeline file.
///
/// A kind knows everything that depends on the type alone: reading with its mistakes, writing, the
/// words of messages and documentation, the JSON Schema.
package struct ParameterKind<Value: Sendable>: Sendable {
  /// What messages say was expected, ranges included.
  package let expected: String
  /// The JSON Schema of one value.
  package let schema: JSONValue
  /// Reads a value, or notes what is wrong with it and gives `nil`.
  package let read: @Sendable (JSONValue, inout Findings) -> Value?
  /// Writes a value so that `read` gives it back.
  package let write: @Sendable (Value) -> JSONValue

  package init(
    expected: String, schema: JSONValue,
    read: @escaping @Sendable (JSONValue, inout Findings) -> Value?,
    write: @escaping @Sendable (Value) -> JSONValue
  ) {
    self.expected = expected
    self.schema = schema
    self.read = read
    self.write = write
  }

  /// A kind whose values are right or wrong as a whole: `convert` gives `nil` for wrong ones.
  package init(
    expected: String, schema: JSONValue,
    convert: @escaping @Sendable (JSONValue) -> Value?,
    suggest: @escaping @Sendable (JSONValue) -> String? = { _ in nil },
    write: @escaping @Sendable (Value) -> JSONValue
  ) {
    self.init(
      expected: expected, schema: schema,
      read: { value, findings in
        if let converted = convert(value) { return converted }
        findings.mismatch(value, expected: expected, suggestion: suggest(value))
        return nil
      },
      write: write)
  }
}
