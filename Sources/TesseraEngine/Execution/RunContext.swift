import TesseraCodecs

/// What the steps and sinks of one image know of it and of each other.
package struct RunContext {
  /// The image's file and how it becomes rows.
  package let source: SourcePlan
  /// What travels with the image.
  package let metadata: ImageMetadata
  /// Final names of the files to write, by stage.
  package let outputs: [Int: [String]]
  /// Steps that keep statistics of the image, by stage.
  package internal(set) var inverses: [Int: any ImageInverse] = [:]

  /// The stage whose step or sink is made.
  package internal(set) var stageIndex = 0

  package init(source: SourcePlan, metadata: ImageMetadata, outputs: [Int: [String]]) {
    self.source = source
    self.metadata = metadata
    self.outputs = outputs
  }

  /// What a stage knows of this image's statistics.
  func inverse(ofStage stage: Int) -> any ImageInverse {
    guard let inverse = inverses[stage] else {
      preconditionFailure("stages[\(stage)] keeps statistics of the image")
    }
    return inverse
  }

  /// The final names of the files that the stage writes.
  package var paths: [String] {
    guard let paths = outputs[stageIndex], !paths.isEmpty else {
      preconditionFailure("stages[\(stageIndex)] writes a file and has no name for it")
    }
    return paths
  }
}

/// Knows how the values of one image turn back into those of its file.
package protocol ImageInverse: AnyObject {
  /// The maps that turn the values of some channels back into those of the file, and then on.
  func inverses(of channels: [Int], then: Affine) -> [Affine]
}
