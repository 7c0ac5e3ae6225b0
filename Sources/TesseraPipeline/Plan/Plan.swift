import TesseraCore
import TesseraEngine

/// Everything that a run of one pipeline on one image will do: every shape, type and byte, known
/// before a pixel is read.
///
/// A plan cannot fail for reasons of shape.
public struct Plan: Sendable {
  /// A stage and what flows after it.
  struct StageRow: Sendable {
    var index: Int
    var name: String
    var layout: Layout
    /// What the stage writes.
    var file: PlannedFile?
    /// What it is made of, where that is other stages.
    var steps: [Lowered.Step]
    /// What is seen of it, where stages are looked at.
    var viewed: ViewedLayout?
  }

  /// The pipeline's stages, with what flows after each.
  let stages: [StageRow]
  /// The work, its windows and its memory.
  package let work: GraphPlan
  /// Blocks of all `unfold` stages together; a convolution straight on an image adds none.
  public let blockCount: Int
  /// The image that random choices were made for; `nil` where there are none.
  public let chosenFor: ImageIdentity?

  /// What flows in the end.
  package var finalLayout: Layout? { stages.last?.layout }

  /// The image as it is loaded, oriented and in the colours asked for.
  public var source: SourcePlan { work.source }

  /// Bytes that one image takes at most: windows, tables, working memory, and what its decoder holds.
  public var byteCount: Int { work.byteCount }

  /// Names of the faster ways that were taken, with the same bits.
  public var rewrites: [String] { work.rewrites }

  /// How many files a stage writes for the image, where every channel gets its own.
  package func channelFiles(ofStage index: Int) -> Int? {
    stages.first { $0.index == index }?.file?.channelFiles
  }

  /// What a stage writes for the image.
  package func file(ofStage index: Int) -> PlannedFile? {
    stages.first { $0.index == index }?.file
  }

  /// Stages that write arrays which are put together with others.
  package var stagesKeptInMemory: [Int] {
    stages.filter { stage in
      guard let file = stage.file else { return false }
      return file.format == .safetensors || !file.companions.isEmpty
        || file.paddedBlockCount != nil
    }.map(\.index)
  }

  /// What flows after each stage.
  package var flows: [StageFlow] { stages.map { $0.layout.grid == nil ? .image : .patches } }

  /// The stages that compare with what was loaded.
  package var comparingStages: Set<Int> {
    Set(work.nodes.filter(\.readsLoaded).map(\.stageIndex))
  }

  /// What is seen of the stages, in their order; empty where files are written.
  package var viewed: [ViewedLayout] { stages.compactMap(\.viewed) }

  /// What a stage puts into a dataset for the image.
  package func dataset(ofStage index: Int) -> PlannedDataset? {
    stages.first { $0.index == index }?.file?.dataset
  }

  /// Bytes of arrays that are kept until they have a place in a file of many images, or are written with
  /// what goes along.
  package var heldByteCount: Int {
    files.reduce(0) { sum, file in
      let along = file.companions.reduce(0) { $0.saturating(plus: $1.heldByteCount) }
      if let dataset = file.dataset {
        return sum.saturating(plus: dataset.byteCount.saturating(plus: along))
      }
      guard
        file.format == .safetensors || file.paddedBlockCount != nil || !file.companions.isEmpty
      else { return sum }
      let bytes = file.shape.reduce(file.storedType.byteCount) { $0.saturating(times: $1) }
      return sum.saturating(plus: bytes.saturating(plus: along))
    }
  }

  /// What is written for the image, in order of the stages.
  public var files: [PlannedFile] { stages.compactMap(\.file) }

  /// Bytes of everything that is written; `nil` where they depend on the values.
  package var outputByteCount: Int? {
    files.reduce(0 as Int?) { sum, file in
      guard let sum, let bytes = file.byteCount else { return nil }
      return sum.saturating(plus: bytes.saturating(times: file.channelFiles ?? 1))
    }
  }

  /// Bytes of the arrays that a run in memory gives, at most.
  package var arrayByteCount: Int {
    files.reduce(0) { sum, file in
      let bytes = file.shape.reduce(file.storedType.byteCount) { $0.saturating(times: $1) }
      return sum.saturating(plus: bytes.saturating(times: file.channelFiles ?? 1))
    }
  }

  /// What comes in and what is written: `3 × 480 × 640 uint8 → npy 1200 × 768 uint8`.
  package var summary: String {
    let files = files.map(\.summary).joined(separator: "; ")
    return "\(source.layout.shape) \(source.elementType.rawValue) → "
      + (files.isEmpty ? "no file" : files)
  }
}
