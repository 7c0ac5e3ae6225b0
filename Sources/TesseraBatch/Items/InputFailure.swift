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
    /// Planned memory that no allowance of the run can hold.
    case memory
    /// An output exists already, or belongs to another input.
    case conflict
    /// An output cannot be created.
    case create
    /// An output cannot be written to its end.
    case write
    /// A mistake of Tessera itself.
    case bug

    /// Whether the same item and pipeline fail so every time, wherever and whenever they run.
    var followsFromInput: Bool {
      switch self {
      case .malformed, .truncated, .damaged, .warning, .unsupported, .limit, .plan, .requirement:
        true
      case .unreadable, .memory, .conflict, .create, .write, .bug: false
      }
    }
  }

  /// Whose fault it is.
  public var kind: Kind
  /// One sentence for people, without the input's name.
  public var message: String
  /// The stage that refused, counted from 0.
  public var stageIndex: Int?
  /// The key at fault, where a stage refused because of one.
  public var key: String?
  /// Whether it was found by planning, before a pixel was read.
  public var isPlanning: Bool
  /// Whether every further input would meet it too, as when the disk is full; it ends the run.
  public var endsRun: Bool

  /// Creates a failure.
  public init(
    _ kind: Kind, _ message: String, stageIndex: Int? = nil, key: String? = nil,
    isPlanning: Bool = false, endsRun: Bool = false
  ) {
    self.kind = kind
    self.message = message
    self.stageIndex = stageIndex
    self.key = key
    self.isPlanning = isPlanning
    self.endsRun = endsRun
  }

  /// A failure to make or fill an output, told by the system.
  public init(output error: FileError, stageIndex: Int? = nil) {
    self.init(
      error.operation == .create ? .create : .write, error.description, stageIndex: stageIndex,
      endsRun: error.concernsWholeDisk)
  }

  /// A failure to open or read the input, told by the system.
  public init(input error: FileError) {
    self.init(.unreadable, "cannot \(error.operation.rawValue) it: \(error.reason)")
  }
}

extension InputFailure: CustomStringConvertible {
  /// The sentence.
  public var description: String { message }
}
