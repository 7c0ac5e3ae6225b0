/// A rule that concerns several keys: checked, documented and part of the JSON Schema.
package enum KeyRule: Hashable, Sendable {
  /// One of the keys must be there, and no second one.
  case exactlyOne([String])
  /// No two of the keys together.
  case atMostOne([String])
  /// The keys mean something only when another key has one of these words; what holds its default
  /// may stand all the same.
  case only([String], with: String, words: [String])
  /// Where any of the keys is there, some must be.
  case together([String], need: [String])
  /// Where another key has one of these words, the keys must be there.
  case needed([String], by: String, words: [String])
}

extension KeyRule {
  /// The rule in words, as the documentation has it.
  package var sentence: String {
    switch self {
    case .exactlyOne(let keys): "Exactly one of \(Self.list(keys, "and")) is given."
    case .atMostOne(let keys): "At most one of \(Self.list(keys, "and")) is given."
    case .only(let keys, let key, let words):
      """
      \(Self.list(keys, "and")) \(keys.count == 1 ? "applies" : "apply") only with \
      `\(key)` \(words.joined(separator: " or ")).
      """
    case .together(let keys, let need):
      "Where any of \(Self.list(keys, "or")) is given, \(Self.list(need, "and")) are."
    case .needed(let keys, let key, let words):
      "`\(key)` \(words.joined(separator: " or ")) needs \(Self.list(keys, "and"))."
    }
  }

  private static func list(_ keys: [String], _ joint: String) -> String {
    let quoted = keys.map { "`\($0)`" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
    return "\(quoted.dropLast().joined(separator: ", ")) \(joint) \(last)"
  }

  /// What breaks the rule.
  package func problems(_ keys: KeysAtHand) -> [KeyProblem] {
    switch self {
    case .exactlyOne(let choices):
      if choices.contains(where: keys.given.contains) { return exclusion(choices, keys.given) }
      return [
        KeyProblem(nil, "expected \(Phrase.alternatives(choices)), found no such key")
      ]
    case .atMostOne(let choices):
      return exclusion(choices, keys.given)
    case .together(let any, let need):
      guard let first = any.first(where: keys.given.contains) else { return [] }
      return need.filter { !keys.given.contains($0) }.map {
        KeyProblem(nil, "expected the key \"\($0)\" beside \"\(first)\", found no such key")
      }
    case .needed(let need, let key, let words):
      guard let word = keys.word(key), words.contains(word), !keys.wrong.contains(key) else {
        return []
      }
      return need.filter { !keys.given.contains($0) }.map {
        KeyProblem(key, "\(JSONWriter.quoted(word)) needs the key \"\($0)\", found no such key")
      }
    case .only(let dependent, let key, let words):
      let found = keys.word(key)
      guard !keys.wrong.contains(key), !words.contains(where: { $0 == found }) else { return [] }
      let wanted = words.map(JSONWriter.quoted).joined(separator: " or ")
      let state = found.map { "and here that is \(JSONWriter.quoted($0))" } ?? "which is not given"
      return dependent.filter(keys.changed.contains).map {
        KeyProblem($0, "applies only with \"\(key)\": \(wanted), \(state)")
      }
    }
  }

  private func exclusion(_ keys: [String], _ given: Set<String>) -> [KeyProblem] {
    let present = keys.filter(given.contains)
    guard let first = present.first else { return [] }
    return present.dropFirst().map {
      KeyProblem($0, "cannot stand beside \(JSONWriter.quoted(first)): give one of the two")
    }
  }

  /// The rule as a JSON Schema to be added to `allOf`, given the values that say the same as leaving a
  /// key out.
  package func schema(defaults: (String) -> [JSONValue]) -> JSONValue {
    func defaultWord(_ key: String) -> String? { defaults(key).first?.string }
    switch self {
    case .exactlyOne(let keys):
      return ["oneOf": JSONValue(.array(keys.map { Self.required([$0]) }))]
    case .atMostOne(let keys):
      let pairs = keys.indices.flatMap { i in
        keys.indices.filter { $0 > i }.map { Self.required([keys[i], keys[$0]]) }
      }
      return ["not": Schema.any(of: pairs)]
    case .together(let keys, let need):
      return ["if": Schema.any(of: keys.map { Self.required([$0]) }), "then": Self.required(need)]
    case .needed(let need, let key, let words):
      let isDefault = words.contains(defaultWord(key) ?? "")
      var condition = [JSONMember("properties", Self.words(words, of: key))]
      if !isDefault { condition += Self.required([key]).members ?? [] }
      return ["if": JSONValue(.object(condition)), "then": Self.required(need)]
    case .only(let keys, let key, let words):
      var then = [JSONMember("properties", Self.words(words, of: key))]
      if !words.contains(defaultWord(key) ?? "") {
        then.append(JSONMember("required", [JSONValue(.string(key))]))
      }
      return [
        "if": Schema.any(of: keys.map { Self.changed($0, from: defaults($0)) }),
        "then": JSONValue(.object(then)),
      ]
    }
  }

  private static func words(_ words: [String], of key: String) -> JSONValue {
    JSONValue(.object([JSONMember(key, Schema.words(words))]))
  }

  /// A key that is there and does not hold one of its defaults.
  private static func changed(_ key: String, from defaults: [JSONValue]) -> JSONValue {
    guard !defaults.isEmpty else { return required([key]) }
    let other: JSONValue = ["not": ["enum": JSONValue(.array(defaults))]]
    return [
      "required": [JSONValue(.string(key))],
      "properties": JSONValue(.object([JSONMember(key, other)])),
    ]
  }

  private static func required(_ keys: [String]) -> JSONValue {
    ["required": JSONValue(.array(keys.map { JSONValue(.string($0)) }))]
  }
}

/// The keys of a configuration that was read, as far as rules need them.
package struct KeysAtHand {
  /// Those that were written, in whatever spelling.
  package let given: Set<String>
  /// Those of them that do not hold their defaults.
  package let changed: Set<String>
  /// Those whose values were not understood.
  package let wrong: Set<String>
  /// The word that a key has, written or by default; `nil` where it has none.
  package let word: (String) -> String?
}

/// A broken rule.
package struct KeyProblem: Hashable, Sendable {
  /// The key to point at; `nil` points at the whole configuration.
  package let key: String?
  /// One clause without a full stop.
  package let sentence: String

  package init(_ key: String?, _ sentence: String) {
    self.key = key
    self.sentence = sentence
  }
}
