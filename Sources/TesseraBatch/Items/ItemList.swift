import TesseraCore
import TesseraFiles

/// The items of a run, each in 24 bytes beside those of its name.
///
/// Of a path only what stands before the name is kept, and that once for all items that share it.
public struct ItemList: Sendable {
  private struct Entry: Sendable {
    /// Where the length of the name stands among all bytes, and then the name.
    var start: UInt64
    var byteCount: Int
    var modificationTime: Int
  }

  /// What the items of one folder have in common.
  private struct Origin: Hashable, Sendable {
    var root: String
    /// What stands before the names in paths.
    let prefix: String

    // Swift's == on text is canonical equivalence: "é" in its two spellings would be one folder.
    static func == (a: Self, b: Self) -> Bool {
      a.root.utf8.elementsEqual(b.root.utf8) && a.prefix.utf8.elementsEqual(b.prefix.utf8)
    }

    func hash(into hasher: inout Hasher) { hasher.combine(PathKey(prefix)) }
  }

  /// What an item is kept by that shares nothing with others.
  private struct Oddity: Sendable {
    let root: String
    let source: ByteSource
    let member: String?
  }

  private var entries: [Entry] = []
  private var bytes: [UInt8] = []
  private var origins: [Origin] = []
  private var originNumbers: [Origin: Int] = [:]
  /// By the place of the name.
  private var oddities: [UInt64: Oddity] = [:]

  /// Above the place of a name stands the number of its origin.
  private static let placeBits: UInt64 = 44
  private static let place: UInt64 = 1 << placeBits - 1
  private static let mostOrigins = 1 << 19
  /// The number of those that are odd.
  private static let odd = UInt64(mostOrigins)

  /// How many views every input has; `nil` where each comes once, and as itself.
  public var viewCount: Int?

  /// The inputs, each once.
  public var withoutViews: ItemList {
    var list = self
    list.viewCount = nil
    return list
  }

  /// Begins without any.
  public init() {}

  /// Takes items over, in their order.
  public init(_ items: some Sequence<Item>) {
    for item in items { append(item) }
  }

  /// Appends an item.
  public mutating func append(_ item: Item) {
    entries.append(
      Entry(
        start: start(of: item), byteCount: item.byteCount, modificationTime: item.modificationTime))
  }

  private mutating func start(of item: Item) -> UInt64 {
    let place = UInt64(bytes.count)
    let name = item.name.utf8
    var length = name.count
    while length >= 0x80 {
      bytes.append(UInt8(length & 0x7F | 0x80))
      length >>= 7
    }
    bytes.append(UInt8(length))
    bytes.append(contentsOf: name)
    if let number = origin(of: item) { return UInt64(number) << Self.placeBits | place }
    oddities[place] = Oddity(root: item.root, source: item.source, member: item.member)
    return Self.odd << Self.placeBits | place
  }

  /// The number of what an item shares with others; `nil` where its path does not end with its name.
  private mutating func origin(of item: Item) -> Int? {
    let (path, name) = (item.source.path.utf8, item.name.utf8)
    guard item.source.part == nil, item.source.page == nil, item.member == nil,
      path.count >= name.count,
      path.suffix(name.count).elementsEqual(name)
    else { return nil }
    let prefix = String(decoding: path.dropLast(name.count), as: UTF8.self)
    let origin = Origin(root: item.root, prefix: prefix)
    // Items come folder by folder.
    if let last = origins.last, last == origin { return origins.count - 1 }
    if let number = originNumbers[origin] { return number }
    guard origins.count < Self.mostOrigins else { return nil }
    origins.append(origin)
    originNumbers[origin] = origins.count - 1
    return origins.count - 1
  }

  /// The bytes of a name.
  private func name(at start: UInt64) -> ArraySlice<UInt8> {
    var place = Int(start & Self.place)
    var (length, shift) = (0, 0)
    while bytes[place] & 0x80 != 0 {
      length |= Int(bytes[place] & 0x7F) << shift
      shift += 7
      place += 1
    }
    length |= Int(bytes[place]) << shift
    return bytes[(place + 1)..<(place + 1 + length)]
  }
}

extension ItemList: RandomAccessCollection, MutableCollection {
  /// 0, the place of the first.
  public var startIndex: Int { 0 }
  /// How many there are.
  public var endIndex: Int { entries.count * (viewCount ?? 1) }

  /// An item, put together from what is kept of it.
  public subscript(index: Int) -> Item {
    get {
      let entry = entries[index / (viewCount ?? 1)]
      let name = String(decoding: name(at: entry.start), as: UTF8.self)
      let (root, source) = place(of: entry, named: name)
      var item = Item(
        name: name, source: source, byteCount: entry.byteCount,
        modificationTime: entry.modificationTime)
      item.root = root
      if entry.start >> Self.placeBits == Self.odd {
        item.member = oddities[entry.start & Self.place]?.member
      }
      item.view = viewCount.map { index % $0 }
      return item
    }
    set {
      let (old, entry) = (self[index], entries[index / (viewCount ?? 1)])
      let isElsewhere =
        newValue.source != old.source || !newValue.name.utf8.elementsEqual(old.name.utf8)
        || !newValue.root.utf8.elementsEqual(old.root.utf8)
      entries[index / (viewCount ?? 1)] = Entry(
        start: isElsewhere ? start(of: newValue) : entry.start, byteCount: newValue.byteCount,
        modificationTime: newValue.modificationTime)
    }
  }

  private func place(
    of entry: Entry, named name: String
  ) -> (root: String, source: ByteSource) {
    let number = entry.start >> Self.placeBits
    if number == Self.odd, let oddity = oddities[entry.start & Self.place] {
      return (oddity.root, oddity.source)
    }
    let origin = origins[Int(number)]
    return (origin.root, ByteSource(path: origin.prefix + name))
  }

  /// Puts the items in the order of their names, by bytes, and those of one name in that of their
  /// paths.
  public mutating func sort() {
    var sorted = entries
    entries = []
    sorted.sort { a, b in
      let (first, second) = (name(at: a.start), name(at: b.start))
      if !first.elementsEqual(second) { return first.lexicographicallyPrecedes(second) }
      let name = String(decoding: first, as: UTF8.self)
      return place(of: a, named: name).source.path.utf8
        .lexicographicallyPrecedes(place(of: b, named: name).source.path.utf8)
    }
    // What was left for more of them is given back.
    entries = sorted.withUnsafeBufferPointer { Array($0) }
    bytes = bytes.withUnsafeBufferPointer { Array($0) }
  }

  /// Lets go of items.
  mutating func keep(where isKept: (Int) -> Bool) {
    var count = 0
    for index in entries.indices where isKept(index) {
      entries[count] = entries[index]
      count += 1
    }
    entries.removeLast(entries.count - count)
  }

  /// The roots that there are.
  var roots: Set<PathKey> {
    Set(origins.map { PathKey($0.root) }).union(oddities.values.map { PathKey($0.root) })
  }

  /// Gives all items of a root another one.
  mutating func mapRoots(_ name: (String) -> String) {
    for index in origins.indices {
      origins[index].root = name(origins[index].root)
    }
    originNumbers = Dictionary(zip(origins, 0...)) { first, _ in first }
    oddities = oddities.mapValues {
      Oddity(root: name($0.root), source: $0.source, member: $0.member)
    }
  }

  /// The bytes of all sizes together, those of every view.
  var totalByteCount: Int {
    entries.reduce(0) { $0.saturating(plus: $1.byteCount) }.saturating(times: viewCount ?? 1)
  }
}
