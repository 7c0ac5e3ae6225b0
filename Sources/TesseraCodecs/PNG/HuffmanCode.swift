/// A canonical prefix code for symbols of known frequency (RFC 1951, 3.2.2).
struct HuffmanCode {
  /// Bits of each symbol's code; 0 for symbols that do not occur.
  private(set) var lengths: [UInt8]
  /// Each symbol's code, first bit lowest, as deflate writes it.
  private(set) var codes: [UInt32]

  /// Finds the shortest code none of whose words is longer than `limit`, to a few bits.
  init(counts: [UInt32], limit: Int) {
    lengths = [UInt8](repeating: 0, count: counts.count)
    codes = [UInt32](repeating: 0, count: counts.count)
    let symbols = counts.indices.filter { counts[$0] > 0 }
      .sorted { (counts[$0], $0) < (counts[$1], $1) }
    var perLength = Self.lengthCounts(symbols.map { counts[$0] }, limit: limit)
    Self.shorten(&perLength, limit: limit)

    // The rarest symbols get the longest words.
    var rest = symbols[...]
    for length in stride(from: limit, to: 0, by: -1) {
      for _ in 0..<perLength[length] {
        guard let symbol = rest.popFirst() else { return }
        lengths[symbol] = UInt8(length)
      }
    }
    assignCodes(perLength, limit: limit)
  }

  /// How many symbols have words of each length in an optimal code.
  ///
  /// - Parameters:
  ///   - counts: Frequencies in ascending order.
  ///   - limit: The longest word; longer ones count as this.
  /// - Returns: A count for every length from 0 to `limit`.
  private static func lengthCounts(_ counts: [UInt32], limit: Int) -> [Int] {
    var perLength = [Int](repeating: 0, count: limit + 1)
    let leaves = counts.count
    guard leaves > 1 else {
      perLength[1] = leaves
      return perLength
    }
    // Inner nodes are made in ascending order too, so the two rarest nodes are always at the heads
    // of two queues.
    var weights = counts
    var parents = [Int](repeating: 0, count: 2 * leaves - 1)
    var (leaf, inner) = (0, leaves)
    for node in leaves..<(2 * leaves - 1) {
      var weight: UInt32 = 0
      for _ in 0..<2 {
        let takesLeaf = leaf < leaves && (inner >= node || weights[leaf] <= weights[inner])
        let child = takesLeaf ? leaf : inner
        if takesLeaf { leaf += 1 } else { inner += 1 }
        weight += weights[child]
        parents[child] = node
      }
      weights.append(weight)
    }
    var depths = [Int](repeating: 0, count: 2 * leaves - 1)
    for node in (0..<(2 * leaves - 2)).reversed() {
      depths[node] = depths[parents[node]] + 1
      if node < leaves { perLength[min(depths[node], limit)] += 1 }
    }
    return perLength
  }

  /// Makes room where clamping has given out more words than there are: a shorter word becomes
  /// two longer ones, until the words fit.
  private static func shorten(_ perLength: inout [Int], limit: Int) {
    var used = (1...limit).reduce(0) { $0 + perLength[$1] << (limit - $1) }
    while used > 1 << limit {
      guard let length = (1..<limit).last(where: { perLength[$0] > 0 }) else { return }
      perLength[limit] -= 1
      perLength[length] -= 1
      perLength[length + 1] += 2
      used -= 1
    }
  }

  private mutating func assignCodes(_ perLength: [Int], limit: Int) {
    var next = [UInt32](repeating: 0, count: limit + 2)
    for length in 1...limit {
      next[length + 1] = (next[length] + UInt32(perLength[length])) << 1
    }
    for symbol in lengths.indices where lengths[symbol] > 0 {
      let length = Int(lengths[symbol])
      codes[symbol] = Self.reversed(next[length], bits: length)
      next[length] += 1
    }
  }

  private static func reversed(_ code: UInt32, bits: Int) -> UInt32 {
    var (rest, result) = (code, UInt32(0))
    for _ in 0..<bits {
      result = result << 1 | rest & 1
      rest >>= 1
    }
    return result
  }
}
