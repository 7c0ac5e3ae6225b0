import TesseraCore
import TesseraFiles

/// Shards that were complete, and some of whose outputs are gone, or report or records damaged.
struct LostShards {
  /// Whether anything is looked for.
  private let looks: Bool
  private(set) var numbers: [Int] = []
  /// An output that is gone.
  private var example = ""
  /// A report, or the folder of records, that is damaged.
  private var damaged: String?

  init(looking looks: Bool) { self.looks = looks }

  /// What is wrong; `nil` where nothing is.
  var error: PlanError? {
    if numbers.isEmpty { return nil }
    if let damaged { return .damaged(ShardNumbers(numbers), example: damaged) }
    return .lost(ShardNumbers(numbers), example: example)
  }

  /// Looks whether outputs are there, of the sizes that were written.
  mutating func look(at outputs: [RunRecord.Output], of shard: Int, in out: RunFolder) {
    guard looks, numbers.last != shard else { return }
    // Of a file that was about to be replaced there may be two sizes.
    for (name, claims) in Dictionary(grouping: outputs, by: { PathKey($0.path) }) {
      let path = out.path(of: name.path)
      let status = FileStatus(of: path, followingLinks: false)
      if let status,
        claims.contains(where: { $0.byteCount ?? status.byteCount == status.byteCount })
      {
        continue
      }
      return add(shard, for: path)
    }
  }

  /// Takes a shard whose report or records are damaged, whatever is looked for.
  mutating func addDamaged(_ shard: Int, _ path: String) {
    damaged = damaged ?? path
    add(shard, for: path)
  }

  private mutating func add(_ shard: Int, for path: String) {
    if numbers.last == shard { return }
    if numbers.isEmpty { example = path }
    numbers.append(shard)
  }
}
