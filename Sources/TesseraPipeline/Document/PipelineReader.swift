import TesseraConfiguration

/// Turns the top of a pipeline file into stages.
struct PipelineReader {
  /// One stage as it was read.
  struct Entry {
    /// Its type; `nil` where the name is unknown.
    let type: StageType?
    /// Its configuration, with defaults for what is wrong.
    let stage: (any Stage)?
    /// Where it and its keys were written.
    let place: StagePlace
    /// Whether nothing is wrong with it by itself.
    let isRight: Bool
  }

  private(set) var description: String?
  private(set) var entries: [Entry] = []

  /// The keys at the top of a file.
  static let keys = ["$schema", "version", "description", "stages"]

  /// Reads a pipeline and notes everything that is wrong with it.
  static func read(
    _ root: JSONValue, needsResult: Bool = true, _ findings: inout Findings
  ) -> PipelineReader {
    var reader = PipelineReader()
    guard
      let members = findings.members(
        of: root, keys: keys, expected: "an object with \"version\" and \"stages\"")
    else { return reader }
    let string = ParameterKind<String>.string("a string of at least one character")
    if let schema = members.values["$schema"] {
      _ = findings.within(.key("$schema")) { string.read(schema, &$0) }
    }
    if let text = members.values["description"] {
      reader.description = findings.within(.key("description")) { string.read(text, &$0) }
    }
    findings.within(.key("version")) { checkVersion(members, root, &$0) }
    findings.within(.key("stages")) {
      reader.readStages(members, root, needsResult: needsResult, &$0)
    }
    return reader
  }

  private static func checkVersion(
    _ members: Findings.Members, _ root: JSONValue, _ findings: inout Findings
  ) {
    let expected = "\(Pipeline.formatVersion), the version of the format"
    guard let version = members.values["version"] else {
      if !members.has("version") {
        findings.add(.missingKey(expected: expected), at: root.position)
      }
      return
    }
    if version.number?.integer != Pipeline.formatVersion {
      findings.mismatch(version, expected: expected, suggestion: version.withoutQuotes)
    }
  }

  private mutating func readStages(
    _ members: Findings.Members, _ root: JSONValue, needsResult: Bool,
    _ findings: inout Findings
  ) {
    let expected = "a list of stages"
    guard let stages = members.values["stages"] else {
      if !members.has("stages") {
        findings.add(.missingKey(expected: expected), at: root.position)
      }
      return
    }
    guard let elements = stages.elements, !elements.isEmpty else {
      findings.mismatch(stages, expected: expected)
      return
    }
    guard elements.count <= Limits.stages else {
      findings.add(
        .mismatch(expected: "at most \(Limits.stages) stages", found: "\(elements.count)"),
        at: stages.position)
      return
    }
    for (index, element) in elements.enumerated() {
      entries.append(findings.within(.index(index)) { Self.readStage(element, &$0) })
    }
    Grammar.check(entries, list: stages.position, needsResult: needsResult, &findings)
  }

  private static func readStage(_ value: JSONValue, _ findings: inout Findings) -> Entry {
    let unknown = Entry(
      type: nil, stage: nil, place: StagePlace(position: value.position, keys: [:]), isRight: false)
    guard value.members != nil else {
      findings.mismatch(value, expected: "an object with the key \"stage\"")
      return unknown
    }
    let catalogue = StageCatalogue.types
    guard
      let known = findings.type(
        of: value, discriminator: "stage", among: catalogue.map(\.configuration), "stage"),
      let type = catalogue.first(where: { $0.name == known.name })
    else { return unknown }
    return findings.naming(stage: known.name) { findings in
      let (stage, positions, isRight) = known.read(value, &findings)
      return Entry(
        type: type, stage: stage,
        place: StagePlace(position: value.position, keys: positions), isRight: isRight)
    }
  }

  /// The stages as a pipeline file; a type that is not in the catalogue becomes its bare name.
  static func written(_ stages: [any Stage], description: String?) -> JSONValue {
    var members = [JSONMember("version", JSONValue(.number(JSONNumber(Pipeline.formatVersion))))]
    if let description {
      members.append(JSONMember("description", JSONValue(.string(description))))
    }
    let objects = stages.map { stage in
      let type = StageCatalogue.types.first { $0.configuration.matches(stage) }
      return type?.configuration.write(stage) ?? .init(.string("\(Swift.type(of: stage))"))
    }
    members.append(JSONMember("stages", JSONValue(.array(objects))))
    return JSONValue(.object(members))
  }
}
