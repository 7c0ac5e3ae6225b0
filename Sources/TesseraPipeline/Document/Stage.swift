import TesseraConfiguration

/// One step of a pipeline.
///
/// A stage *is* its configuration: a value without state or data.
///
/// The stages are those that `StageListing` lists; a pipeline takes no others.
public protocol Stage: Hashable, Sendable {
  /// The word in the pipeline file, such as `unfold`.
  static var name: String { get }
  /// What the stage is for, in a line of a list.
  static var summary: String { get }
  /// What the stage does, in a few sentences.
  static var discussion: String { get }
  /// What it takes and gives.
  static var role: StageRole { get }
  /// Whether a pipeline with it has something to show: files, or figures.
  static var givesResult: Bool { get }
  /// Whether it lets patches go and leaves the others as they are.
  static var choosesPatches: Bool { get }
  /// Whether it uses what was learned of the patches that come to it.
  static var usesStatistics: Bool { get }
  /// The stage without a key: what its properties hold are the defaults.
  init()
  /// Arrays that the stage reads from files.
  var arrays: [ArrayReference] { get }
  /// Paths of JSON files that the stage reads, with the keys that name them.
  var documentPaths: [(key: String, path: String)] { get }
  /// Programs that the stage runs.
  var programs: [ProgramReference] { get }
  /// What this very stage takes and gives.
  var flowRole: StageRole { get }
  /// Whether what it does hangs on which image it is, not on the image's header alone: each is then
  /// planned by itself.
  var isRandom: Bool { get }
  /// What the stage makes of a layout: what flows after it, and what it comes down to.
  ///
  /// Everything that can fail for reasons of shape fails here, before a pixel is read.
  ///
  /// - Parameters:
  ///   - input: What reaches the stage.
  ///   - context: What else it may know.
  /// - Returns: What flows on, and the steps that the executor carries out.
  /// - Throws: `StageError` where the stage cannot work on that layout.
  func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered
}

extension Stage {
  /// Whether it writes files.
  public static var givesResult: Bool { role == .output }

  /// Most stages change values.
  public static var choosesPatches: Bool { false }

  /// Most stages do with patches what their keys say.
  public static var usesStatistics: Bool { false }

  /// None: most stages read no file.
  public var arrays: [ArrayReference] { [] }

  /// No path: most stages read no file.
  public var documentPaths: [(key: String, path: String)] { [] }

  /// None: what stages do, they do themselves.
  public var programs: [ProgramReference] { [] }

  /// That of its type.
  public var flowRole: StageRole { Self.role }

  /// Whatever has the same header is treated alike.
  public var isRandom: Bool { false }

  /// A stage with its defaults, some of them changed.
  ///
  /// `Load { $0.path = "photos"; $0.color = .rgb }`
  public init(_ configure: (inout Self) -> Void) {
    self.init()
    configure(&self)
  }
}

/// What flows from one stage to the next.
public enum StageFlow: Hashable, Sendable {
  /// Channels × height × width.
  case image
  /// A column per block.
  case patches
}

/// What a stage does to the layout that flows through a pipeline.
public enum StageRole: String, Hashable, Sendable, CaseIterable {
  /// Brings images in: first, and once.
  case source
  /// Takes an image and gives an image.
  case image
  /// Takes patches and gives patches.
  case patches
  /// Takes either layout and keeps it.
  case either
  /// Takes an image and gives patches.
  case cut
  /// Takes patches and gives an image.
  case join
  /// Takes either layout and lets it through unchanged, after writing it.
  case output
}

/// A stage with its table of parameters: what the catalogue takes.
protocol ConfigurableStage: Stage, Configurable {
  /// What is wrong with a stage in its place among the others, given the keys that were written.
  func problems(given: Set<String>, taking flow: StageFlow) -> [KeyProblem]
  /// What is wrong with a JSON file that the stage reads, found with its places.
  func problems(inDocument root: JSONValue, key: String) -> Findings
}

extension ConfigurableStage {
  func problems(inDocument root: JSONValue, key: String) -> Findings { Findings() }
  func problems(given: Set<String>, taking flow: StageFlow) -> [KeyProblem] { [] }
}
