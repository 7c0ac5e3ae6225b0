import TesseraConfiguration

/// The programs that the stages of a pipeline run, looked up and not started.
struct StagePrograms {
  /// Files, by the names that are written in the pipeline.
  private(set) var paths: [String: String] = [:]
  /// What is wrong with them.
  private(set) var diagnostics: [Diagnostic] = []

  /// Looks for what the stages of a pipeline name.
  init(_ pipeline: Pipeline) {
    for (index, stage) in pipeline.stages.enumerated() {
      for program in stage.programs {
        if let path = pipeline.file(of: program) {
          paths[program.name] = path
          continue
        }
        let isPath = program.name.contains("/")
        diagnostics.append(
          pipeline.diagnostic(
            stage: index, key: program.key,
            expected: "a program that can be run "
              + (isPath ? "there, seen from the pipeline file" : "on PATH"),
            found: "no \(JSONWriter.quoted(program.name))"))
      }
    }
  }
}
