import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Has a program of your own work on patches.
///
/// Input: patches (C·kH·kW) × L. Output: patches (C·kH·scale·kW·scale) × L in float32; the window, its
/// strides and the image grow with `scale`. One program for each worker, kept over images.
public struct TransformCommand: Stage {
  /// `transform.command`.
  public static let name = "transform.command"
  /// What lists of stages say of it: one line.
  public static let summary = "Has a program of your own work on patches, in any language."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Batches of patches go to the program's standard input as .npy arrays, float32 in the units in force, \
    (n, C, kH, kW); for each it writes an array (n, C, kH·scale, kW·scale) to its standard output, in any \
    type whose values float32 holds. It runs until its input ends, one for each worker. A program that \
    crashes, is silent for `timeout` or writes something else fails the image that is in work, and is \
    started anew for the next. Its name is looked up on PATH, or, with a / in it, seen from the \
    pipeline file; it runs in the working directory, without a shell, and no override changes it. \
    Opacity is the last channel, if there is one. Values are taken to be in the units in which they \
    came. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// The program and its arguments.
  public var command: [String] = []
  /// How many times as high and wide patches come back.
  public var scale = 1
  /// Patches that go to the program at once, at most.
  public var batch = 64
  /// What a batch may take [s].
  public var timeout = 60.0

  /// Still needs a command.
  public init() {}

  /// Runs a program with arguments.
  public init(command: [String]) { self.command = command }
}

extension TransformCommand: ConfigurableStage {
  package static let parameters: [Parameter<Self>] = [
    Parameter(
      "command", \.command, .command, required: true, "The program and its arguments."),
    Parameter(
      "scale", \.scale, .integer(in: 1...16), "How many times as high and wide patches come back."),
    Parameter(
      "batch", \.batch, .integer(in: 1...1024),
      "Patches that go to the program at once, at most; a tile of an image has as many."),
    Parameter(
      "timeout", \.timeout, .number(.closed(0.001, 86_400)),
      "How long the program may take for a batch, its start included [s]."),
  ]
}

extension TransformCommand {
  /// The program that it runs.
  public var programs: [ProgramReference] {
    command.first.map { [ProgramReference("command", name: $0)] } ?? []
  }

  /// Patches of `scale` times the window, on a grid of as many times the size.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let grid = input.requirePatches(for: Self.name)
    var layout = input
    if scale > 1 {
      guard grid.rows.dilation == 1, grid.columns.dilation == 1 else {
        throw StageError(Refusal.dilation(scale: scale))
      }
      try layout.scale(grid, by: scale)
    }
    layout.elementType = .float32
    layout.mapValues { _ in .unbounded }
    layout.straightValues = .unbounded
    let work = ProgramPatches(
      ChildCommand(path: context.program(command.first ?? ""), arguments: command),
      channels: input.channels, patchSize: grid.kernelSize, scale: scale, batch: batch,
      seconds: timeout, stageIndex: context.stageIndex)
    let times = scale == 1 ? "" : ", × \(scale)"
    return Lowered(
      layout: layout, operators: [work],
      steps: [
        Lowered.Step(
          name: "program", layout: layout,
          text: "runs \(JSONWriter.compact(ParameterKind.command.write(command))), one for each "
            + "worker; up to \(batch) patches at once\(times)")
      ])
  }
}

extension Layout {
  /// Has patches of a grid, and the image that they make, grow.
  fileprivate mutating func scale(_ grid: BlockGrid, by factor: Int) throws(StageError) {
    do throws(GeometryError) {
      let scaled = try grid.scaled(by: factor)
      self.grid = scaled
      size = Size(height: size.height * factor, width: size.width * factor)
      halo = Size(height: halo.height * factor, width: halo.width * factor)
      let window = window?.scaled(by: factor)
      // An odd pixel of "same" goes to one side, and becomes several: no window says that.
      let own = try? window?.grid(on: scaled.imageSize).widened(by: halo)
      let isSame =
        own?.rows.starts == scaled.rows.starts && own?.columns.starts == scaled.columns.starts
      self.window = isSame ? window : nil
    } catch {
      throw StageError(SharedRefusal.window(error))
    }
  }
}

extension TransformCommand {
  /// Patches that cannot grow.
  enum Refusal: StageRefusal {
    case dilation(scale: Int)

    var key: String? { "scale" }

    var description: String {
      switch self {
      case .dilation(let scale):
        "a window with gaps (\"dilation\") has no place for \(scale) × \(scale) pixels in place of "
          + "each; leave \"dilation\" or \"scale\" out"
      }
    }
  }
}

extension ParameterKind where Value == [String] {
  /// A program and its arguments, never from an override: who runs somebody's pipeline with changes
  /// sees in the file what it starts.
  fileprivate static var command: Self {
    let expected = "a list of strings, a program and its arguments"
    return ParameterKind(
      expected: expected,
      schema: Schema.array(of: ["type": "string"]),
      read: { value, findings in
        let elements = value.elements ?? []
        let isOverridden = ([value] + elements).contains {
          if case .override = $0.position.origin { true } else { false }
        }
        if isOverridden {
          findings.add(
            .rule("a program is only ever taken from the pipeline file"), at: value.position)
          return nil
        }
        let words = elements.compactMap { $0.string.flatMap { $0.utf8.contains(0) ? nil : $0 } }
        guard words.count == elements.count, words.first?.isEmpty == false else {
          findings.mismatch(value, expected: expected)
          return nil
        }
        return words
      },
      write: { words in JSONValue(.array(words.map { JSONValue(.string($0)) })) })
  }
}
