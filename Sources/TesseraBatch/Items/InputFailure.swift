import TesseraFiles

/// Why one input gave nothing, or not what was asked.
public struct InputFailure: Error, Hashable, Sendable {
  /// Whose fault it is; the report's `error.kind`.
  public enum Kind: String, Sendable, CaseIterable {
    /// The input cannot be opened or read.
    case unreadable
    /// The input is not what it seems: its header breaks the rules of its format.
    case malformed
    /// The input ends before its image does.
    case truncated
    /// The input's pixels are damaged.
    case damaged
    /// The input drew a warning, and warnings were to fail it.
    case warning
    /// The input is sound, but of a kind that Tessera does not read.
    case unsupported
    /// The input is larger than a limit allows.
    case limit
    /// The stages do not fit this input's channels or size.
    case plan
    /// A `require` of `compare` is not met, or what `encode` read back differs.
    case requirement
    /// A program that a stage runs has not done its work.
    case program
    /// Planned memory that no allowance of the run can hold.
    case memory
    /// An output has the name of an input, of another input's output, or of the run's own files.
    case conflict
    /// An output exists already, and is not known to be ours.
    case exists
    /// An output cannot be created.
    case create
    /// An output cannot be written to its end.
    case write
    /// The input is not the one that was planned.
    case changed
    /// A mistake of Tessera itself.
    case bug

    /// Whether the same item and pipeline fail so every time, wherever and whenever they run.
    var followsFromInput: Bool {
      switch self {
      case .malformed, .truncated, .damaged, .warning, .unsupported, .limit, .plan, .requirement:
        true
      case .unreadable, .program, .memory, .conflict, .exists, .create, .write, .changed, .bug:
        false
      }
    }
  }

  /// What went wrong, with the data that belong to it.
  public enum Cause: Hashable, Sendable {
    /// A decoder, a stage or an encoder refused, for a reason that it has put into words.
    case refusal(Kind, reason: String)
    /// The system did not give the input.
    case input(FileError)
    /// The system did not take an output.
    case output(FileError)
    /// It needs more memory than all inputs together are allowed [bytes].
    case memory(needed: Int, allowed: Int)
    /// It needs more memory than the system lets the process have, in words [bytes].
    case memoryOfMachine(needed: Int, limit: String)
    /// The system refused the memory that it needs [bytes], of what it lets the process have, in words.
    case memoryRefused(needed: Int, limit: String)
    /// An output, seen from the output folder as all of these, is that of another input too.
    case outputOfOther(String, input: String)
    /// An output has the name of a file of the run itself, or would lie below one.
    case outputIsReserved(String)
    /// An output exists, is not known to be ours, and holds something else than would be written.
    case outputExists(String)
    /// An output exists that another pipeline has written.
    case outputOfOtherPipeline(String)
    /// A folder has the name of an output.
    case outputIsFolder(String)
    /// An output would replace an input.
    case inputWouldBeReplaced(String)
    /// An output lies behind a link inside the output folder.
    case outputBehindLink(String, link: String)
    /// The input is not the one that was planned, each in words.
    case inputChanged(planned: String, found: String)
    /// Nothing is wrong: the run was asked to end before it was known. Such an item is not run.
    case cancelled
  }

  /// What went wrong.
  public var cause: Cause
  /// The stage that refused, counted from 0.
  public var stageIndex: Int?
  /// The key at fault, where a stage refused because of one.
  public var key: String?
  /// Whether it was found by planning, before a pixel was read.
  public var isPlanning: Bool

  /// Puts a failure down to what caused it, and to a stage where one is to blame.
  public init(
    _ cause: Cause, stageIndex: Int? = nil, key: String? = nil, isPlanning: Bool = false
  ) {
    self.cause = cause
    self.stageIndex = stageIndex
    self.key = key
    self.isPlanning = isPlanning
  }

  /// A refusal that its author has put into words, without the input's name.
  public init(
    _ kind: Kind, _ reason: String, stageIndex: Int? = nil, key: String? = nil,
    isPlanning: Bool = false
  ) {
    self.init(
      .refusal(kind, reason: reason), stageIndex: stageIndex, key: key, isPlanning: isPlanning)
  }

  /// A failure to make or fill an output, told by the system.
  public init(output error: FileError, stageIndex: Int? = nil) {
    self.init(.output(error), stageIndex: stageIndex)
  }

  /// A failure to open or read the input, told by the system.
  public init(input error: FileError) { self.init(.input(error)) }

  /// What stands for an item whose run was asked to end.
  public static let cancelled = InputFailure(.cancelled)

  /// Whose fault it is.
  public var kind: Kind { cause.kind }
  /// What went wrong in words, without the input's name.
  public var message: String { cause.description }
  /// Whether every further input would meet it too, as when the disk is full; it ends the run.
  public var endsRun: Bool {
    switch cause {
    case .output(let error): error.concernsWholeDisk
    case .inputChanged: true
    default: false
    }
  }
}

extension InputFailure.Cause {
  /// Whose fault it is.
  public var kind: InputFailure.Kind {
    switch self {
    case .refusal(let kind, _): kind
    case .input: .unreadable
    case .output(let error):
      switch error.operation {
      case .create: .create
      case .open, .read, .write, .lock: .write
      }
    case .memory, .memoryOfMachine, .memoryRefused: .memory
    case .outputExists, .outputOfOtherPipeline, .outputIsFolder: .exists
    case .outputOfOther, .outputIsReserved, .inputWouldBeReplaced, .outputBehindLink: .conflict
    case .inputChanged: .changed
    case .cancelled: .bug
    }
  }
}
