import TesseraCore

/// Lets blocks go whose numbers are not among some.
package struct KeepBlocks: TileTransform {
  /// Numbers of the blocks that stay, ascending.
  package var blocks: [Int]

  package init(_ blocks: [Int]) { self.blocks = blocks }

  package var commutesWithRounding: Bool { true }

  package func blockCount(of input: BlockCount) -> BlockCount {
    switch input {
    case .exactly: .exactly(blocks.count)
    case .atMost(let most): .atMost(min(most, blocks.count))
    }
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedChoice(blocks: blocks)
  }
}

private struct PreparedChoice: PreparedTransform {
  /// Ascending.
  let blocks: [Int]

  var tableBytes: Int { blocks.count * MemoryLayout<Int>.stride }

  func apply(to tile: inout Tile) {
    let numbers = tile.blocks
    var next = blocks.partition { $0 < numbers.range.lowerBound }
    var lanes: [Int] = []
    for lane in 0..<numbers.count {
      while next < blocks.count, blocks[next] < numbers[lane] { next += 1 }
      if next < blocks.count, blocks[next] == numbers[lane] { lanes.append(lane) }
    }
    if lanes.count < numbers.count { tile.keep(lanes) }
  }
}

extension [Int] {
  /// The first place of ascending numbers where a condition no longer holds.
  fileprivate func partition(where holds: (Int) -> Bool) -> Int {
    var (lower, upper) = (0, count)
    while lower < upper {
      let middle = (lower + upper) / 2
      if holds(self[middle]) { lower = middle + 1 } else { upper = middle }
    }
    return lower
  }
}
