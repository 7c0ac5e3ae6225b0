import TesseraFiles

/// How a run ended.
public struct RunSummary: Sendable {
  /// Failures of one kind.
  public struct FailureGroup: Hashable, Sendable {
    /// The kind.
    public var kind: InputFailure.Kind
    /// How many inputs failed so.
    public var count: Int
    /// The first of them, at most three.
    public var examples: [Example]
  }

  /// One failed input.
  public struct Example: Hashable, Sendable {
    /// Its relative path.
    public var source: String
    /// Its path as it was given.
    public var path: String
    /// Why it failed.
    public var failure: InputFailure

    /// Tells of an input by its name and its path.
    public init(source: String, path: String, failure: InputFailure) {
      self.source = source
      self.path = path
      self.failure = failure
    }
  }

  /// Warnings that differ in their numbers at most.
  public struct WarningGroup: Hashable, Sendable {
    /// The first of them, in the order of the inputs.
    public var message: String
    /// How many inputs drew one.
    public var count: Int
    /// The relative path of the first of these.
    public var source: String
  }

  /// Counts and amounts.
  public var progress: RunProgress
  /// Inputs that the run did not come to.
  public var notRunCount: Int
  /// Failures by kind, the most frequent first.
  public var failures: [FailureGroup]
  /// Inputs that drew warnings, those that an earlier run has done included.
  public var warnedCount = 0
  /// What they drew, in the order of the inputs.
  public var warnings: [WarningGroup] = []
  /// What was odd about the list of inputs itself, in sentences.
  public var listWarnings: [String] = []
  /// Files that were passed over because they are not known images.
  public var ignoredCount: Int
  /// FIFOs, sockets and devices that were passed over.
  public var specialFiles: FirstFound<SpecialFile> = []
  /// Folders that could not be read, so that inputs may be missing.
  public var unreadableFolders: FirstFound<FileError>
  /// Time per stage, all workers and inputs together, in order of the stages.
  public var stageTimes: [StageTime]
  /// Where the report is; `nil` where there is none.
  public var reportPath: String?
  /// Why the report could not be written.
  public var reportError: FileError?
  /// Whether the run was interrupted from outside.
  public var isInterrupted: Bool
  /// The failure that ended the run, as a full disk does.
  public var endingFailure: InputFailure?
  /// The stage at which planning refused every input, as happens when the pipeline is to blame.
  public var stageRefusingAll: InputFailure?

  /// Whether one file was all that the run was for.
  public var writesOneFile = false
  /// What was written in its place, or was there before: one file, or one per channel.
  public var files: [String] = []

  /// How a command that made the run ends.
  public var exitStatus: ExitStatus {
    let kinds = Set(failures.map(\.kind))
    if isInterrupted, notRunCount > 0 { return .interrupted }
    if let status = Self.exitStatus(of: kinds, writesOneFile: writesOneFile) {
      return status == .cannotCreate && reportError != nil ? .cannotWrite : status
    }
    if reportError != nil { return .cannotWrite }
    if stageRefusingAll != nil { return .badPipeline }
    return failures.isEmpty && unreadableFolders.isEmpty ? .done : .failedInputs
  }

  /// How a command ends because of failures that weigh more than that of an input; `nil` where there
  /// are none.
  package static func exitStatus(
    of kinds: Set<InputFailure.Kind>, writesOneFile: Bool
  ) -> ExitStatus? {
    if kinds.contains(.bug) { return .bug }
    if kinds.contains(.changed) { return .nothingToDo }
    if kinds.contains(.write) { return .cannotWrite }
    return kinds.contains(.create) || writesOneFile && kinds.contains(.exists) ? .cannotCreate : nil
  }
}
