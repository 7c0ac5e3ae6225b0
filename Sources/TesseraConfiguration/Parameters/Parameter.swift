/// One key of a configuration: the only place that holds its name, range and sentence.
///
/// The default is what the stored property of `Root()` holds.
package struct Parameter<Root: Configurable>: Sendable {
  /// The key in the pipeline file.
  package let key: String
  /// What the key is for, with its unit in brackets; the documentation is made of it.
  package let sentence: String
  /// Whether the key must be there.
  package let isRequired: Bool
  /// What happens without the key, where that is no single value.
  package let otherwise: String?
  /// Values that say what happens without the key, where that is no single value.
  package let defaults: [JSONValue]
  /// The kind's phrase for messages.
  package let expected: String
  /// The kind's JSON Schema.
  package let schema: JSONValue
  /// Reads a value into a configuration.
  package let read: @Sendable (JSONValue, inout Root, inout Findings) -> Void
  /// Writes a configuration's value; `null` where there is none.
  package let write: @Sendable (Root) -> JSONValue

  /// A key that has a value in every configuration.
  package init<Value: Sendable>(
    _ key: String, _ property: WritableKeyPath<Root, Value> & Sendable,
    _ kind: ParameterKind<Value>, required: Bool = false, _ sentence: String
  ) {
    self.key = key
    self.sentence = sentence
    isRequired = required
    otherwise = nil
    defaults = []
    expected = kind.expected
    schema = kind.schema
    read = { value, root, findings in
      if let value = kind.read(value, &findings) { root[keyPath: property] = value }
    }
    write = { kind.write($0[keyPath: property]) }
  }

  /// A key that may be left out for good; `otherwise` says what happens then, and `defaults` are the
  /// values that say so too.
  package init<Value: Sendable>(
    _ key: String, optional property: WritableKeyPath<Root, Value?> & Sendable,
    _ kind: ParameterKind<Value>, otherwise: String? = nil, defaults: [Value] = [],
    required: Bool = false, _ sentence: String
  ) {
    self.key = key
    self.sentence = sentence
    isRequired = required
    self.otherwise = otherwise
    self.defaults = defaults.map(kind.write)
    expected = kind.expected
    schema = kind.schema
    read = { value, root, findings in
      if let value = kind.read(value, &findings) { root[keyPath: property] = value }
    }
    write = { root in root[keyPath: property].map(kind.write) ?? JSONValue(.null) }
  }
}

/// Something that a table of parameters configures: a stage, or a bank of kernels.
package protocol Configurable: Hashable, Sendable {
  /// The word in the pipeline file.
  static var name: String { get }
  /// What it does, short enough for a list of all types.
  static var summary: String { get }
  /// Its keys, in the order of the documentation.
  static var parameters: [Parameter<Self>] { get }
  /// Rules that concern several keys.
  static var rules: [KeyRule] { get }
  /// The configuration without a key: what its properties hold are the defaults.
  init()
  /// What is wrong with a configuration whose values are all right by themselves, given the keys
  /// that were written.
  func problems(given: Set<String>) -> [KeyProblem]
}

extension Configurable {
  package static var rules: [KeyRule] { [] }
  package func problems(given: Set<String>) -> [KeyProblem] { [] }
}
