import TesseraCodecs
import TesseraFiles
import TesseraThreads

/// What the steps and sinks of one image know of it and of each other.
package struct RunContext {
  /// The image's file and how it becomes rows.
  package let source: SourcePlan
  /// What travels with the image.
  package let metadata: ImageMetadata
  /// Final names of the files to write, by stage; what a stage without would write is kept in memory.
  package let outputs: [Int: [String]]
  /// Asked by whatever takes long.
  package let cancellation: Cancellation
  /// Steps that keep statistics of the image, by stage.
  package internal(set) var inverses: [Int: any ImageInverse] = [:]

  /// The stage whose step or sink is made.
  package internal(set) var stageIndex = 0

  package init(
    source: SourcePlan, metadata: ImageMetadata, outputs: [Int: [String]] = [:],
    cancellation: Cancellation = Cancellation()
  ) {
    self.source = source
    self.metadata = metadata
    self.outputs = outputs
    self.cancellation = cancellation
  }

  /// What a stage knows of this image's statistics.
  func inverse(ofStage stage: Int) -> any ImageInverse {
    guard let inverse = inverses[stage] else {
      preconditionFailure("stages[\(stage)] keeps statistics of the image")
    }
    return inverse
  }

  /// Where the arrays or pictures of the stage go.
  ///
  /// - Parameter count: how many there are.
  /// - Returns: a place for each.
  /// - Throws: `RunError.output` where the system refuses a file.
  func places(_ count: Int) throws(RunError) -> [OutputPlace] {
    guard let paths = outputs[stageIndex] else { return Array(repeating: .memory, count: count) }
    guard paths.count == count else {
      preconditionFailure("stages[\(stageIndex)] has a name for each file that it writes")
    }
    return try AtomicFile.beside(paths).map { .file($0) }
  }
}

/// Knows how the values of one image turn back into those of its file.
package protocol ImageInverse: AnyObject {
  /// The maps that turn the values of some channels back into those of the file, and then on.
  func inverses(of channels: [Int], then: Affine) -> [Affine]
}
