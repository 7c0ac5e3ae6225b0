/// How values of one Swift type are written in a pipeline file.
///
/// A kind knows everything that depends on the type alone: reading with its mistakes, writing, the
/// words of messages and documentation, the JSON Schema.
struct ParameterKind<Value: Sendable>: Sendable {
  /// The short name in tables: `integer or [height, width]`.
  let type: String
  /// What messages say was expected, ranges included.
  let expected: String
  /// The JSON Schema of one value.
  let schema: JSONValue
  /// Reads a value, or notes what is wrong with it and gives `nil`.
  let read: @Sendable (JSONValue, inout Findings) -> Value?
  /// Writes a value so that `read` gives it back.
  let write: @Sendable (Value) -> JSONValue

  init(
    type: String, expected: String, schema: JSONValue,
    read: @escaping @Sendable (JSONValue, inout Findings) -> Value?,
    write: @escaping @Sendable (Value) -> JSONValue
  ) {
    self.type = type
    self.expected = expected
    self.schema = schema
    self.read = read
    self.write = write
  }

  /// A kind whose values are right or wrong as a whole: `convert` gives `nil` for wrong ones.
  init(
    type: String, expected: String, schema: JSONValue,
    convert: @escaping @Sendable (JSONValue) -> Value?,
    suggest: @escaping @Sendable (JSONValue) -> String? = { _ in nil },
    write: @escaping @Sendable (Value) -> JSONValue
  ) {
    self.init(
      type: type, expected: expected, schema: schema,
      read: { value, findings in
        if let converted = convert(value) { return converted }
        findings.mismatch(value, expected: expected, suggestion: suggest(value))
        return nil
      },
      write: write)
  }
}
