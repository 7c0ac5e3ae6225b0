import TesseraFiles

/// Where the records that still stand are in some texts, in 16 bytes each.
///
/// A later line of the same key takes the place of an earlier one. An output belongs to the record
/// that named it last: an earlier one that named it too no longer tells what is in the file.
struct RecordIndex: Sendable {
  /// A line of one of the texts.
  struct Place: Hashable, Comparable, Sendable {
    fileprivate var bits: UInt64

    init(text: Int, offset: Int, state: RunRecord.State) {
      bits =
        UInt64(text) << 52 | UInt64(offset) << 2 | UInt64(Self.states.firstIndex(of: state) ?? 0)
    }

    /// A place as ``number`` gave it.
    init(number: Int) { bits = UInt64(number) }

    var number: Int { Int(bits) }
    var text: Int { Int(bits >> 52) }
    var offset: Int { Int(bits >> 2 & (1 << 50 - 1)) }
    var state: RunRecord.State { Self.states[Int(bits & 3)] }

    static func < (a: Place, b: Place) -> Bool { a.bits < b.bits }

    private static let states = RunRecord.State.allCases
  }

  private struct Entry: Sendable {
    var key: UInt64
    var place: Place
  }

  private var entries: [Entry] = []
  /// Where a line of the same key was put: most lines take the place of one shortly before.
  private var recentKeys = RecentValues<Int>()
  private var claims = NameHashes()
  /// By which key an output was named.
  private var recentClaims = RecentValues<UInt64>()

  /// Begins with no line.
  init() {}

  /// Takes a line; lines come in their order.
  mutating func add(_ line: RecordScan, at place: Place) {
    if let index = recentKeys[line.key] {
      entries[index].place = place
    } else {
      recentKeys[line.key] = entries.count
      entries.append(Entry(key: line.key, place: place))
    }
    for output in line.outputs where recentClaims[output] != line.key {
      recentClaims[output] = line.key
      claims.append(output)
    }
  }

  /// Leaves what still stands.
  ///
  /// - Parameter lines: calls its argument with all lines again, for outputs that may have been named
  ///   by several records.
  /// - Throws: what `lines` throws.
  mutating func settle(
    _ lines: ((RecordScan, Place) -> Void) throws(FileError) -> Void
  ) throws(FileError) {
    recentKeys = RecentValues()
    recentClaims = RecentValues()
    entries.sort { ($0.key, $0.place) < ($1.key, $1.place) }
    var kept = 0
    for index in entries.indices {
      let isOutdated = index + 1 < entries.count && entries[index + 1].key == entries[index].key
      if isOutdated || entries[index].place.state == .released { continue }
      entries[kept] = entries[index]
      kept += 1
    }
    entries.removeLast(entries.count - kept)
    claims.sort()
    let shared = claims.duplicates
    claims = NameHashes()
    if shared.isEmpty { return }
    var owners = OutputOwners(of: shared)
    try lines { owners.add($0, at: $1) }
    entries.removeAll { owners.isDropped($0.key, at: $0.place) }
  }

  var count: Int { entries.count }

  /// Where a record may stand that has a key of this hash.
  func place(of key: UInt64) -> Place? {
    let index = entries.partitioningIndex { $0.key >= key }
    return index < entries.count && entries[index].key == key ? entries[index].place : nil
  }

  /// All places in the order of the lines.
  var places: [Place] { entries.map(\.place).sorted() }

  /// Places of those that are only begun, in the order of the lines.
  var begunPlaces: [Place] { entries.map(\.place).filter { $0.state == .started }.sorted() }
}

/// The values of the last few thousand keys that were set.
private struct RecentValues<Value: Sendable>: Sendable {
  private var young: [UInt64: Value] = [:]
  private var old: [UInt64: Value] = [:]

  subscript(key: UInt64) -> Value? {
    get { young[key] ?? old[key] }
    set {
      if young.count >= 4096 { (old, young) = (young, [:]) }
      young[key] = newValue
    }
  }
}

/// Which records lose outputs that later ones name.
private struct OutputOwners {
  private let shared: Set<UInt64>
  private var owners: [UInt64: UInt64] = [:]
  private var outputs: [UInt64: [UInt64]] = [:]
  private var drops: [UInt64: RecordIndex.Place] = [:]

  init(of shared: Set<UInt64>) { self.shared = shared }

  mutating func add(_ line: RecordScan, at place: RecordIndex.Place) {
    // A new line of a record gives up what its earlier one named.
    for output in outputs.removeValue(forKey: line.key) ?? [] { owners[output] = nil }
    for output in line.outputs where shared.contains(output) {
      if let other = owners[output], other != line.key {
        drops[other] = place
        for output in outputs.removeValue(forKey: other) ?? [] { owners[output] = nil }
      }
      owners[output] = line.key
      outputs[line.key, default: []].append(output)
    }
  }

  /// Whether a record that stands at a place has lost an output since.
  func isDropped(_ key: UInt64, at place: RecordIndex.Place) -> Bool {
    drops[key].map { $0 > place } ?? false
  }
}
