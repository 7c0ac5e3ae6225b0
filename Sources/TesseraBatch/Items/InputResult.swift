import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// A file that was written.
public struct OutputFile: Hashable, Sendable {
  /// Where it is.
  public var path: String
  /// Its size [bytes].
  public var byteCount: Int
  /// Lengths of the array's axes, slowest first: (C, H, W) for images.
  public var shape: [Int]
  /// Type of the values, as NumPy spells it: "uint8".
  public var dtype: String
  /// The item of the shard whose own file it is, counted from 0; `nil`: it is of all of them.
  public var position: Int?
  /// Whether it was there already, with the very bytes that would have been written.
  public var isAdopted = false

  /// Describes a file that is in place.
  public init(
    path: String, byteCount: Int, shape: [Int], dtype: String, position: Int? = nil
  ) {
    self.path = path
    self.byteCount = byteCount
    self.shape = shape
    self.dtype = dtype
    self.position = position
  }
}

/// One figure that `compare` measured.
public struct Metric: Hashable, Sendable {
  /// Its name: "psnr".
  public var name: String
  /// Its value; infinite for the psnr of identical images.
  public var value: Double

  /// Names what was measured.
  public init(_ name: String, _ value: Double) {
    self.name = name
    self.value = value
  }
}

/// Time that one stage took for one input.
public struct StageTime: Hashable, Sendable {
  /// The stage, counted from 0.
  public var stageIndex: Int
  /// Processor time of the worker [s].
  public var seconds: Double

  /// Puts down the time of a stage.
  public init(stageIndex: Int, seconds: Double) {
    self.stageIndex = stageIndex
    self.seconds = seconds
  }
}

/// What one input gave.
///
/// Everything but the times follows from the input and the pipeline alone.
public struct InputResult: Sendable {
  /// Why it failed, or `nil`; then the outputs are in place.
  public var error: InputFailure?
  /// Sentences on what was odd but accepted.
  public var warnings: [String] = []
  /// What was written, in order of the stages.
  public var outputs: [OutputFile] = []
  /// Shape of the decoded image before any stage; `nil` where not even the header could be read.
  public var source: ImageShape?
  /// Blocks of all unfolds together; `nil` where nothing was planned.
  public var blocks: Int?
  /// Blocks of those that were let go; `nil` where none could be.
  public var droppedBlocks: Int?
  /// Figures of `compare`, in the order of the pipeline.
  public var metrics: [Metric] = []
  /// Share of values that an integer output had to clip, 0…1; `nil` where nothing was converted.
  public var saturatedFraction: Double?
  /// Whether rows that never came were filled with 0 (`fail_on` none).
  public var isPartial = false
  /// Name and version of what decoded the input.
  public var decoder: String?
  /// Time by stage.
  public var stageTimes: [StageTime] = []
  /// What is told of it where files tell of all outputs of a run, by the stage that wrote them.
  package var entries: [(stageIndex: Int, members: JSONValue)] = []

  /// What there is to tell before anything was found out: at most why nothing will be.
  public init(error: InputFailure? = nil) { self.error = error }
}

/// What one input would give, known from its header.
public struct PlannedInput: Sendable {
  /// Final names of everything that would be written for it alone.
  public var outputs: [String]
  /// Final names of the files that it would share with others; known where a whole run is planned.
  public var sharedOutputs: [String] = []
  /// Those of them that exist and are not known to be ours: they stay, and where they turn out to
  /// hold something else than would be written, the input fails.
  public var comparedOutputs: [String] = []
  /// Memory that running it takes at most [bytes].
  public var memoryByteCount: Int
  /// What comes in and what is written, for people: "3 × 480 × 640 uint8 → npy 1200 × 768 uint8".
  public var summary: String
  /// Bytes of everything that would be written, where values have no say in it.
  public var outputByteCount: Int?
  /// The item's own file, where it is read from one, as it was when it was opened.
  package var openedFile: FileStatus?

  /// Puts together what a header has told.
  public init(
    outputs: [String], memoryByteCount: Int, summary: String, outputByteCount: Int? = nil
  ) {
    self.outputs = outputs
    self.memoryByteCount = memoryByteCount
    self.summary = summary
    self.outputByteCount = outputByteCount
  }
}
