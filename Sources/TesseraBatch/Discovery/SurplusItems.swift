import TesseraCore
import TesseraFiles
import TesseraThreads

/// Items whose files an earlier source has given, by whatever path.
///
/// Files are held against each other by hashes of their paths, and by the paths themselves where two
/// are equal: sixteen bytes an item rather than a path.
struct SurplusItems {
  private struct Entry {
    let hash: UInt64
    let index: UInt32
  }

  /// Their indices, ascending.
  private var indices: [UInt32] = []

  /// Looks at items, the sources of which are in the order in which they were given.
  init(_ items: ItemList, _ sources: [UInt32], _ cancellation: Cancellation) {
    var resolver = Resolver()
    var entries: [Entry] = []
    entries.reserveCapacity(items.count)
    for (index, item) in items.enumerated() {
      if cancellation.isCancelled { return }
      let path = resolver.path(of: item)
      entries.append(Entry(hash: XXHash64.hash(path.utf8), index: UInt32(index)))
    }
    entries.sort { ($0.hash, $0.index) < ($1.hash, $1.index) }
    var start = 0
    while start < entries.count {
      var end = start + 1
      while end < entries.count, entries[end].hash == entries[start].hash { end += 1 }
      if end > start + 1 { note(entries[start..<end].map(\.index), of: items, sources, &resolver) }
      start = end
    }
    indices.sort()
  }

  /// Notes those whose path an item of an earlier source has.
  private mutating func note(
    _ alike: [UInt32], of items: ItemList, _ sources: [UInt32], _ resolver: inout Resolver
  ) {
    var first: [PathKey: UInt32] = [:]
    for index in alike {
      let path = PathKey(resolver.path(of: items[Int(index)]))
      let source = first[path] ?? sources[Int(index)]
      first[path] = source
      if source != sources[Int(index)] { indices.append(index) }
    }
  }

  /// Whether an item is one of them.
  func contains(_ index: Int) -> Bool {
    let place = indices.partitioningIndex { $0 >= index }
    return place < indices.count && indices[place] == index
  }
}

/// Finds paths that tell files from others, whatever links lead to them.
private struct Resolver {
  /// The folder asked for last: files come folder by folder.
  private var folder = ""
  private var real: String?

  /// The path of an item's file, with its page.
  mutating func path(of item: Item) -> String {
    pathOfFile(of: item) + (item.source.page.map { "\0\($0)" } ?? "")
  }

  private mutating func pathOfFile(of item: Item) -> String {
    let path = item.source.path
    do throws(FileError) {
      if FileStatus(of: path, followingLinks: false)?.kind == .link {
        return try FileSystem.real(path)
      }
      return Path.join(try real(Path.folder(of: path)), Path.name(of: path))
    } catch {
      // Where nobody knows what the parts before a ".." are, no other spelling is surely the same.
      let goesUp = path.utf8.split(separator: UInt8(ascii: "/")).contains {
        $0.elementsEqual("..".utf8)
      }
      return goesUp ? path : FileSystem.resolved(path)
    }
  }

  private mutating func real(_ folder: String) throws(FileError) -> String {
    if let real, folder.utf8.elementsEqual(self.folder.utf8) { return real }
    let real = try FileSystem.real(folder.isEmpty ? "." : folder)
    (self.folder, self.real) = (folder, real)
    return real
  }
}
