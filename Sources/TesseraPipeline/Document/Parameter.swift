/// One key of a configuration: the only place that holds its name, range and sentence.
///
/// The default is what the stored property of `Root()` holds.
struct Parameter<Root: Configurable>: Sendable {
  /// The key in the pipeline file.
  let key: String
  /// One sentence for the documentation, units in brackets.
  let sentence: String
  /// Whether the key must be there.
  let isRequired: Bool
  /// What happens without the key, where that is no single value.
  let otherwise: String?
  /// The kind's short name.
  let type: String
  /// The kind's phrase for messages.
  let expected: String
  /// The kind's JSON Schema.
  let schema: JSONValue
  /// Reads a value into a configuration.
  let read: @Sendable (JSONValue, inout Root, inout Findings) -> Void
  /// Writes a configuration's value; `null` where there is none.
  let write: @Sendable (Root) -> JSONValue

  /// A key that has a value in every configuration.
  init<Value: Sendable>(
    _ key: String, _ property: WritableKeyPath<Root, Value> & Sendable,
    _ kind: ParameterKind<Value>, required: Bool = false, _ sentence: String
  ) {
    self.key = key
    self.sentence = sentence
    isRequired = required
    otherwise = nil
    type = kind.type
    expected = kind.expected
    schema = kind.schema
    read = { value, root, findings in
      if let value = kind.read(value, &findings) { root[keyPath: property] = value }
    }
    write = { kind.write($0[keyPath: property]) }
  }

  /// A key that may be left out for good; `otherwise` says what happens then.
  init<Value: Sendable>(
    _ key: String, optional property: WritableKeyPath<Root, Value?> & Sendable,
    _ kind: ParameterKind<Value>, otherwise: String? = nil, required: Bool = false,
    _ sentence: String
  ) {
    self.key = key
    self.sentence = sentence
    isRequired = required
    self.otherwise = otherwise
    type = kind.type
    expected = kind.expected
    schema = kind.schema
    read = { value, root, findings in
      if let value = kind.read(value, &findings) { root[keyPath: property] = value }
    }
    write = { root in root[keyPath: property].map(kind.write) ?? JSONValue(.null) }
  }
}

/// Something that a table of parameters configures: a stage, or a bank of kernels.
protocol Configurable: Hashable, Sendable {
  /// The word in the pipeline file.
  static var name: String { get }
  /// One line.
  static var summary: String { get }
  /// Its keys, in the order of the documentation.
  static var parameters: [Parameter<Self>] { get }
  /// Rules that concern several keys.
  static var rules: [KeyRule] { get }
  /// Every default.
  init()
  /// What is wrong with a configuration whose values are all right by themselves, given the keys
  /// that were written.
  func problems(given: Set<String>) -> [KeyProblem]
  /// What is wrong with it in its place among the other stages.
  func problems(given: Set<String>, taking flow: StageFlow) -> [KeyProblem]
}

extension Configurable {
  static var rules: [KeyRule] { [] }
  func problems(given: Set<String>) -> [KeyProblem] { [] }
  func problems(given: Set<String>, taking flow: StageFlow) -> [KeyProblem] { [] }
}
