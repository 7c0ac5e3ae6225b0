import TesseraCore
import TesseraFiles

/// What a search has found somewhere.
public protocol Located: Hashable, Sendable {
  /// Where it is.
  var path: String { get }
}

extension FileError: Located {}

/// How many of a kind a search has found, and the first thousand by the bytes of their paths.
///
/// A folder may hold a million of what nobody wants to be told one by one.
public struct FirstFound<Element: Located>: Hashable, Sendable {
  /// The most that are kept.
  public static var limit: Int { 1000 }

  /// The first of them, in the order of their paths.
  public private(set) var kept: [Element] = []
  /// How many there are.
  public private(set) var count = 0

  /// Nothing has been found.
  public init() {}

  /// Keeps the first of some.
  public init(_ elements: some Sequence<Element>) {
    for element in elements { add(element) }
    sort()
  }

  /// Whether there is none.
  public var isEmpty: Bool { count == 0 }

  /// Counts one more; ``kept`` is in order after ``sort()``.
  mutating func add(_ element: Element) {
    count += 1
    kept.append(element)
    // Folders are read in an order of the file system's own: what is kept must not depend on it.
    if kept.count >= 2 * Self.limit { sort() }
  }

  /// Brings what is kept into order.
  mutating func sort() {
    kept.sort { PathKey($0.path) < PathKey($1.path) }
    if kept.count > Self.limit { kept.removeSubrange(Self.limit...) }
  }
}

extension FirstFound: ExpressibleByArrayLiteral {
  /// Keeps the first of those that are written down.
  public init(arrayLiteral elements: Element...) { self.init(elements) }
}
