/// A configuration's type, erased: what a catalogue holds one of per stage or bank.
package struct ConfigurationType<Value: Sendable>: Sendable {
  /// The word in the pipeline file.
  package let name: String
  /// What it does, short enough for a list of all types.
  package let summary: String
  /// What it does in full: what goes in, what comes out, and how keys bear on it.
  package let discussion: String
  /// The keys, described.
  package let parameters: [ParameterDescription]
  /// Rules that concern several keys, a sentence each.
  package let rules: [String]
  /// The JSON Schema of one such object.
  package let schema: JSONValue
  /// Reads an object; defaults stand in for what is wrong.
  package let read:
    @Sendable (JSONValue, inout Findings) -> (
      configuration: Value, positions: [String: SourcePosition], isRight: Bool
    )
  /// Writes a value of this type; `null` for any other.
  package let write: @Sendable (Value) -> JSONValue
  /// Whether a value is of this type.
  package let matches: @Sendable (Value) -> Bool

  /// Describes a type whose objects are told apart by a key.
  package init<Root: Configurable>(
    _ type: Root.Type, discriminator: String, discussion: String,
    erase: @escaping @Sendable (Root) -> Value
  ) {
    name = Root.name
    summary = Root.summary
    self.discussion = discussion
    parameters = Root.parameters.map { ParameterDescription($0) }
    rules = Root.rules.map(\.sentence)
    schema = Root.schema(discriminator: discriminator, discussion: Root.summary)
    read = { value, findings in
      let result = Root.read(value, discriminator: discriminator, &findings)
      return (erase(result.configuration), result.positions, result.isRight)
    }
    write = { ($0 as? Root)?.written(discriminator: discriminator) ?? JSONValue(.null) }
    matches = { $0 is Root }
  }
}

/// What documentation says about one key.
public struct ParameterDescription: Hashable, Sendable {
  /// The key in the pipeline file.
  public let key: String
  /// What messages say was expected: the range is in it.
  public let expected: String
  /// The default as JSON, or what happens without the key; `nil` where the key is required.
  public let standard: String?
  /// What the key is for, with its unit in brackets.
  public let sentence: String

  package init<Root>(_ parameter: Parameter<Root>) {
    key = parameter.key
    expected = parameter.expected
    sentence = parameter.sentence
    let value = parameter.write(Root())
    if parameter.isRequired {
      standard = nil
    } else if value.isNull {
      standard = parameter.otherwise ?? "none"
    } else {
      standard = JSONWriter.compact(value)
    }
  }
}

extension Findings {
  /// The type that an object names, or `nil` with a note that calls such types by `noun`.
  package mutating func type<Value>(
    of object: JSONValue, discriminator: String, among types: [ConfigurationType<Value>],
    _ noun: String
  ) -> ConfigurationType<Value>? {
    let names = types.map(\.name)
    guard let written = object[discriminator] else {
      let misspelt = object.members?.first {
        Spelling.nearest(to: $0.key, in: [discriminator]) != nil
      }
      add(
        .mismatch(
          expected: "the key \"\(discriminator)\" with the name of a \(noun)",
          found: misspelt.map { JSONWriter.quoted($0.key) } ?? "no such key"),
        at: misspelt?.keyPosition ?? object.position)
      return nil
    }
    guard let name = written.string else {
      within(.key(discriminator)) { $0.mismatch(written, expected: "the name of a \(noun)") }
      return nil
    }
    if let type = types.first(where: { $0.name == name }) { return type }
    within(.key(discriminator)) {
      let known = Spelling.nearest(to: name, in: names)
      $0.add(
        .rule(
          "there is no \(noun) \(written.found)"
            + (known == nil ? "; there are \(names.joined(separator: ", "))" : "")),
        at: written.position, suggestion: known.map(JSONWriter.quoted))
    }
    return nil
  }
}
