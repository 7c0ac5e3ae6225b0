/// How many of the blocks that a stage has cut were let go before somebody took them.
package struct DroppedBlocks: Hashable, Sendable {
  /// The stage that has cut them.
  package var unfoldStage: Int
  /// How many are gone.
  package var count: Int

  package init(unfoldStage: Int, count: Int) {
    self.unfoldStage = unfoldStage
    self.count = count
  }
}

extension Sequence<DroppedBlocks> {
  /// What all stages together have let go; `nil` where none could.
  ///
  /// Of the blocks of one unfold several may take some, each after more of the stages that choose: what
  /// the last one lacks was let go.
  package var total: Int? {
    var counts: [Int: Int] = [:]
    for each in self {
      counts[each.unfoldStage] = Swift.max(counts[each.unfoldStage] ?? 0, each.count)
    }
    return counts.isEmpty ? nil : counts.values.reduce(0, +)
  }
}
