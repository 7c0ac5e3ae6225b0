import TesseraBatch

/// How a folder is run from code.
public struct FolderOptions: Sendable {
  /// Images that are worked on at once, at least 1; a large one uses as many threads.
  public var jobs = BatchOptions.processorCount
  /// What the plans of the images in work may ask for together [bytes]; `nil` sets no limit.
  public var memoryLimit: Int?
  /// Whether the first failure ends the run.
  public var failsFast = false
  /// Whether outputs of earlier runs are read, rather than their sizes looked at: what is no longer as
  /// written is not taken for done.
  public var verifiesDone = false
  /// Whether files of a dataset are made anew that lack images which failed.
  public var retriesFailed = false
  /// Whether a file system without locks is refused: there, nothing keeps another run out.
  public var needsLock = true
  /// Whether the run waits for another one that has the folder, rather than being refused.
  public var waitsForLock = false
  /// The folder of records and lock; `nil` keeps them in the output folder, as hidden files.
  public var stateFolder: String?

  /// Every processor, no limit of memory, and one bad image does not stop the others.
  public init() {}

  /// Changes some of them.
  public init(_ configure: (inout Self) -> Void) { configure(&self) }
}
