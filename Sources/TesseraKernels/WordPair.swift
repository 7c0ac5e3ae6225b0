/// A vector of bytes as words: those at even places and those at odd places.
@usableFromInline
struct WordPair<V: Variant> {
  @usableFromInline var even: V.Words
  @usableFromInline var odd: V.Words

  /// Number of bytes.
  @inlinable @inline(__always) static var count: Int { 2 &* V.Words.scalarCount }

  @inlinable @inline(__always)
  init(even: V.Words, odd: V.Words) {
    self.even = even
    self.odd = odd
  }

  /// Repeats a word.
  @inlinable @inline(__always)
  init(repeating word: Int16) {
    even = V.Words(repeating: word)
    odd = even
  }

  /// Reads `count` bytes; no alignment is needed.
  @inlinable @inline(__always)
  init(at source: UnsafePointer<UInt8>) {
    let bytes = UnsafeRawPointer(source).loadUnaligned(as: V.Words.self)
    even = bytes.lowBytes
    odd = bytes.highBytes
  }

  /// Adds lane by lane.
  @inlinable @inline(__always)
  mutating func add(_ other: Self) {
    even = even.plus(other.even)
    odd = odd.plus(other.odd)
  }

  /// Adds a product, unless the factor is 0: the branch costs less than the work that it spares.
  @inlinable @inline(__always)
  mutating func add(_ words: Self, times tap: UnsafePointer<UInt32>, _ count: Int) {
    guard tap[count] != 0 else { return }
    let weight = V.Words(pairs: tap.pointee)
    even = even.plus(words.even.times(weight))
    odd = odd.plus(words.odd.times(weight))
  }
}

/// Four sums that are fed by the same bytes: output rows of a convolution.
@usableFromInline
struct FourPairs<V: Variant> {
  @usableFromInline var first: WordPair<V>
  @usableFromInline var second: WordPair<V>
  @usableFromInline var third: WordPair<V>
  @usableFromInline var fourth: WordPair<V>

  /// Four equal sums.
  @inlinable @inline(__always)
  init(repeating word: Int16) {
    first = WordPair(repeating: word)
    second = first
    third = first
    fourth = first
  }
}

/// How sums become bytes.
@usableFromInline
struct WordRounding<V: Variant> {
  @usableFromInline let takesAbsolute: Bool
  @usableFromInline let exponent: Int16
  /// Half a unit, less the smallest step.
  @usableFromInline let half: V.Words
  @usableFromInline let lowest: V.Words
  @usableFromInline let highest: V.Words
  /// `lowest` as both bytes of a word see it.
  @usableFromInline let offset: V.Words

  @inlinable @inline(__always)
  init(_ kernel: IntegerKernel) {
    takesAbsolute = kernel.takesAbsolute
    exponent = Int16(truncatingIfNeeded: kernel.exponent)
    half = V.Words(repeating: (1 &<< (exponent &- 1)) &- 1)
    lowest = V.Words(repeating: kernel.lowest)
    highest = V.Words(repeating: kernel.lowest &+ 255)
    offset = V.Words(repeating: kernel.lowest &* 257)
  }

  /// Rounds half to even and saturates; returns all ones where a byte was right.
  @inlinable @inline(__always)
  func store(_ sums: WordPair<V>, to destination: UnsafeMutablePointer<UInt8>) -> WordPair<V> {
    let (even, odd) = (rounded(sums.even), rounded(sums.odd))
    let lowByte = even.greater(lowest).lesser(highest)
    let highByte = odd.greater(lowest).lesser(highest)
    let bytes = lowByte.plus(highByte.times(V.Words(repeating: 256))).minus(offset)
    UnsafeMutableRawPointer(destination).storeBytes(of: bytes, as: V.Words.self)
    return WordPair(even: lowByte.matches(even), odd: highByte.matches(odd))
  }

  /// The quotient, rounded half to even: less than a half is added where it would be even otherwise.
  @inlinable @inline(__always)
  func rounded(_ sum: V.Words) -> V.Words {
    let value = takesAbsolute ? sum.greater(V.Words().minus(sum)) : sum
    guard exponent > 0 else { return value }
    let isOdd = value.shifted(down: exponent).masked(by: V.Words(repeating: 1))
    return value.plus(half).plus(isOdd).shifted(down: exponent)
  }
}

/// Counts lanes that are all ones.
@usableFromInline
struct FitCount<V: Variant> {
  /// What was counted one by one, or moved out of the lanes.
  @usableFromInline var total = 0
  @usableFromInline var lanes = V.Words()
  @usableFromInline var additions = 0

  @inlinable @inline(__always) init() {}

  /// All that was counted.
  @inlinable @inline(__always)
  var counted: Int {
    var count = total
    for lane in 0..<V.Words.scalarCount { count &-= Int(lanes[lane]) }
    return count
  }

  /// Adds the lanes of a block of up to 4 rows.
  @inlinable @inline(__always)
  mutating func add(_ fits: WordPair<V>) {
    lanes = lanes.plus(fits.even.plus(fits.odd))
    additions &+= 1
    // Each addition counts down by up to 8, and lanes hold −32768.
    if additions == 4_096 { empty() }
  }

  /// Adds the lanes of a block of which the first bytes do not count.
  @inlinable @inline(__always)
  mutating func add(_ fits: WordPair<V>, from first: Int) {
    var places = V.Words()
    for lane in 0..<V.Words.scalarCount { places[lane] = Int16(truncatingIfNeeded: lane) }
    let even = V.Words(repeating: Int16(truncatingIfNeeded: (first &+ 1) / 2))
    let odd = V.Words(repeating: Int16(truncatingIfNeeded: first / 2))
    add(
      WordPair(
        even: fits.even.masked(by: places.greater(even).matches(places)),
        odd: fits.odd.masked(by: places.greater(odd).matches(places))))
  }

  /// Moves what the lanes hold to the total.
  @inlinable @inline(__always)
  mutating func empty() {
    total = counted
    lanes = V.Words()
    additions = 0
  }
}
