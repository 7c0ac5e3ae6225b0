import Testing

@testable import TesseraPipeline

/// The generator is part of what pipelines mean: it gives the same numbers for ever.
struct ImageRandomTests {
  @Test("The numbers are those of SplitMix64, begun as documented")
  func numbers() {
    // Python: state = xxh64(b"0/a/b/2") ^ xxh64(b"crop"), then SplitMix64, top 53 bits.
    var random = ImageRandom(
      seed: 0, image: ImageIdentity(key: "a/b", view: 2), stage: "crop", occurrence: 0)
    #expect([random.unit(), random.unit(), random.unit()] == Self.expected)
  }

  static let expected = [0.7390425774539904, 0.2611074172966035, 0.6749070553494024]

  @Test("Integers cover their range, and end with it")
  func integers() {
    var random = ImageRandom(
      seed: 7, image: ImageIdentity(key: "x"), stage: "flip", occurrence: 1)
    let drawn = (0..<600).map { _ in random.integer(below: 6) }
    #expect(Set(drawn) == [0, 1, 2, 3, 4, 5])
    #expect(random.integer(below: 1) == 0)
  }
}
