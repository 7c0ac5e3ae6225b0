/// A configuration as it was read.
struct ReadConfiguration<Root: Configurable> {
  /// The values, defaults where a key was missing or wrong.
  let configuration: Root
  /// Where the value of each known key was written.
  let positions: [String: SourcePosition]
}

extension Configurable {
  /// Reads an object and notes everything that is wrong with it.
  ///
  /// - Parameter discriminator: The key that names the type, already read: `stage` or `name`.
  static func read(
    _ value: JSONValue, discriminator: String, _ findings: inout Findings
  ) -> ReadConfiguration<Self> {
    let keys = [discriminator] + parameters.map(\.key)
    let members = findings.members(of: value, keys: keys, expected: "an object") ?? [:]
    var configuration = Self()
    let before = findings.diagnostics.count
    for parameter in parameters {
      findings.within(.key(parameter.key)) { findings in
        if let member = members[parameter.key] {
          parameter.read(member.value, &configuration, &findings)
        } else if parameter.isRequired {
          findings.add(.missingKey(expected: parameter.expected), at: value.position)
        }
      }
    }
    let positions = members.mapValues(\.value.position)
    let given = Set(positions.keys).subtracting([discriminator])
    check(configuration, given: given, findings.diagnostics.count == before) { key, problem in
      if let key {
        findings.within(.key(key)) {
          $0.add(problem, at: positions[key] ?? value.position)
        }
      } else {
        findings.add(problem, at: value.position)
      }
    }
    return ReadConfiguration(configuration: configuration, positions: positions)
  }

  /// Applies the rules, and where every value was right the configuration's own checks.
  private static func check(
    _ configuration: Self, given: Set<String>, _ valuesAreRight: Bool,
    report: (String?, Diagnostic.Problem) -> Void
  ) {
    for rule in rules {
      for (key, problem) in rule.problems(given: given, word: configuration.word) {
        report(key, problem)
      }
    }
    guard valuesAreRight else { return }
    for problem in configuration.problems(given: given) {
      report(problem.key, .rule(problem.sentence))
    }
  }

  /// The word that a key has, written or by default.
  func word(of key: String) -> String? {
    Self.parameters.first { $0.key == key }?.write(self).string
  }

  /// The configuration as an object: what is required, and what differs from the defaults.
  func written(discriminator: String) -> JSONValue {
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
  static func schema(discriminator: String, discussion: String) -> JSONValue {
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
      let schemas = rules.map { $0.schema(defaultWord: defaults.word) }
      members.append(JSONMember("allOf", JSONValue(.array(schemas))))
    }
    return JSONValue(.object(members))
  }
}
