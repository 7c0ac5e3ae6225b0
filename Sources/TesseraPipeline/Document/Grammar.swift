import TesseraConfiguration

/// The order of stages, as far as it can be judged without an image.
enum Grammar {
  /// Notes every stage that cannot stand where it does.
  ///
  /// Behind a stage of unknown type nothing is said about layouts until one settles them.
  static func check(
    _ entries: [PipelineReader.Entry], list: SourcePosition, needsResult: Bool,
    _ findings: inout Findings
  ) {
    var flow: StageFlow? = .image
    var cut: Cut?
    for (index, entry) in entries.enumerated() {
      guard let type = entry.type else {
        flow = nil
        continue
      }
      let role = entry.stage?.flowRole ?? type.role
      findings.within(.index(index)) { findings in
        findings.naming(stage: type.name) { findings in
          let position = entry.place.position
          if let sentence = misplacement(of: type, at: index, in: entries) {
            findings.add(.rule(sentence), at: position)
          } else if let flow, let sentence = misfit(role, flow, cut) {
            findings.add(.rule(sentence), at: position)
          } else if let flow, let stage = entry.stage, entry.isRight {
            checkKeys(stage, type, flow, entry.place, &findings)
          }
        }
      }
      switch role {
      case .source, .join: flow = .image
      case .cut: (flow, cut) = (.patches, Cut(index: index, name: type.name))
      case .image, .patches, .either, .output: break
      }
    }
    checkOutputs(entries, list: list, needsResult: needsResult, &findings)
  }

  private static func misplacement(
    of type: StageType, at index: Int, in entries: [PipelineReader.Entry]
  ) -> String? {
    switch (type.role, index) {
    case (.source, 0): nil
    case (.source, _): "stands only at the beginning, and once"
    case (_, 0):
      "the first stage must be \(alternatives(.source)), and here is \"\(type.name)\""
    default: nil
    }
  }

  /// The stage since which patches flow.
  private struct Cut {
    let index: Int
    let name: String
  }

  /// The stages of a role in words, each in quotes.
  private static func alternatives(_ role: StageRole) -> String {
    Phrase.alternatives(StageCatalogue.names(of: role))
  }

  /// Why a stage cannot take what flows.
  private static func misfit(_ role: StageRole, _ flow: StageFlow, _ cut: Cut?) -> String? {
    switch (role, flow) {
    case (.image, .patches), (.cut, .patches):
      "takes an image, and here are patches"
        + (cut.map { " since stages[\($0.index)] (\($0.name))" } ?? "")
        + "; a \(alternatives(.join)) before it makes them an image"
    case (.patches, .image), (.join, .image):
      "takes patches, and here is an image; an \(alternatives(.cut)) before it cuts it"
    default: nil
    }
  }

  private static func checkKeys(
    _ stage: any Stage, _ type: StageType, _ flow: StageFlow, _ place: StagePlace,
    _ findings: inout Findings
  ) {
    for problem in type.problems(stage, Set(place.keys.keys), flow) {
      findings.add(problem, positions: place.keys, whole: place.position)
    }
  }

  private static func checkOutputs(
    _ entries: [PipelineReader.Entry], list: SourcePosition, needsResult: Bool,
    _ findings: inout Findings
  ) {
    let names = StageCatalogue.resultNames
    let hasResult = entries.contains { entry in
      entry.type.map { names.contains($0.name) } ?? true
    }
    if needsResult, !hasResult {
      findings.add(
        .rule("expected at least one \(Phrase.alternatives(names)), found neither"), at: list)
    }
    var destinations: [WrittenFiles: Int] = [:]
    for (index, entry) in entries.enumerated() {
      guard let stage = entry.stage as? any OutputStage else { continue }
      let files = WrittenFiles(stage.files, in: stage.files.folder)
      guard let first = destinations[files] else {
        destinations[files] = index
        continue
      }
      findings.within(.index(index)) { findings in
        findings.naming(stage: type(of: stage).name) {
          $0.add(
            .rule(
              "writes the same files as stages[\(first)] (\(entries[first].type?.name ?? "")): give another \"path\", "
                + "\"format\" or \"name\""),
            at: entry.place.position)
        }
      }
    }
  }
}
