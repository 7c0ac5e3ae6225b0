import TesseraThreads

/// How a folder is run.
public struct BatchOptions: Sendable {
  /// Number of workers, at least 1.
  public var jobs: Int
  /// What the plans of the inputs in work may ask for together [bytes]; `nil` sets no limit.
  public var memoryLimit: Int?
  /// Whether the first failure ends the run.
  public var failsFast = false
  /// Whether outputs that exist are replaced; inputs never are.
  public var overwrites = false
  /// The folder of the report and the records; `nil` keeps none, and then nothing is known as done
  /// by the next run.
  public var folder: String?
  /// What changes with every setting that changes an output: the pipeline's digest and the version
  /// of Tessera.
  public var recipe: String

  /// Processors that this process may use: a good number of workers.
  public static var processorCount: Int { Processors.count }

  /// Sets what every run needs; the rest stays as it is by default.
  public init(recipe: String, folder: String?, jobs: Int = 1) {
    self.recipe = recipe
    self.folder = folder
    self.jobs = max(jobs, 1)
  }
}
