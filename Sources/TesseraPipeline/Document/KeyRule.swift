/// A rule that concerns several keys: checked, documented and part of the JSON Schema.
enum KeyRule: Hashable, Sendable {
  /// One of the keys must be there, and no second one.
  case exactlyOne([String])
  /// No two of the keys together.
  case atMostOne([String])
  /// The keys mean something only when another key has one of these words.
  case only([String], with: String, words: [String])
  /// Where any of the keys is there, some must be.
  case together([String], need: [String])
}

extension KeyRule {
  /// One sentence for the documentation.
  var sentence: String {
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
    }
  }

  private static func list(_ keys: [String], _ joint: String) -> String {
    let quoted = keys.map { "`\($0)`" }
    guard let last = quoted.last, quoted.count > 1 else { return quoted.joined() }
    return "\(quoted.dropLast().joined(separator: ", ")) \(joint) \(last)"
  }

  /// The broken rule, each time with the key to point at; `nil` points at the whole.
  ///
  /// - Parameters:
  ///   - given: The keys that were written.
  ///   - word: The word that a key has, written or by default.
  func problems(
    given: Set<String>, word: (String) -> String?
  ) -> [(key: String?, problem: Diagnostic.Problem)] {
    switch self {
    case .exactlyOne(let keys):
      if !keys.contains(where: given.contains) {
        let wanted = Phrase.alternatives(keys)
        return [
          (nil, .rule("expected \(keys.count > 2 ? "" : "either ")\(wanted), found no such key"))
        ]
      }
      return exclusion(keys, given)
    case .atMostOne(let keys):
      return exclusion(keys, given)
    case .together(let keys, let need):
      guard let first = keys.first(where: given.contains) else { return [] }
      return need.filter { !given.contains($0) }.map {
        (nil, .rule("expected the key \"\($0)\" beside \"\(first)\", found no such key"))
      }
    case .only(let keys, let key, let words):
      guard let found = word(key), !words.contains(found) else { return [] }
      let wanted = words.map(JSONWriter.quoted).joined(separator: " or ")
      return keys.filter(given.contains).map {
        (
          $0,
          .rule(
            "applies only with \"\(key)\": \(wanted), and here that is \(JSONWriter.quoted(found))")
        )
      }
    }
  }

  private func exclusion(
    _ keys: [String], _ given: Set<String>
  ) -> [(key: String?, problem: Diagnostic.Problem)] {
    let present = keys.filter(given.contains)
    guard let first = present.first else { return [] }
    return present.dropFirst().map {
      ($0, .rule("cannot stand beside \(JSONWriter.quoted(first)): give one of the two"))
    }
  }

  /// The rule as a JSON Schema to be added to `allOf`.
  ///
  /// - Parameter defaultWord: The word that a key has when it is not written.
  func schema(defaultWord: (String) -> String?) -> JSONValue {
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
    case .only(let keys, let key, let words):
      var then: [JSONMember] = [
        JSONMember("properties", JSONValue(.object([JSONMember(key, Schema.words(words))])))
      ]
      if !words.contains(defaultWord(key) ?? "") {
        then.append(JSONMember("required", [JSONValue(.string(key))]))
      }
      return [
        "if": Schema.any(of: keys.map { Self.required([$0]) }), "then": JSONValue(.object(then)),
      ]
    }
  }

  private static func required(_ keys: [String]) -> JSONValue {
    ["required": JSONValue(.array(keys.map { JSONValue(.string($0)) }))]
  }
}
