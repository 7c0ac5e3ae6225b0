import TesseraCore
import TesseraKernels

/// What is done to every patch by itself: D values in, D′ out.
///
/// A transform is a value; its tables are made once per plan, and serve every tile of every image.
package protocol TileTransform: Operator {
  /// The values of a patch after the transform.
  func output(of input: PatchShape) -> PatchShape
  /// How many blocks are left.
  func blockCount(of input: BlockCount) -> BlockCount
  /// Whether blocks come to weigh differently where they overlap.
  var weighsBlocks: Bool { get }
  /// Whether a tile may hold a single block: where lanes side by side bring nothing.
  var suitsSingleBlocks: Bool { get }
  /// Blocks that are worked on together: a tile has as many, where the image does.
  var blocksAtOnce: Int { get }
  /// Whether it takes so long that no tile is to be made twice.
  var isCostly: Bool { get }
  /// The linear map that the transform is, for rewrites that ask; `nil` where it is none.
  var linear: LinearMap? { get }
  /// Tables for tiles of one shape.
  func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform
}

extension TileTransform {
  package func output(of input: PatchShape) -> PatchShape { input }
  package func blockCount(of input: BlockCount) -> BlockCount { input }
  package var weighsBlocks: Bool { false }
  package var suitsSingleBlocks: Bool { true }
  package var blocksAtOnce: Int { 1 }
  package var isCostly: Bool { false }
  package var linear: LinearMap? { nil }
  package func join(_ builder: inout PlanBuilder) { builder.append(self) }
}

/// The values of one patch.
package struct PatchShape: Hashable, Sendable {
  /// How many there are.
  package var length: Int
  /// Columns of a window that they lie in, the last axis of the patch; 1 for values without a place.
  package var width: Int

  package init(length: Int, width: Int) {
    self.length = length
    self.width = width
  }
}

/// How many blocks flow.
package enum BlockCount: Hashable, Sendable {
  /// So many.
  case exactly(Int)
  /// So many or fewer: which ones, only the values tell.
  case atMost(Int)

  /// The most there can be.
  package var maximum: Int {
    switch self {
    case .exactly(let count), .atMost(let count): count
    }
  }
}

/// The tiles that a transform works on.
package struct TileShape: Hashable, Sendable {
  /// The values of a patch before the transform.
  package var patch: PatchShape
  /// Blocks side by side: values from one row of a tile to the next.
  package var pitch: Int

  package init(patch: PatchShape, pitch: Int) {
    self.patch = patch
    self.pitch = pitch
  }
}

/// A transform with its tables.
package protocol PreparedTransform: Sendable {
  /// Bytes of tables that all workers share.
  var tableBytes: Int { get }
  /// Floats of working memory beside the tile and its spare.
  var scratchCount: Int { get }
  /// Transforms every block of a tile.
  ///
  /// - Throws: `RunError` where it cannot be done for these values.
  func apply(to tile: inout Tile) throws(RunError)
}

extension PreparedTransform {
  package var tableBytes: Int { 0 }
  package var scratchCount: Int { 0 }
}
