import CTesseraCPU
import Testing
import TesseraKernels
import TesseraKernelsAVX2
import TesseraKernelsAVX512
import TesseraKernelsBaseline

/// A set of kernels that this processor can run, as an argument of a test.
struct Variants: Sendable, CustomTestStringConvertible {
  let kernels: KernelSet

  var testDescription: String { kernels.name }

  /// Every set that can be tested here.
  static let all: [Variants] = {
    var sets = [KernelSet.baseline]
    #if arch(x86_64)
      if tessera_x86_64_level() >= 3 { sets.append(.avx2) }
      if tessera_x86_64_level() >= 4 { sets.append(.avx512) }
    #endif
    return sets.map(Variants.init)
  }()
}

/// A small linear congruential generator: the same numbers in every run.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state ^ (state >> 29)
  }

  mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float.random(in: -2...2, using: &self) }
  }

  mutating func integers<E: FixedWidthInteger>(_ count: Int) -> [E] {
    (0..<count).map { _ in E.random(in: .min ... .max, using: &self) }
  }
}

/// Whether sums of `terms` products of values up to `scale` agree with a double reference.
func agree(_ values: [Float], _ reference: [Double], terms: Int, scale: Double = 4) -> Bool {
  let roundings = Double(terms + 4) * Double(max(terms, 1)).squareRoot()
  let bound = roundings * Double(Float.ulpOfOne) * scale
  return values.count == reference.count
    && zip(values, reference).allSatisfy { (Double($0) - $1).magnitude <= bound }
}
