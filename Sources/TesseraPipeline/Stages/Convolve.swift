import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// Filters with one kernel, a bank of them, or the weights of a convolutional layer.
///
/// Input: image C × H × W, or the patches of an unfold, whose window then counts. Output: the same
/// layout with M channels. This is cross-correlation, as in `torch.nn.functional.conv2d`; both
/// forms mean unfold, a matrix product, and a fold of 1 × 1 windows.
public struct Convolve: Stage {
  /// `convolve`.
  public static let name = "convolve"
  /// What lists of stages say of it: one line.
  public static let summary = "Filters an image, or the patches of an unfold, with kernels."
  /// What the stage's page says before its keys.
  public static let discussion = """
    Kernels of two or three dimensions and banks apply to each channel by itself: C·M outputs, \
    number c·M + m. Weights of four dimensions (M, C/groups, kH, kW) mix the channels as \
    torch.nn.functional.conv2d does, without flipping. After an unfold its window counts, and \
    `stride`, `padding`, `padding_mode`, `dilation` and `edge` are errors; straight on an image they \
    mean the same three steps: unfold, matrix product, fold with a 1 × 1 window. With \
    `locally_connected` each block has a matrix of its own. Opacity is not \
    filtered: it is taken at the middle of each window and stays the last channel, under squares, \
    maxima and energies in any case. Gives float32. \
    Sums of 8 and 16 bit integers with kernels of integers, also over a power of two, and with \
    boxes are exact and rounded once: to the integers of the files, where nothing but these, in the \
    units of the source, is made of them; else to float32, from which other files are rounded. Other \
    kernels that are the product of a column and a row go in two passes, which differ from one by \
    less than 4 units in the last place per weight.
    """
  /// Image to image, patches to patches.
  public static let role = StageRole.either

  /// Coefficients written in place.
  public var kernels: KernelArray?
  /// Kernels known by name.
  public var bank: AnyKernelBank?
  /// The path of a file: kH × kW, M × kH × kW, or M × C/groups × kH × kW.
  public var weights: String?
  /// The name of the weights in a .safetensors file.
  public var tensor: String?
  /// What is added to each output; `nil` is nothing.
  public var bias: Bias?
  /// The name of the bias in the .safetensors file of `bias`, or that of `weights`.
  public var biasTensor: String?
  /// How many groups the channels form, under weights of four dimensions.
  public var groups = 1
  /// Whether kernels are turned by 180°: convolution as mathematics has it.
  public var flipKernel = false
  /// What becomes of the responses.
  public var response = Response.linear
  /// How many neighbouring outputs of a channel the maximum is taken of; `nil` is all of them.
  public var groupsOf: Int?
  /// Height and width of what energy is the mean over [px]: odd.
  public var energyWindow = 15
  /// Whether each block has weights of its own, (blocks, M, C, kH, kW).
  public var locallyConnected = false
  /// What becomes of opacity; `nil` keeps it, but filters it where colours were multiplied by it.
  public var alpha: FilteredAlpha?
  /// Where the kernel lies on an image; its size is that of the kernels.
  public var window = Window()

  /// Still needs kernels, a bank or weights.
  public init() {}

  /// Filters with kernels known by name.
  public init(bank: some KernelBank) { self.bank = AnyKernelBank(bank) }

  /// Filters with coefficients written in place.
  public init(kernels: KernelArray) { self.kernels = kernels }

  /// Filters with the weights in a .npy file.
  public init(weights: String) { self.weights = weights }
}

extension Convolve: HasWindow, HasKernels, HasBias {
  static let kernelDimensions = 2...4

  package static let parameters: [Parameter<Self>] =
    kernelParameters + biasParameters + [
      Parameter(
        "groups", \.groups, .integer(in: Limits.groups),
        "Groups of channels, under weights of four dimensions."),
      Parameter(
        "flip_kernel", \.flipKernel, .bool,
        "Turns kernels by 180°: convolution as mathematics has it, not cross-correlation."),
      Parameter(
        "response", \.response, .word,
        "What becomes of the outputs of the kernels, bias included; magnitude is √(a² + b²) of each pair of outputs, max the largest "
          + "of each group of a channel's outputs, energy the mean magnitude in a window."),
      Parameter(
        "groups_of", optional: \.groupsOf, .integer(in: Limits.groups),
        otherwise: "all outputs of a channel",
        "max: how many neighbouring outputs of a channel become one."),
      Parameter(
        "window", \.energyWindow, .oddInteger(in: 1...255),
        "energy: height and width of the window [px], reflected at the border."),
      Parameter(
        "locally_connected", \.locallyConnected, .bool,
        "Whether each block has weights of its own, in a file of (blocks, M, C, kH, kW)."),
      alphaParameter(\.alpha),
    ] + windowParameters

  package static let rules: [KeyRule] = [
    kernelRule, .only(["groups_of"], with: "response", words: [Response.maximum.rawValue]),
    .only(["window"], with: "response", words: [Response.energy.rawValue]),
  ]

  func problems(given: Set<String>, taking flow: StageFlow) -> [KeyProblem] {
    guard flow == .patches else { return [] }
    let changed = given.intersection(Self.windowKeys).filter { !holdsDefault(of: $0) }
    return changed.sorted().map {
      KeyProblem($0, "applies only straight on an image; here the window of the unfold counts")
    }
  }

  package func problems(given: Set<String>) -> [KeyProblem] {
    var problems = windowProblems(given: given) + fileProblems
    problems += biasProblems(beside: ("weights", weights)) + localProblems
    guard case .kernels(let kernels) = source else { return problems }
    if groups > 1, !kernels.mixesChannels {
      problems.append(
        KeyProblem("groups", "applies only to weights of four dimensions (M, C/groups, kH, kW)"))
    } else if kernels.count % groups != 0 {
      problems.append(
        KeyProblem("groups", "\(kernels.count) outputs do not divide into \(groups) groups"))
    }
    problems += responseProblems(given: given, outputs: kernels.count)
    if kernels.mixesChannels, case .values(let values) = bias, values.count > 1,
      values.count != kernels.count
    {
      problems.append(
        KeyProblem("bias", "has \(values.count) values for \(kernels.count) outputs"))
    }
    return problems
  }
}

extension Convolve {
  /// Weights and bias, where files hold them.
  public var arrays: [ArrayReference] {
    [source?.array, biasArray(beside: ("weights", weights))].compactMap { $0 }
  }

  /// One linear map: of the patches in force, or of an unfold and a fold around it.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    if let weights = try localWeights(in: context) {
      return try lower(input, by: weights, in: context)
    }
    let kernels = try KernelWeights(source, isFlipped: flipKernel, in: context)
    var window = window
    window.kernelSize = kernels.kernelSize
    let grid: BlockGrid
    if let blocks = input.grid {
      grid = blocks
    } else {
      grid = try window.stageGrid(on: input.size)
    }
    guard grid.kernelSize == window.kernelSize else {
      throw StageError(
        Refusal.sizesDiffer(kernels: window.kernelSize, patches: grid.kernelSize))
    }
    let runs = try runs(ofOutputs: kernels.sides.count)
    let keepsOpacity = try input.keepsOpacity(
      alpha,
      keepsChannels: kernels.sides.mixesChannels
        || (kernels.sides.count == 1 && response.keepsChannels))
    if keepsOpacity, input.isPremultiplied, [.square, .maximum, .energy].contains(response) {
      throw StageError(Refusal.productsOfOpacity(response))
    }
    let filtered = keepsOpacity ? input.colorChannels : input.channels
    var map = try linearMap(kernels, channels: filtered, hasOpacity: keepsOpacity, context)
      .exact(for: input)
    if keepsOpacity {
      let (height, width) = (window.kernelSize.height, window.kernelSize.width)
      map.keptRow = filtered * height * width + (height - 1) / 2 * width + (width - 1) / 2
    }
    var layout = try output(
      of: map, runs, kernels: kernels, input: input, grid: grid, context)
    var operators: [any Operator] = [map]
    operators += self.operators(combining: runs, map)
    try place(&layout, &operators, from: input, grid)
    if response == .energy {
      operators += try averages(
        of: layout, on: try BlockGrid.pixels(of: grid.size), after: input)
    }
    return Lowered(layout: layout, operators: operators)
  }

  /// Cuts the blocks before and puts a pixel in the place of each behind, straight on an image; after an
  /// unfold pixels flow as patches.
  func place(
    _ layout: inout Layout, _ operators: inout [any Operator], from input: Layout,
    _ grid: BlockGrid
  ) throws(StageError) {
    guard input.grid == nil else { return try layout.placePixels(of: grid) }
    operators.insert(
      contentsOf: UnfoldRows.operators(grid, paddingMode: window.paddingMode), at: 0)
    operators.append(
      FoldPatches(
        try BlockGrid.pixels(of: grid.size), channels: layout.channels, dividesByCount: false))
  }

  /// The rows of the product: channel by channel for kernels of two or three dimensions.
  private func linearMap(
    _ kernels: KernelWeights, channels: Int, hasOpacity: Bool, _ context: StageContext
  ) throws(StageError) -> LinearMap {
    let sides = kernels.sides
    if sides.mixesChannels {
      guard sides.sizes[1] * groups == channels else {
        throw StageError(
          Refusal.channels(
            channels, weights: sides.sizes, groups: groups, hasOpacity: hasOpacity))
      }
      guard sides.count % groups == 0 else {
        throw StageError(Refusal.groups(groups, outputs: sides.count))
      }
    }
    var map = LinearMap(
      inputs: channels * sides.height * sides.width,
      outputs: sides.mixesChannels ? sides.count : channels * sides.count,
      groups: sides.mixesChannels ? groups : channels, weights: kernels.values,
      kernelSize: kernels.kernelSize)
    map.bias = try biasValues(
      outputs: map.outputs, beside: ("weights", weights), in: context)
    return map
  }
}
