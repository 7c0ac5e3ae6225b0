import TesseraFiles
import TesseraThreads

/// Which of many things may be the same, told by hashes of 64 bits in eight bytes each.
///
/// Equal things have equal hashes; that different ones have is rare, so whoever finds a hash asks for
/// the thing itself.
struct NameHashes: Sendable {
  private var hashes: [UInt64] = []

  /// Begins without any.
  ///
  /// - Parameter count: how many are expected.
  init(reserving count: Int = 0) { hashes.reserveCapacity(count) }

  mutating func append(_ hash: UInt64) { hashes.append(hash) }

  mutating func append(_ others: NameHashes) { hashes += others.hashes }

  /// Makes what was appended known to ``contains(_:)`` and ``duplicates``.
  mutating func sort() { hashes.sort() }

  func contains(_ hash: UInt64) -> Bool {
    let place = hashes.partitioningIndex { $0 >= hash }
    return place < hashes.count && hashes[place] == hash
  }

  /// Whether some hash is one of the others, too.
  func holdsAny(of others: NameHashes) -> Bool { hashes.contains { others.contains($0) } }

  /// Hashes that were appended more than once.
  var duplicates: Set<UInt64> {
    var found: Set<UInt64> = []
    for (hash, next) in zip(hashes, hashes.dropFirst()) where hash == next { found.insert(hash) }
    return found
  }
}

/// Numbers of things by the hashes of their names, in 16 bytes each.
struct NameIndex: Sendable {
  private struct Entry: Sendable {
    var hash: UInt64
    var number: UInt64
  }

  private var entries: [Entry] = []

  /// Begins without any.
  ///
  /// - Parameter count: how many are expected.
  init(reserving count: Int = 0) { entries.reserveCapacity(count) }

  var isEmpty: Bool { entries.isEmpty }

  mutating func append(_ hash: UInt64, _ number: Int) {
    entries.append(Entry(hash: hash, number: UInt64(number)))
  }

  mutating func append(_ others: NameIndex) { entries += others.entries }

  /// Makes what was appended known to ``numbers(of:)``.
  mutating func sort() {
    entries.sort { ($0.hash, $0.number) < ($1.hash, $1.number) }
  }

  /// The numbers of all that have a hash, in ascending order.
  func numbers(of hash: UInt64) -> [Int] {
    let first = entries.partitioningIndex { $0.hash >= hash }
    return entries[first...].prefix { $0.hash == hash }.map { Int($0.number) }
  }
}

/// An index that is put together when it is asked for first.
final class LazyNameIndex: Sendable {
  private let index = Locked<NameIndex?>(nil)

  /// The numbers of all that have a hash, in ascending order.
  ///
  /// - Parameters:
  ///   - hash: what is looked for.
  ///   - index: puts the index together, sorted.
  /// - Returns: the numbers.
  func numbers(of hash: UInt64, in index: () -> NameIndex) -> [Int] {
    let all = self.index.withLock { kept in
      let all = kept ?? index()
      kept = all
      return all
    }
    return all.numbers(of: hash)
  }
}

extension Array {
  /// The first place from which on a condition holds, where it holds to the end.
  func partitioningIndex(where holds: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = low + (high - low) / 2
      if holds(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
