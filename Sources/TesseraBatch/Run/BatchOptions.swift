import TesseraCore
import TesseraFiles
import TesseraThreads

/// How a folder is run.
public struct BatchOptions: Sendable {
  /// Number of workers, at least 1.
  public var jobs: Int
  /// What the plans of the inputs in work may ask for together [bytes]; `nil` sets no limit but that of
  /// the machine, its control group and the process.
  public var memoryLimit: Int?
  /// Whether the first failure ends the run.
  public var failsFast = false
  /// Whether outputs that exist are replaced; inputs never are.
  public var overwrites = false
  /// Whether outputs that earlier runs have made are read, and done again where they are no longer
  /// as they were written; else their sizes are looked at.
  public var verifiesDone = false
  /// Whether shards some of whose items have failed are done again.
  public var retriesFailed = false
  /// Whether a file system without locks is refused: there, nothing keeps another run out.
  public var needsLock = true
  /// Whether a run waits for others that have a lock, rather than being refused.
  public var waitsForLock = false
  /// The folder that outputs are named from in report and records; `nil` keeps no records, and then
  /// nothing is known as done by the next run.
  public var folder: String?
  /// The folder of records and lock; `nil` keeps them in ``folder``, as hidden files.
  public var stateFolder: String?
  /// Where the report goes; `nil` writes none.
  public var reportPath: String?
  /// More folders that the run writes to; their records refer to those in ``folder``.
  public var otherFolders: [String] = []
  /// Whether one file is all that the run is for: where something else has its name, it cannot be
  /// created.
  public var writesOneFile = false
  /// What changes with every setting that changes an output: the pipeline's digest.
  public var recipe: String
  /// What earlier versions have called the same recipe.
  public var formerRecipes: [String] = []
  /// The version of Tessera: what another one has written is done again.
  public var version = ""

  /// Called as each input ends, by whichever thread has ended it; for one that an earlier run has done,
  /// too.
  public var onEnd: (@Sendable (EndedInput) -> Void)?

  /// What is known of the inputs where they are a part of those of a plan.
  var planned: PlannedPart?
  /// Whether the folder of report and records is a shard's of a plan: nothing in it is anybody else's.
  var ownsStateFolder: Bool { planned != nil }

  /// Ends the reading of outputs that exist; what was asked of them is not known then.
  package var stop = Cancellation()
  /// Whom the messages of the report advise.
  package var audience = Audience.program

  /// Processors that this process may use: a good number of workers.
  public static var processorCount: Int { Processors.count }

  /// Sets what every run needs; the rest stays as it is by default.
  public init(recipe: String, folder: String?, jobs: Int = 1) {
    self.recipe = recipe
    self.folder = folder
    reportPath = folder.map { Path.join($0, OwnNames.report) }
    self.jobs = max(jobs, 1)
  }

  /// Where records and lock are.
  var places: RunPlaces? {
    folder.map { folder in
      var places = RunPlaces(folder, state: stateFolder)
      places.readsThoseOfOutputs = planned != nil
      for former in formerRecipes { places.recipes[former] = recipe }
      return places
    }
  }
}
