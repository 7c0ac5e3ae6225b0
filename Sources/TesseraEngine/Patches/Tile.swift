import TesseraKernels
import TesseraThreads

/// Some blocks of an image, one per lane, and room for as many again.
///
/// Row `d` holds value `d` of every block. Memory belongs to the pass that made the tile and is valid
/// while that works on it.
package struct Tile {
  /// The first value of the first block; row `d` starts `d · pitch` further.
  package private(set) var values: UnsafeMutablePointer<Float>
  /// As much memory again, for transforms that do not work in place; `exchange()` makes it the tile.
  package private(set) var spare: UnsafeMutablePointer<Float>
  /// Working memory of the transform: what it asked for.
  package let scratch: UnsafeMutablePointer<Float>
  /// Values from one row to the next.
  package let pitch: Int
  /// Rows in force.
  package internal(set) var length: Int
  /// The numbers of the blocks, in the order of lanes.
  package private(set) var blocks: BlockNumbers
  /// Asked by whatever takes long.
  package let cancellation: Cancellation
  /// What each block weighs where it overlaps others; `nil` for 1.
  package private(set) var weights: [Float]?

  init(
    values: UnsafeMutablePointer<Float>, spare: UnsafeMutablePointer<Float>,
    scratch: UnsafeMutablePointer<Float>, pitch: Int, length: Int, blocks: BlockNumbers,
    cancellation: Cancellation
  ) {
    self.values = values
    self.spare = spare
    self.scratch = scratch
    self.pitch = pitch
    self.length = length
    self.blocks = blocks
    self.cancellation = cancellation
  }

  /// The same tile with its values elsewhere; nothing can be done to it but read.
  init(copyOf tile: Tile, values: UnsafeMutablePointer<Float>) {
    self = tile
    (self.values, spare) = (values, values)
  }

  /// The values `row` of all blocks.
  package func row(_ row: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: values + row * pitch, count: blocks.count)
  }

  /// Makes the spare memory, which a transform has filled, the tile.
  package mutating func exchange() { swap(&values, &spare) }

  /// Keeps some lanes, in ascending order, and lets the others go.
  package mutating func keep(_ lanes: [Int]) {
    for row in 0..<length {
      let values = values + row * pitch
      for (target, lane) in lanes.enumerated() { values[target] = values[lane] }
    }
    blocks = blocks.keeping(lanes)
    weights = weights.map { weights in lanes.map { weights[$0] } }
  }

  /// Sets what each block weighs, one value per block.
  package mutating func weigh(_ values: [Float]) {
    precondition(values.count == blocks.count, "every block has a weight")
    weights = values
  }
}

/// Numbers of blocks, counted over the whole image in raster order.
package struct BlockNumbers: Hashable, Sendable {
  /// The blocks without a gap, or those that are left of them.
  package let range: Range<Int>
  private let kept: [Int]?

  package init(_ range: Range<Int>) {
    self.range = range
    kept = nil
  }

  private init(_ range: Range<Int>, kept: [Int]) {
    self.range = range
    self.kept = kept
  }

  /// How many there are.
  package var count: Int { kept?.count ?? range.count }

  /// The number of the block in a lane.
  package subscript(lane: Int) -> Int { kept?[lane] ?? range.lowerBound + lane }

  /// The blocks of some lanes.
  func keeping(_ lanes: [Int]) -> BlockNumbers {
    BlockNumbers(range, kept: lanes.map { self[$0] })
  }
}
