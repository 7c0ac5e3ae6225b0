import TesseraBatch
import TesseraConfiguration
import TesseraFiles
import TesseraPipeline

extension Pipeline {
  /// The datasets that the pipeline writes.
  ///
  /// - Throws: `PipelineFileError` where a table of labels cannot be read, or two datasets do not go
  ///   together.
  func datasets(
    to destinations: [Destination]
  ) throws(PipelineFileError) -> [DatasetOutput] {
    var datasets: [DatasetOutput] = []
    var diagnostics: [Diagnostic] = []
    for (index, files) in outputStages {
      guard let settings = files.dataset,
        let destination = destinations.first(where: { $0.stageIndex == index })
      else { continue }
      let places = datasets.map { Path.normalized($0.destination.directory) }
      if places.contains(Path.normalized(destination.directory)) {
        diagnostics.append(
          diagnostic(
            stage: index, key: "path",
            expected: "a folder of its own: a dataset has an index in it",
            found: "that of another dataset"))
      }
      if let first = datasets.first {
        let other = "stages[\(first.destination.stageIndex)]"
        if first.files.imagesPerShard != settings.imagesPerShard {
          diagnostics.append(
            diagnostic(
              stage: index, key: "images_per_shard", expected: "as many images as in \(other)",
              found: "another number; one run cuts all datasets alike"))
        }
        if first.files.split != settings.split {
          diagnostics.append(
            diagnostic(
              stage: index, key: "split", expected: "the parts of \(other)",
              found: "others; one run parts all datasets alike"))
        }
      }
      do throws(LabelTableError) {
        datasets.append(
          try DatasetOutput(
            destination, settings, format: files.format, of: type(of: stages[index]).name,
            resolving: resolve))
      } catch {
        diagnostics.append(
          diagnostic(
            stage: index, key: "labels", expected: "a readable table of labels", found: "\(error)"))
      }
    }
    guard diagnostics.isEmpty else { throw PipelineFileError(diagnostics, file: file) }
    return datasets
  }
}
