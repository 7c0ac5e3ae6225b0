import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraEngine

/// Tiles that are worth keeping until all rows under them are made.
struct CostlyTilesTests {
  /// Does nothing, at a price.
  struct Pass: TileTransform, PreparedTransform {
    var isCostly: Bool

    func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform { self }
    func apply(to tile: inout Tile) {}
  }

  /// Bytes that a fold of an image of 31 rows works with, in bands of some rows.
  private func scratchBytes(isCostly: Bool, bandHeight: Int) throws -> Int {
    let shape = ImageShape(channels: 2, height: 31, width: 46)
    let grid = try Window(kernelSize: Size(4), stride: Size(3))
      .grid(on: Size(height: shape.height, width: shape.width))
    let header = ImageHeader(
      format: .npy, shape: shape, elementType: .float32, colorModel: .unknown, sourceBitDepth: 32,
      decoderBytes: 0, decoder: "")
    var graph = Graph(source: SourcePlan(header))
    graph.append(
      [
        UnfoldRows(grid, paddingMode: .zeros), Pass(isCostly: isCostly),
        FoldPatches(grid, channels: shape.channels, dividesByCount: true),
      ], stage: 1)
    let plan = try PlanBuilder.plan(
      graph, tools: RunTools(kernels: .baseline), workers: 1,
      banding: Banding(height: bandHeight))
    return try #require(plan.nodes.last).scratchBytes
  }

  @Test("Costly tiles are kept where a band takes some of their rows, and others never")
  func kept() throws {
    let kept = try [3, 16, 30, 31].map { height in
      try scratchBytes(isCostly: true, bandHeight: height)
        - scratchBytes(isCostly: false, bandHeight: height)
    }
    #expect(kept[0] > 0 && kept[1] == kept[0] && kept[2] == kept[0] && kept[3] == 0, "\(kept)")
  }
}
