import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Filters inside each patch, which keeps its size.
///
/// Input and output: patches (C·kH·kW) × L, the output in float32. Each channel of each patch is
/// padded by itself and filtered by cross-correlation; the window stays in force.
public struct TransformConvolve: Stage {
  /// `transform.convolve`.
  public static let name = "transform.convolve"
  /// What lists of stages say of it: one line.
  public static let summary = "Filters inside each patch, which keeps its size."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Every channel of every patch is padded by itself and filtered with a kernel: one for all \
    channels, or one per channel. The window stays in force, so a fold by count may follow. \
    Opacity is not filtered. Gives float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// Coefficients written in place: one kernel, or one per channel.
  public var kernels: KernelArray?
  /// A kernel known by name.
  public var bank: AnyKernelBank?
  /// The path of a file: kH × kW, or C × kH × kW.
  public var weights: String?
  /// The name of the weights in a .safetensors file.
  public var tensor: String?
  /// What stands outside a patch.
  public var paddingMode = PaddingMode.zeros
  /// Whether kernels are turned by 180°.
  public var flipKernel = false
  /// What becomes of opacity; `nil` keeps it, but filters it where colours were multiplied by it.
  public var alpha: FilteredAlpha?

  /// Still needs kernels, a bank or weights.
  public init() {}

  /// Filters with kernels known by name.
  public init(bank: some KernelBank) { self.bank = AnyKernelBank(bank) }
}

extension TransformConvolve: HasKernels {
  static let kernelDimensions = 2...3

  package static let parameters: [Parameter<Self>] =
    kernelParameters + [
      Parameter("padding_mode", \.paddingMode, .word, "What stands outside a patch."),
      Parameter(
        "flip_kernel", \.flipKernel, .bool,
        "Turns kernels by 180°: convolution as mathematics has it, not cross-correlation."),
      alphaParameter(\.alpha),
    ]

  package static let rules: [KeyRule] = [kernelRule]

  package func problems(given: Set<String>) -> [KeyProblem] {
    fileProblems + maximumProblems
  }
}

extension TransformConvolve {
  /// Weights, where a file holds them.
  public var arrays: [ArrayReference] { source?.array.map { [$0] } ?? [] }

  /// A filter of each channel of a patch that keeps its size.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let grid = input.requirePatches(for: Self.name)
    let kernels = try KernelWeights(source, isFlipped: flipKernel, in: context)
    let sides = kernels.sides
    let keepsOpacity = try input.keepsOpacity(alpha, keepsChannels: true)
    let channels = keepsOpacity ? input.colorChannels : input.channels
    guard !sides.mixesChannels, sides.count == 1 || sides.count == channels else {
      throw StageError(Refusal.kernels(sides.sizes, channels: channels))
    }
    let map = LinearMap(
      inputs: channels * sides.height * sides.width, outputs: channels,
      groups: channels, weights: kernels.values, kernelSize: kernels.kernelSize
    ).exact(for: input)
    var layout = input
    layout.elementType = .float32
    layout.filterValues(
      map, of: input, padsZeros: paddingMode == .zeros, keepsOpacity: keepsOpacity)
    layout.inverse = input.inverse.afterLinear(
      outputs: input.channels,
      sources: map.unitGainSources(channels: channels).map {
        keepsOpacity ? $0 + [channels] : $0
      },
      stage: context.stageIndex, name: Self.name)
    return Lowered(
      layout: layout,
      operators: [
        FilterPatches(
          channels: input.channels, patchSize: grid.kernelSize, map: map, paddingMode: paddingMode)
      ])
  }
}

extension TransformConvolve {
  /// Kernels that do not fit the channels of a patch.
  enum Refusal: StageRefusal {
    case kernels([Int], channels: Int)

    var key: String? { nil }

    var description: String {
      switch self {
      case .kernels(let sides, let channels):
        "expected one kernel, or one for each of the \(channels) channels, found "
          + KernelWeights.description(of: sides)
      }
    }
  }
}
