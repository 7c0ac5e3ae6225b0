import TesseraBatch
import TesseraCore

/// What a pipeline made of an image in memory.
///
/// Everything but the times follows from the pixels and the pipeline alone.
public struct ArrayResult: Sendable {
  /// What one file would hold.
  public struct Output: Hashable, Sendable {
    /// The `encode`, counted from 0 among all stages.
    public let stageIndex: Int
    /// Sides, type and values in the order of the file: the axes of an array as `layout` says, or
    /// channels, height and width of a picture before its codec.
    public let array: ValueArray

    /// Sides of the array, slowest first.
    public var shape: [Int] { array.shape }
    /// Type of the values, as NumPy spells it.
    public var dtype: String { array.type.rawValue }
  }

  /// One per file, in order of the stages: an `encode` that gives every channel a file of its own
  /// has as many.
  public let outputs: [Output]
  /// Sentences on what was odd but accepted.
  public let warnings: [String]
  /// Figures of `compare`, in order of the stages.
  public let metrics: [Metric]
  /// Blocks of all unfolds together.
  public let blocks: Int
  /// Share of values that an integer output had to clip, 0…1; `nil` where nothing was converted.
  public let saturatedFraction: Double?
  /// Time by stage.
  public let stageTimes: [StageTime]
}
