/// Numbers that follow from a seed, the same for ever.
///
/// Source: Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014.
package struct SplitMix64: Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  /// The next word.
  package mutating func word() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// An integer of a range.
  package mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(word() % UInt64(range.count))
  }

  /// True in so many of a hundred draws.
  package mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }

  /// One of some values.
  package mutating func pick<Value>(_ values: [Value]) -> Value {
    values[number(0...values.count - 1)]
  }

  /// One of some values, each as likely as its weight says.
  package mutating func pick<Value>(_ values: [Value], weight: (Value) -> Int) -> Value {
    var left = number(0...max(values.map(weight).reduce(0, +) - 1, 0))
    for value in values {
      left -= weight(value)
      if left < 0 { return value }
    }
    return values[values.count - 1]
  }
}
