import TesseraCodecs
import TesseraCore
import TesseraFiles
import Testing

@testable import TesseraEngine
@testable import TesseraThreads

/// Patches of which only the values tell how many there are, and what each weighs.
struct BlockChoiceTests {
  /// Keeps the blocks whose first value is above a bound; where wished, each weighs its first value.
  struct KeepBright: TileTransform, PreparedTransform {
    var bound: Float
    var weighs: Bool

    var weighsBlocks: Bool { weighs }
    func blockCount(of input: BlockCount) -> BlockCount { .atMost(input.maximum) }
    func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform { self }

    func apply(to tile: inout Tile) {
      let first = Array(tile.row(0))
      let lanes = first.indices.filter { first[$0] > bound }
      tile.keep(lanes)
      if weighs { tile.weigh(lanes.map { first[$0] }) }
    }
  }

  /// Weighs blocks by their first values, whichever they are.
  struct WeighByFirst: TileTransform, PreparedTransform {
    var weighsBlocks: Bool { true }
    func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform { self }
    func apply(to tile: inout Tile) { tile.weigh(Array(tile.row(0))) }
  }

  static let kernel = 4
  static let stride = 3
  static let shape = [2, 31, 46]

  private static let grid = Result {
    try Window(kernelSize: Size(kernel), stride: Size(stride))
      .grid(on: Size(height: shape[1], width: shape[2]))
  }

  /// What some operators behind an unfold make of an image.
  private func run(
    _ operators: [any Operator], on image: TestArray, banding: Banding = Banding(),
    workers: Int = 1
  ) throws -> TestArray {
    let workshop = try Workshop()
    let path = try workshop.save(image, as: "input.npy")
    let reader = try ImageReader(path: path)
    var graph = Graph(source: SourcePlan(reader.header))
    graph.append([UnfoldRows(try Self.grid.get(), paddingMode: .zeros)] + operators, stage: 1)
    let tools = RunTools(kernels: workshop.kernels)
    let plan = try PlanBuilder.plan(graph, tools: tools, workers: workers, banding: banding)
    let execution = try ImageExecution(
      plan, reader: reader, openingTime: .seconds(3000),
      outputs: [1: [workshop.folder.path("output.npy")]],
      tools,
      cancellation: Cancellation())
    var result = ImageResult()
    try execution.execute(into: &result, workers: workers)
    // What it took to open the image counts for the stage that loads it.
    #expect(result.secondsByStage.contains { $0.stageIndex == 0 && $0.seconds >= 3000 })
    for file in result.files { try file.file.finish() }
    let made = try workshop.read(workshop.folder.path("output.npy"))
    #expect(result.files.first?.shape == made.shape)

    // The same in memory.
    let inMemory = try ImageExecution(
      plan, reader: try ImageReader(path: path), openingTime: .zero, outputs: [:], tools,
      cancellation: Cancellation())
    var kept = ImageResult()
    try inMemory.execute(into: &kept, workers: workers)
    #expect(kept.files.isEmpty && kept.arrays.map(\.stageIndex) == result.files.map { _ in 1 })
    #expect(kept.arrays.first?.array.shape == made.shape)
    #expect(kept.arrays.first?.array.floats.map { Double($0) } == made.values)
    return made
  }

  /// The blocks of an image that are kept, in order, with what each weighs.
  private func kept(_ image: TestArray, _ choice: KeepBright) throws -> [(
    block: Int, weight: Double
  )] {
    let grid = try Self.grid.get()
    return (0..<grid.blockCount).compactMap { block in
      let (row, column) = block.quotientAndRemainder(dividingBy: grid.columns.count)
      let first = image.values[grid.rows.starts[row] * Self.shape[2] + grid.columns.starts[column]]
      return first > Double(choice.bound) ? (block, choice.weighs ? first : 1) : nil
    }
  }

  private func value(_ image: TestArray, block: Int, row d: Int) throws -> Double {
    let grid = try Self.grid.get()
    let (row, column) = block.quotientAndRemainder(dividingBy: grid.columns.count)
    let (channel, place) = d.quotientAndRemainder(dividingBy: Self.kernel * Self.kernel)
    let y = grid.rows.starts[row] + place / Self.kernel
    let x = grid.columns.starts[column] + place % Self.kernel
    return image.values[(channel * Self.shape[1] + y) * Self.shape[2] + x]
  }

  @Test(
    "An array holds the blocks that are left, in order, and is as long as they are many",
    arguments: PatchOrder.allCases.filter { !$0.needsWholeGrid }, [-2, 0.25, 0.9, 2] as [Float])
  func files(order: PatchOrder, bound: Float) throws {
    let image = TestArray.noise(Self.shape, .float32, seed: 21)
    let choice = KeepBright(bound: bound, weighs: false)
    let kept = try kept(image, choice).map(\.block)
    let length = 2 * Self.kernel * Self.kernel
    let file = PatchFile(
      order: order, quantization: Quantization(elementType: .float32, map: .none), channels: 2,
      patchSize: Size(Self.kernel), gridSize: try Self.grid.get().size, verifies: true)
    let array = try run([choice, file], on: image)
    #expect(array.shape == file.shape(blocks: kept.count))
    for (index, block) in kept.enumerated() {
      for d in 0..<length {
        let place =
          switch order {
          case .torch: d * kept.count + index
          case .tokens, .patches: index * length + d
          case .tokensChannelsLast, .windows, .qwen2vl:
            index * length + d % (Self.kernel * Self.kernel) * 2 + d / (Self.kernel * Self.kernel)
          }
        #expect(try array.values[place] == value(image, block: block, row: d))
      }
    }
  }

  @Test("Blocks are chosen twice, and weighed before, as if all were done at once")
  func chains() throws {
    let image = TestArray.noise(Self.shape, .float32, seed: 23)
    let dim = KeepBright(bound: 0.1, weighs: false)
    let bright = KeepBright(bound: 0.4, weighs: false)
    let weighed = KeepBright(bound: 0.4, weighs: true)
    let fold = FoldPatches(try Self.grid.get(), channels: 2, dividesByCount: true)
    let file = ImageFile(
      format: .npy, quantization: Quantization(elementType: .float32, map: .none),
      colorModel: .unknown, hasAlpha: false, metadata: .strip, verifies: false)
    let chains: [([any TileTransform], KeepBright)] = [
      ([dim, bright], bright), ([dim, weighed], weighed), ([WeighByFirst(), bright], weighed),
      ([WeighByFirst(), dim, bright], weighed), ([dim, WeighByFirst(), bright], weighed),
    ]
    for (chain, single) in chains {
      let end: [any Operator] = [fold, file]
      #expect(try run(chain + end, on: image) == run([single] + end, on: image))
    }
  }

  @Test("Each row of a band takes a sum for every channel, and a weight", arguments: [1, 2, 5])
  func scratch(channels: Int) throws {
    let grid = try Self.grid.get()
    let header = ImageHeader(
      format: .npy,
      shape: ImageShape(channels: channels, height: Self.shape[1], width: Self.shape[2]),
      elementType: .float32, colorModel: .unknown, sourceBitDepth: 32, decoderBytes: 0,
      decoder: "")
    var graph = Graph(source: SourcePlan(header))
    graph.append(
      [
        UnfoldRows(grid, paddingMode: .zeros), KeepBright(bound: 0, weighs: true),
        FoldPatches(grid, channels: channels, dividesByCount: true),
      ], stage: 1)
    let held = try [3, 4].map { height in
      try PlanBuilder.plan(
        graph, tools: RunTools(kernels: .baseline), workers: 1,
        banding: Banding(height: height)
      ).nodes.map(\.scratchBytes)
    }
    #expect(held[1] == [held[0][0] + (channels + 1) * Self.shape[2] * 4])
  }

  @Test(
    "A fold adds what is left in place and divides by what it weighs",
    arguments: [false, true], [false, true])
  func folds(weighs: Bool, divides: Bool) throws {
    let image = TestArray.noise(Self.shape, .float32, seed: 22)
    let choice = KeepBright(bound: 0.3, weighs: weighs)
    let (height, width) = (Self.shape[1], Self.shape[2])
    var sums = [Double](repeating: 0, count: image.values.count)
    var weights = [Double](repeating: 0, count: height * width)
    let grid = try Self.grid.get()
    for (block, weight) in try kept(image, choice) {
      let (row, column) = block.quotientAndRemainder(dividingBy: grid.columns.count)
      for d in 0..<2 * Self.kernel * Self.kernel {
        let (channel, place) = d.quotientAndRemainder(dividingBy: Self.kernel * Self.kernel)
        let y = grid.rows.starts[row] + place / Self.kernel
        let x = grid.columns.starts[column] + place % Self.kernel
        sums[(channel * height + y) * width + x] +=
          weight * (try value(image, block: block, row: d))
        if channel == 0 { weights[y * width + x] += weight }
      }
    }
    let expected = sums.indices.map { index in
      let weight = weights[index % (height * width)]
      return !divides ? sums[index] : weight == 0 ? 0 : sums[index] / weight
    }
    let fold = FoldPatches(grid, channels: 2, dividesByCount: divides)
    let file = ImageFile(
      format: .npy, quantization: Quantization(elementType: .float32, map: .none),
      colorModel: .unknown, hasAlpha: false, metadata: .strip, verifies: false)
    let made = try run([choice, fold, file], on: image)
    #expect(zip(made.values, expected).allSatisfy { abs($0 - $1) < 1e-5 })
    // Bands and threads change nothing.
    for (rows, workers) in [(1, 1), (5, 2)] {
      let banded = try run(
        [choice, fold, file], on: image, banding: Banding(height: rows, largeImage: 0),
        workers: workers)
      #expect(banded == made)
    }
  }
}
