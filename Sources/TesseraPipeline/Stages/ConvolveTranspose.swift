import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraKernels

/// Spreads every pixel by kernels: the transpose of a convolution.
///
/// Input: image C × H × W. Output: image M × H′ × W′ in float32, where
/// H′ = (H − 1)·stride − 2·padding + dilation·(kH − 1) + output_padding + 1. The same as an unfold of
/// single pixels, a matrix product and a fold by sum. Source: `torch.nn.functional.conv_transpose2d`.
public struct ConvolveTranspose: Stage {
  /// `convolve_transpose`.
  public static let name = "convolve_transpose"
  /// What lists of stages say of it: one line.
  public static let summary = "Spreads every pixel by kernels: transposed convolution, upsampling."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Every pixel becomes a kernel times its value, `stride` pixels from the next, and where kernels \
    overlap they are added: torch.nn.functional.conv_transpose2d. Weights have the dimensions (C, \
    M/groups, kH, kW). Kernels of two or three dimensions and banks apply to each channel by itself: C·M \
    outputs, number c·M + m. A side of the result is (size − 1)·stride − 2·padding + dilation·(kernel − \
    1) + output_padding + 1. Opacity is not spread: each pixel's fills stride × stride pixels in the \
    middle of its kernel, where that fills the result, and `alpha` filter spreads it as colours are. \
    Gives float32.
    """
  /// Image to image.
  public static let role = StageRole.image

  /// Coefficients written in place.
  public var kernels: KernelArray?
  /// Kernels known by name.
  public var bank: AnyKernelBank?
  /// The path of a file: kH × kW, M × kH × kW, or C × M/groups × kH × kW.
  public var weights: String?
  /// The name of the weights in a .safetensors file.
  public var tensor: String?
  /// What is added to each output; `nil` is nothing.
  public var bias: Bias?
  /// The name of the bias in the .safetensors file of `bias`, or that of `weights`.
  public var biasTensor: String?
  /// Distance between the kernels of neighbouring pixels [px].
  public var stride = Size(1)
  /// Rows and columns that are cut off on each side [px].
  public var padding = Size(0)
  /// Rows at the bottom and columns at the right that are added [px].
  public var outputPadding = Size(0)
  /// Distance between elements of a kernel [px].
  public var dilation = Size(1)
  /// How many groups the channels form, under weights of four dimensions.
  public var groups = 1
  /// What becomes of opacity; `nil` keeps it, but filters it where colours were multiplied by it.
  public var alpha: FilteredAlpha?

  /// Still needs kernels, a bank or weights.
  public init() {}
}

extension ConvolveTranspose: HasKernels, HasBias {
  static let kernelDimensions = 2...4

  package static let parameters: [Parameter<Self>] =
    kernelParameters + biasParameters + [
      Parameter(
        "stride", \.stride, .pair(in: Limits.window),
        "Distance between the kernels of neighbouring pixels [px]."),
      Parameter(
        "padding", \.padding, .pair(in: Limits.padding),
        "Rows and columns that are cut off on each side [px]."),
      Parameter(
        "output_padding", \.outputPadding, .pair(in: Limits.padding),
        "Rows at the bottom and columns at the right that are added [px]."),
      Parameter(
        "dilation", \.dilation, .pair(in: Limits.window),
        "Distance between elements of a kernel [px]."),
      Parameter(
        "groups", \.groups, .integer(in: Limits.groups),
        "Groups of channels, under weights of four dimensions."),
      alphaParameter(\.alpha),
    ]

  package static let rules: [KeyRule] = [kernelRule]

  package func problems(given: Set<String>) -> [KeyProblem] {
    var problems = fileProblems + biasProblems(beside: ("weights", weights)) + maximumProblems
    for (added, stride, dilation) in [
      (outputPadding.height, stride.height, dilation.height),
      (outputPadding.width, stride.width, dilation.width),
    ] where added >= max(stride, dilation) {
      problems.append(
        KeyProblem(
          "output_padding",
          "expected less than the stride or the dilation, \(max(stride, dilation)), found \(added)")
      )
      break
    }
    guard case .kernels(let kernels) = source, groups > 1 else { return problems }
    if !kernels.mixesChannels {
      problems.append(
        KeyProblem("groups", "applies only to weights of four dimensions (C, M/groups, kH, kW)"))
    } else if kernels.count % groups != 0 {
      problems.append(
        KeyProblem("groups", "\(kernels.count) channels do not divide into \(groups) groups"))
    }
    return problems
  }
}

extension ConvolveTranspose {
  /// Weights and bias, where files hold them.
  public var arrays: [ArrayReference] {
    [source?.array, biasArray(beside: ("weights", weights))].compactMap { $0 }
  }

  /// Pixels as patches, a product with the transposed weights, and a fold by sum.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    input.requireImage(for: Self.name)
    let kernels = try KernelWeights(source, isFlipped: false, in: context)
    let sides = kernels.sides
    let keepsOpacity = try input.keepsOpacity(
      alpha, keepsChannels: sides.mixesChannels || sides.count == 1)
    let channels = keepsOpacity ? input.colorChannels : input.channels
    let grid = try grid(kernels.kernelSize, on: input.size)
    let map = try linearMap(kernels, channels: channels, hasOpacity: keepsOpacity)
    let taps = sides.height * sides.width
    let outputs = map.outputs / taps
    let bias = try biasValues(outputs: outputs, beside: ("weights", weights), in: context)

    var operators: [any Operator] = UnfoldRows.operators(
      try BlockGrid.pixels(of: input.size), paddingMode: .zeros)
    var product = map
    if keepsOpacity { product.keptRow = channels }
    operators.append(product)
    if keepsOpacity { operators.append(try opacity(on: grid, of: input.size, after: map.outputs)) }
    var layout = input
    layout.elementType = .float32
    layout.size = grid.imageSize
    layout.values = Self.interval(map, taps, keepsOpacity ? input.values : input.allValues, bias)
    if !keepsOpacity, input.hasAlpha {
      layout.opacity = Self.interval(map, taps, input.opacity, bias)
    }
    layout.straightValues = .unbounded
    if keepsOpacity {
      layout.channels = outputs + 1
      if sides.mixesChannels || outputs != input.colorChannels {
        layout.colorModel = .unknown
        layout.channelNames = nil
      }
    } else if sides.mixesChannels || outputs != input.channels {
      layout.replaceChannels(by: outputs)
    }
    layout.inverse =
      bias == nil
      ? input.inverse.afterLinear(
        outputs: layout.channels, sources: nil, stage: context.stageIndex, name: Self.name)
      : .lost(stage: context.stageIndex, name: Self.name)
    operators.append(FoldPatches(grid, channels: layout.channels, dividesByCount: false))
    if let bias {
      var maps = bias.map { Normalization(mean: -$0) }
      if keepsOpacity { maps.append(Normalization()) }
      operators.append(Pointwise(maps))
    }
    return Lowered(layout: layout, operators: operators)
  }

  /// The blocks on the image that is made, one for each pixel.
  private func grid(_ kernelSize: Size, on size: Size) throws(StageError) -> BlockGrid {
    let window = Window(
      kernelSize: kernelSize, stride: stride, padding: .symmetric(padding), dilation: dilation)
    do throws(GeometryError) {
      return try .transposing(size, window, outputPadding: outputPadding)
    } catch {
      if case .overflow(let axis) = error { throw StageError(Refusal.tooLarge(axis, size)) }
      throw StageError(SharedRefusal.window(error))
    }
  }

  /// The rows of a pixel's windows: output by output, each of them a kernel.
  private func linearMap(
    _ kernels: KernelWeights, channels: Int, hasOpacity: Bool
  ) throws(StageError) -> LinearMap {
    let sides = kernels.sides
    let taps = sides.height * sides.width
    guard sides.mixesChannels else {
      return LinearMap(
        inputs: channels, outputs: channels * sides.count * taps, groups: channels,
        weights: kernels.values)
    }
    guard sides.sizes[0] == channels, channels % groups == 0 else {
      throw StageError(
        Refusal.channels(channels, weights: sides.sizes, groups: groups, hasOpacity: hasOpacity))
    }
    let (depth, rows) = (channels / groups, sides.sizes[1] * taps)
    var weights: [Float] = []
    weights.reserveCapacity(kernels.values.count)
    for group in 0..<groups {
      for row in 0..<rows {
        for channel in group * depth..<(group + 1) * depth {
          weights.append(kernels.values[channel * rows + row])
        }
      }
    }
    return LinearMap(
      inputs: channels, outputs: groups * rows, groups: groups, weights: weights)
  }

  /// What spreads opacity over the pixels that a pixel becomes.
  private func opacity(
    on grid: BlockGrid, of size: Size, after colorRows: Int
  ) throws(StageError) -> SpreadOpacity {
    let kernel = grid.kernelSize
    let first = Size(height: (kernel.height - 1) / 2, width: (kernel.width - 1) / 2)
    func fills(_ axis: AxisGrid, _ first: Int, _ count: Int) -> Bool {
      axis.dilation == 1 && first + axis.stride <= axis.kernel && axis.size == count * axis.stride
        && axis.starts[0] + first == 0
    }
    guard fills(grid.rows, first.height, size.height),
      fills(grid.columns, first.width, size.width)
    else { throw StageError(Refusal.opacityHasGaps(size, output: grid.imageSize)) }
    return SpreadOpacity(
      colorRows: colorRows, kernelSize: kernel, first: first, count: stride)
  }

  /// The smallest interval that holds sums of any of the products that may meet at a pixel.
  private static func interval(
    _ map: LinearMap, _ taps: Int, _ input: ValueInterval, _ bias: [Float]?
  ) -> ValueInterval {
    var result: ValueInterval?
    for output in 0..<map.outputs / taps {
      // The rows of an output, and so their weights, follow one another.
      let first = map.firstWeight(of: output * taps)
      let own = input.withZero.weighted(
        by: map.weights[first..<first + taps * map.depth], offset: bias?[output] ?? 0)
      result = result?.union(own) ?? own
    }
    return result ?? input
  }
}

extension ConvolveTranspose {
  /// Kernels that do not fit what they are to spread.
  enum Refusal: StageRefusal {
    case channels(Int, weights: [Int], groups: Int, hasOpacity: Bool)
    case opacityHasGaps(Size, output: Size)
    case tooLarge(Axis, Size)

    var key: String? {
      switch self {
      case .channels: "weights"
      case .opacityHasGaps: "alpha"
      case .tooLarge: "stride"
      }
    }

    var description: String {
      switch self {
      case .channels(let count, let weights, let groups, let hasOpacity):
        "weights \(KernelWeights.description(of: weights)) with "
          + "\(groups.counted("group")) take \(weights[0].counted("channel")), and the image has \(count)"
          + (hasOpacity ? " and opacity, which \"alpha\": \"filter\" takes as one more" : "")
      case .tooLarge(let axis, let size):
        "\(size) pixels, each of them spread that far from the next, make an image whose \(axis.rawValue) is "
          + "above \(AxisGrid.largestSide)"
      case .opacityHasGaps(let size, let output):
        "opacity can be kept only where the stride times \(size) pixels is the size of the result, here "
          + "\(output), and the middles of kernels fill it; \"alpha\": \"filter\" spreads it as colours are"
      }
    }
  }
}
