import TesseraCore
import TesseraFiles

/// Chooses blocks by hashes: XXH64 of "SEED/KEY/BLOCK", with the view after the key where an image comes
/// several times.
struct BlockChoice {
  private let hashes: [(hash: UInt64, block: Int)]

  /// Hashes the numbers of blocks.
  ///
  /// - Parameters:
  ///   - blocks: ascending.
  ///   - seed: what the pipeline says.
  ///   - image: the image, and its view.
  init(_ blocks: [Int], seed: Int, image: ImageIdentity) {
    let key = image.view == 0 ? image.key : "\(image.key)/\(image.view)"
    hashes = blocks.map { (XXHash64.hash("\(seed)/\(key)/\($0)".utf8), $0) }
  }

  /// The blocks with the smallest hashes, ascending.
  func smallest(_ count: Int) -> [Int] {
    guard count < hashes.count else { return hashes.map(\.block) }
    return hashes.sorted { ($0.hash, $0.block) < ($1.hash, $1.block) }.prefix(count)
      .map(\.block).sorted()
  }
}

extension Layout {
  /// The numbers of the blocks that are there.
  ///
  /// - Throws: `StageError` where only the values tell.
  func countedBlocks(for stage: String) throws(StageError) -> [Int] {
    let grid = requirePatches(for: stage)
    if let keptBlocks { return keptBlocks }
    guard !isThinned else { throw StageError(SharedRefusal.notCounted(stage)) }
    return Array(0..<grid.blockCount)
  }

  /// Lets blocks go.
  mutating func keep(_ blocks: [Int]) {
    isThinned = isThinned || blocks.count < (grid?.blockCount ?? 0)
    keptBlocks = blocks
  }

  /// How many blocks there are at most.
  var mostBlocks: Int { keptBlocks?.count ?? grid?.blockCount ?? 0 }
}
