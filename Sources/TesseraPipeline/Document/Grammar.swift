import TesseraConfiguration

/// The order of stages, as far as it can be judged without an image.
enum Grammar {
  /// Notes every stage that cannot stand where it does.
  ///
  /// Behind a stage of unknown type nothing is said about layouts until one settles them.
  static func check(
    _ entries: [PipelineReader.Entry], list: SourcePosition, _ findings: inout Findings
  ) {
    var flow: StageFlow? = .image
    var cut: Int?
    for (index, entry) in entries.enumerated() {
      guard let type = entry.type else {
        flow = nil
        continue
      }
      findings.within(.index(index)) { findings in
        findings.naming(stage: type.name) { findings in
          let position = entry.place.position
          if let sentence = misplacement(of: type, at: index, in: entries) {
            findings.add(.rule(sentence), at: position)
          } else if let flow, let sentence = misfit(type.role, flow, cut) {
            findings.add(.rule(sentence), at: position)
          } else if let flow, let stage = entry.stage, entry.isRight {
            checkKeys(stage, type, flow, entry.place, &findings)
          }
        }
      }
      switch type.role {
      case .source, .join: flow = .image
      case .cut: (flow, cut) = (.patches, index)
      case .image, .patches, .either, .output: break
      }
    }
    checkOutputs(entries, list: list, &findings)
  }

  private static func misplacement(
    of type: StageType, at index: Int, in entries: [PipelineReader.Entry]
  ) -> String? {
    switch (type.role, index) {
    case (.source, 0): nil
    case (.source, _): "stands only at the beginning, and once"
    case (_, 0): "the first stage must be \"\(Load.name)\", and here is \"\(type.name)\""
    default: nil
    }
  }

  /// Why a stage cannot take what flows.
  private static func misfit(_ role: StageRole, _ flow: StageFlow, _ cut: Int?) -> String? {
    switch (role, flow) {
    case (.image, .patches), (.cut, .patches):
      "takes an image, and here are patches"
        + (cut.map { " since stages[\($0)] (\(Unfold.name))" } ?? "")
        + "; a \"\(Fold.name)\" before it makes them an image"
    case (.patches, .image), (.join, .image):
      "takes patches, and here is an image; an \"\(Unfold.name)\" before it cuts it"
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
    _ entries: [PipelineReader.Entry], list: SourcePosition, _ findings: inout Findings
  ) {
    let names = [Encode.name, Compare.name]
    let hasResult = entries.contains { entry in
      entry.type.map { names.contains($0.name) } ?? true
    }
    if !hasResult {
      findings.add(
        .rule("expected at least one \(Phrase.alternatives(names)), found neither"), at: list)
    }
    var destinations: [WrittenFiles: Int] = [:]
    for (index, entry) in entries.enumerated() {
      guard let encode = entry.stage as? Encode else { continue }
      let files = WrittenFiles(encode, in: encode.path)
      guard let first = destinations[files] else {
        destinations[files] = index
        continue
      }
      findings.within(.index(index)) { findings in
        findings.naming(stage: Encode.name) {
          $0.add(
            .rule(
              "writes the same files as stages[\(first)] (\(Encode.name)): give another \"path\", "
                + "\"format\" or \"name\""),
            at: entry.place.position)
        }
      }
    }
  }
}
