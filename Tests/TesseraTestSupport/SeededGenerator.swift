import RandomPipelines

/// SplitMix64 as a source for the standard library: the same numbers on every machine.
package struct SeededGenerator: RandomNumberGenerator {
  private var words: SplitMix64

  package init(seed: UInt64) { words = SplitMix64(seed: seed) }

  package mutating func next() -> UInt64 { words.word() }
}
