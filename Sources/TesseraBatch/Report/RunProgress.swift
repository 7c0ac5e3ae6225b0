/// How far a run has come.
public struct RunProgress: Hashable, Sendable {
  /// Number of inputs.
  public var total = 0
  /// Inputs whose outputs were written by this run.
  public var okCount = 0
  /// Inputs that failed.
  public var failedCount = 0
  /// Inputs that an earlier run had done.
  public var skippedCount = 0
  /// Height · width of the images that were processed [px].
  public var pixelCount = 0
  /// Bytes of the inputs that this run has to process.
  public var plannedByteCount = 0
  /// Bytes of the inputs that this run has processed.
  public var readByteCount = 0
  /// Bytes of the outputs that were written.
  public var writtenByteCount = 0
  /// Time since the run began [s].
  public var seconds = 0.0
  /// The input that has been in work for longest; `nil` where none is.
  public var slowest: InputInWork?

  /// An input that is in work.
  public struct InputInWork: Hashable, Sendable {
    /// Its path, as the report has it.
    public var source: String
    /// Time since its work began [s].
    public var seconds: Double
  }

  /// Nothing has begun, and nothing is known yet of what there is to do.
  public init() {}

  /// Inputs that have ended.
  public var endedCount: Int { okCount + failedCount + skippedCount }
  /// Inputs that this run has processed.
  public var processedCount: Int { okCount + failedCount }
  /// Processed images per second; `nil` before the first.
  public var imagesPerSecond: Double? { rate(Double(processedCount)) }
  /// Processed megapixels per second; `nil` before the first image.
  public var megapixelsPerSecond: Double? { rate(Double(pixelCount) / 1e6) }

  /// Time to the end [s], by the bytes that are left to read; `nil` while that cannot be told.
  public var remainingSeconds: Double? {
    guard let rate = rate(Double(readByteCount)), readByteCount <= plannedByteCount else {
      return nil
    }
    return Double(plannedByteCount - readByteCount) / rate
  }

  private func rate(_ amount: Double) -> Double? {
    seconds > 0 && amount > 0 ? amount / seconds : nil
  }
}
