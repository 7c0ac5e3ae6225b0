/// A configuration as it was read.
package struct ReadConfiguration<Root: Configurable> {
  /// The values, defaults where a key was missing or wrong.
  package let configuration: Root
  /// Where the value of each known key was written.
  package let positions: [String: SourcePosition]
  /// Whether nothing was wrong with it.
  package let isRight: Bool
}

extension Findings {
  /// Notes a broken rule at its key, or at the whole configuration.
  package mutating func add(
    _ problem: KeyProblem, positions: [String: SourcePosition], whole: SourcePosition
  ) {
    guard let key = problem.key else {
      add(.rule(problem.sentence), at: whole)
      return
    }
    within(.key(key)) { $0.add(.rule(problem.sentence), at: positions[key] ?? whole) }
  }
}

extension Configurable {
  /// Reads an object and notes everything that is wrong with it.
  ///
  /// The key that names the type, `stage` or `name`, has been read by the caller.
  package static func read(
    _ value: JSONValue, discriminator: String, _ findings: inout Findings
  ) -> ReadConfiguration<Self> {
    let keys = [discriminator] + parameters.map(\.key)
    let members = findings.members(of: value, keys: keys, expected: "an object") ?? .init()
    var configuration = Self()
    let before = findings.count
    var wrong: Set<String> = []
    for parameter in parameters {
      findings.within(.key(parameter.key)) { findings in
        let before = findings.count
        if let value = members.values[parameter.key] {
          parameter.read(value, &configuration, &findings)
        } else if parameter.isRequired, !members.has(parameter.key) {
          findings.add(.missingKey(expected: parameter.expected), at: value.position)
        }
        if findings.count > before { wrong.insert(parameter.key) }
      }
    }
    let positions = members.values.mapValues(\.position)
    let given = Set(keys.dropFirst().filter(members.has))
    let keysAtHand = KeysAtHand(
      given: given,
      changed: given.filter { wrong.contains($0) || !configuration.holdsDefault(of: $0) },
      wrong: wrong
    ) {
      configuration.word(of: $0)
    }
    var problems = rules.flatMap { $0.problems(keysAtHand) }
    if problems.isEmpty, findings.count == before {
      problems = configuration.problems(given: keysAtHand.given)
    }
    for problem in problems {
      findings.add(problem, positions: positions, whole: value.position)
    }
    return ReadConfiguration(
      configuration: configuration, positions: positions,
      isRight: findings.count == before && members.misspelt.isEmpty)
  }

  /// The word that a key has, written or by default.
  package func word(of key: String) -> String? { value(of: key).string }

  /// Whether a key has the value that it has where nobody gives one.
  package func holdsDefault(of key: String) -> Bool {
    let value = value(of: key)
    return value == Self().value(of: key) || Self.defaults(of: key).contains(value)
  }

  /// Values that say the same as leaving a key out, that of the configuration without a key first.
  private static func defaults(of key: String) -> [JSONValue] {
    guard let parameter = parameters.first(where: { $0.key == key }) else { return [] }
    return [parameter.write(Self())].filter { !$0.isNull } + parameter.defaults
  }

  private func value(of key: String) -> JSONValue {
    Self.parameters.first { $0.key == key }?.write(self) ?? JSONValue(.null)
  }

  /// The configuration as an object: what is required, and what differs from the defaults.
  package func written(discriminator: String) -> JSONValue {
    let defaults = Self()
    var members = [JSONMember(discriminator, JSONValue(.string(Self.name)))]
    for parameter in Self.parameters {
      let value = parameter.write(self)
      if !value.isNull, parameter.isRequired || value != parameter.write(defaults) {
        members.append(JSONMember(parameter.key, value))
      }
    }
    return JSONValue(.object(members))
  }

  /// The JSON Schema of such an object.
  package static func schema(discriminator: String, discussion: String) -> JSONValue {
    let defaults = Self()
    var properties = [JSONMember(discriminator, ["const": JSONValue(.string(name))])]
    for parameter in parameters {
      var members: [JSONMember] = [
        JSONMember("description", JSONValue(.string(parameter.sentence)))
      ]
      members += parameter.schema.members ?? []
      let standard = parameter.write(defaults)
      if !parameter.isRequired, !standard.isNull { members.append(JSONMember("default", standard)) }
      properties.append(JSONMember(parameter.key, JSONValue(.object(members))))
    }
    let required = [discriminator] + parameters.filter(\.isRequired).map(\.key)
    var members: [JSONMember] = [
      JSONMember("description", JSONValue(.string(discussion))),
      JSONMember("type", "object"),
      JSONMember("properties", JSONValue(.object(properties))),
      JSONMember("required", JSONValue(.array(required.map { JSONValue(.string($0)) }))),
      JSONMember("additionalProperties", false),
    ]
    if !rules.isEmpty {
      let schemas = rules.map { $0.schema(defaults: Self.defaults) }
      members.append(JSONMember("allOf", JSONValue(.array(schemas))))
    }
    return JSONValue(.object(members))
  }
}
