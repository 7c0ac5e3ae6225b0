import TesseraConfiguration

/// Finds the stage that a key alone speaks of, as in `--set quality=50`.
enum StageKey {
  /// The path of a key from the top of the file: one that begins with no key of the top is that of
  /// the only stage that has it.
  ///
  /// Where several stages have it, the only one in which it is written is meant. A key that is like
  /// none of a stage stays, to be refused as one of the top.
  ///
  /// - Throws: the sentence on a key that no stage has, or several.
  static func path(
    completing path: DocumentPath, in root: JSONValue
  ) throws(Override.PathProblem) -> DocumentPath {
    guard case .key(let key)? = path.components.first, !PipelineReader.keys.contains(key),
      let stages = root["stages"]?.elements
    else { return path }
    func parameters(of stage: JSONValue) -> [ParameterDescription] {
      let type = StageCatalogue.types.first(where: { $0.name == stage["stage"]?.string })
      return type?.configuration.parameters ?? []
    }
    var having = stages.indices.filter { index in
      parameters(of: stages[index]).contains { $0.key == key }
    }
    let writing = having.filter { stages[$0][key] != nil }
    if having.count > 1, writing.count == 1 { having = writing }
    if let index = having.first, having.count == 1 {
      return DocumentPath(DocumentPath.stage(index).components + path.components)
    }
    guard having.isEmpty else {
      let paths = having.map { "\(DocumentPath.stage($0)).\(path)" }
      throw Override.PathProblem(
        "several stages have the key \"\(key)\": give \(Phrase.alternatives(paths))")
    }
    let keys = Set(stages.flatMap(parameters).map(\.key)).sorted()
    guard let meant = Spelling.nearest(to: key, in: keys) else {
      return path
    }
    throw Override.PathProblem(
      "no stage of the pipeline has the key \"\(key)\"", suggestion: meant)
  }
}
