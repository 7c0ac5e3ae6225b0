/// Numbers of shards, in words as arrays of batch systems take them: `3,7-9`.
package struct ShardNumbers: Hashable, Sendable {
  /// In order, and with gaps between them.
  private var ranges: [ClosedRange<Int>]

  /// Takes numbers in any order.
  package init(_ numbers: some Sequence<Int>) { self.init(ranges: numbers.map { $0...$0 }) }

  /// Reads numbers and ranges between commas.
  ///
  /// - Returns: `nil` where the text is anything else.
  package init?(_ text: String) {
    var ranges: [ClosedRange<Int>] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false).map(Self.number)
      guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
        first <= last
      else { return nil }
      ranges.append(first...last)
    }
    self.init(ranges: ranges)
  }

  private init(ranges: [ClosedRange<Int>]) {
    self.ranges = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      guard let last = self.ranges.last, last.upperBound >= range.lowerBound - 1 else {
        self.ranges.append(range)
        continue
      }
      let end = max(last.upperBound, range.upperBound)
      self.ranges[self.ranges.count - 1] = last.lowerBound...end
    }
  }

  private static func number(_ digits: Substring) -> Int? {
    guard !digits.isEmpty, digits.utf8.count < 10,
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    return Int(digits)
  }

  /// The numbers in a sentence: "shard 3", "shards 3,7-9".
  package var words: String { "\(count == 1 ? "shard" : "shards") \(self)" }

  /// What is to be said of shards that are not complete any more.
  package var missingNow: String {
    count == 1 ? "it counts as missing now" : "they count as missing now"
  }

  /// The pronoun for them, as an object.
  package var them: String { count == 1 ? "it" : "them" }

  /// Whether there are none.
  package var isEmpty: Bool { ranges.isEmpty }

  /// How many there are.
  package var count: Int { ranges.reduce(0) { $0 + $1.count } }

  /// The largest.
  package var last: Int? { ranges.last?.upperBound }

  /// Each of them, in order.
  package var all: some Sequence<Int> { ranges.lazy.joined() }
}

extension ShardNumbers: CustomStringConvertible {
  /// The shortest text that says the same.
  package var description: String {
    ranges.map { range in
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }.joined(separator: ",")
  }
}
