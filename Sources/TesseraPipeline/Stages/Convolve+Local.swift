import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine

extension Convolve {
  /// What is wrong with keys beside `locally_connected`.
  var localProblems: [KeyProblem] {
    guard locallyConnected else { return [] }
    var problems: [KeyProblem] = []
    if weights == nil {
      problems.append(
        KeyProblem(
          "locally_connected", "takes \"weights\", a file of (blocks, M, C, kH, kW)"))
    }
    if groups > 1 {
      problems.append(KeyProblem("groups", "has no meaning beside \"locally_connected\""))
    }
    if response != .linear {
      problems.append(
        KeyProblem("response", "applies to kernels that blocks share, not to \"locally_connected\"")
      )
    }
    return problems
  }

  /// The weights of a matrix per block; `nil` where all share one.
  func localWeights(in context: StageContext) throws(StageError) -> LocalWeights? {
    guard locallyConnected, let array = source?.array else { return nil }
    return try LocalWeights(context.array(array), isFlipped: flipKernel)
  }

  /// One product per block, each with weights of its own.
  func lower(
    _ input: Layout, by weights: LocalWeights, in context: StageContext
  ) throws(StageError) -> Lowered {
    var window = window
    window.kernelSize = weights.kernelSize
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
    let keepsOpacity = try input.keepsOpacity(alpha, keepsChannels: true)
    let channels = keepsOpacity ? input.colorChannels : input.channels
    guard weights.blocks == grid.blockCount, weights.channels == channels else {
      throw StageError(
        LocalRefusal.sides(
          weights.sides, blocks: grid.size, channels: channels, hasOpacity: keepsOpacity))
    }
    var products = LocalProducts(
      inputs: weights.inputs, outputs: weights.outputs, weights: weights.values)
    products.bias = try localBias(weights, in: context)
    if keepsOpacity {
      let (height, width) = (window.kernelSize.height, window.kernelSize.width)
      products.keptRow = weights.inputs + (height - 1) / 2 * width + (width - 1) / 2
    }
    var layout = input
    layout.elementType = .float32
    layout.size = grid.size
    let padsZeros = input.grid == nil && window.paddingMode == .zeros && grid.reachesOutside
    let seen = keepsOpacity ? input.values : input.allValues
    layout.values = products.interval(of: padsZeros ? seen.withZero : seen)
    if keepsOpacity {
      if padsZeros { layout.opacity = input.opacity.withZero }
      layout.channels = weights.outputs + 1
      layout.colorModel = .unknown
      layout.channelNames = nil
    } else {
      layout.opacity = layout.values
      layout.replaceChannels(by: weights.outputs)
    }
    layout.straightValues = .unbounded
    layout.inverse = input.inverse.afterLinear(
      outputs: layout.channels, sources: nil, stage: context.stageIndex, name: Self.name)
    var operators: [any Operator] = [products]
    try place(&layout, &operators, from: input, grid)
    return Lowered(layout: layout, operators: operators)
  }

  /// One bias per output, or one for each output of each block.
  private func localBias(
    _ weights: LocalWeights, in context: StageContext
  ) throws(StageError) -> [Float]? {
    if let array = biasArray(beside: ("weights", self.weights)).map({ context.array($0) }),
      array.values.count == weights.blocks * weights.outputs
    {
      return array.values
    }
    return try biasValues(
      outputs: weights.outputs, beside: ("weights", self.weights), in: context)
  }

  /// Weights that do not fit the blocks.
  enum LocalRefusal: StageRefusal {
    case dimensions([Int])
    case sides([Int], blocks: Size, channels: Int, hasOpacity: Bool)

    var key: String? { "weights" }

    var description: String {
      switch self {
      case .dimensions(let sides):
        "expected (blocks, M, C, kH, kW) beside \"locally_connected\", found "
          + KernelWeights.description(of: sides)
      case .sides(let sides, let blocks, let channels, let hasOpacity):
        "weights \(KernelWeights.description(of: sides)) are for \(sides[0]) blocks of \(sides[2]) "
          + "channels, and here are \(blocks.height * blocks.width) (\(blocks)) of \(channels)"
          + (hasOpacity ? " and opacity, which \"alpha\": \"filter\" takes as one more" : "")
      }
    }
  }
}

/// The weights of a locally connected layer.
struct LocalWeights {
  /// Blocks, M, C, kH and kW.
  let sides: [Int]
  private(set) var values: [Float]

  init(_ array: NPYArray, isFlipped: Bool) throws(StageError) {
    let count = array.shape.reduce(1) { $0.saturating(times: $1) }
    guard array.shape.count == 5, count > 0, count == array.values.count else {
      throw StageError(Convolve.LocalRefusal.dimensions(array.shape))
    }
    sides = array.shape
    values = array.values
    guard isFlipped else { return }
    let taps = sides[3] * sides[4]
    for first in stride(from: 0, to: count, by: taps) {
      values[first..<first + taps].reverse()
    }
  }

  var blocks: Int { sides[0] }
  var outputs: Int { sides[1] }
  var channels: Int { sides[2] }
  var inputs: Int { sides[2] * sides[3] * sides[4] }
  var kernelSize: Size { Size(height: sides[3], width: sides[4]) }
}

extension LocalProducts {
  /// The smallest interval that holds every sum for inputs in an interval.
  func interval(of input: ValueInterval) -> ValueInterval {
    var result: ValueInterval?
    for (row, first) in stride(from: 0, to: weights.count, by: inputs).enumerated() {
      let (block, output) = row.quotientAndRemainder(dividingBy: outputs)
      let own = input.weighted(
        by: weights[first..<first + inputs], offset: bias?[firstBias(of: block) + output] ?? 0)
      result = result?.union(own) ?? own
    }
    return result ?? input
  }
}
