/// What takes bytes of any origin: each returns for every input, whether that is accepted or refused.
///
/// A trap, a hang and a ``BrokenLaw`` are findings. Inputs are read as a user's would be, from files in a
/// folder in memory.
package enum FuzzTarget: String, CaseIterable, Sendable {
  /// Images as libpng reads them.
  case png
  /// Images as libjpeg reads them.
  case jpeg
  /// Images as libwebp reads them.
  case webp
  /// Images as libtiff reads them.
  case tiff
  /// Array files: .npy and safetensors.
  case npy
  /// Archives of inputs.
  case tar
  /// Pipeline files: parsed, checked, planned, explained.
  case json
  /// Lists of inputs, tables of labels, plans with the inputs of their shards, globs and numbers.
  case lists
  /// Datasets of patches, with what tells of them.
  case datasets
  /// What a run has kept for a later one.
  case records
  /// What the program of `transform.command` answers.
  case children
  /// A pipeline and an image, run to the end.
  case pipeline

  /// Does with some bytes whatever Tessera would.
  ///
  /// - Parameter bytes: the input.
  /// - Throws: ``BrokenLaw`` where something does not hold that must, and what the system refuses.
  package func run(_ bytes: [UInt8]) throws {
    let folder = try ScratchFolder()
    switch self {
    case .png: try PNGTarget.run(bytes, in: folder)
    case .jpeg: try JPEGTarget.run(bytes, in: folder)
    case .webp: try WebPTarget.run(bytes, in: folder)
    case .tiff: try TIFFTarget.run(bytes, in: folder)
    case .npy: try ArrayTarget.run(bytes, in: folder)
    case .tar: try ArchiveTarget.run(bytes, in: folder)
    case .json: try DocumentTarget.run(bytes)
    case .lists: try ListTarget.run(bytes, in: folder)
    case .datasets: try DatasetTarget.run(bytes, in: folder)
    case .records: try RecordTarget.run(bytes, in: folder)
    case .children: try ChildTarget.run(bytes)
    case .pipeline: try PipelineTarget.run(bytes, in: folder)
    }
  }
}

/// Something that must hold for every input, and does not for this one.
package struct BrokenLaw: Error, CustomStringConvertible {
  /// What was expected.
  package var description: String
}

/// Throws unless a law holds.
///
/// - Parameters:
///   - isKept: whether it does.
///   - law: the law, as a sentence.
/// - Throws: ``BrokenLaw``.
func expect(_ isKept: Bool, _ law: @autoclosure () -> String) throws(BrokenLaw) {
  if !isKept { throw BrokenLaw(description: law()) }
}
