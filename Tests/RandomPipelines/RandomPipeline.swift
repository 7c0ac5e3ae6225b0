/// A pipeline that follows from a seed, with the image that it is made for.
///
/// Nearly all of them run: the author of each stage knows what flows. A seed and a generation give
/// the same text for ever. So what is added later — a stage, a key, an image, a chain — belongs to
/// a new generation: what earlier ones wrote stays as it is, and so do the digests of what came out.
package struct RandomPipeline: Sendable {
  /// The newest generation.
  package static let newest = 8

  package let seed: UInt64
  package let generation: Int
  package let image: SmallImage
  /// The pipeline file; it names the image and the arrays as files beside it.
  package let text: String
  /// The arrays that it names.
  package let arrays: [ArrayFile]

  /// Writes a pipeline.
  ///
  /// - Parameters:
  ///   - seed: What it follows from.
  ///   - generation: What stages, keys, images and chains there are.
  package init(seed: UInt64, generation: Int = newest) {
    var random = SplitMix64(seed: seed &* 0x2545_F491_4F6C_DD1D)
    let isPlain = random.chance(60)
    let images = SmallImage.all.filter { $0.generation <= generation }
    let image = random.pick(images) {
      isPlain && $0.isPlain ? 4 : generation >= 3 && $0.hasAlpha ? 3 : 1
    }
    let chain = random.pick(Chain.all.filter { $0.generation <= generation }) { $0.weight }
    var author = Author(
      random: random, image: image, generation: generation, isPlain: isPlain)
    author.write(chain)
    self.seed = seed
    self.generation = generation
    self.image = image
    text =
      "{ \"version\": 1, \"stages\": [\n  " + author.stages.joined(separator: ",\n  ") + "\n] }\n"
    arrays = author.arrays
  }

  /// How tables call it.
  package var name: String { "\(generation)-\(seed)" }
}

/// An order of stages that people write.
struct Chain: Sendable {
  /// One or more stages of it.
  enum Link: Sendable {
    case stage(String)
    /// One to three transforms of patches.
    case transforms
    /// So many stages of any kind.
    case any(ClosedRange<Int>)
  }

  /// The first generation that has it.
  var generation = 1
  /// How often it is taken.
  let weight: Int
  let links: [Link]

  static let all: [Chain] = [
    Chain(weight: 22, links: [.stage("normalize"), .stage("convolve")]),
    Chain(weight: 22, links: [.stage("convolve")]),
    Chain(weight: 10, links: [.stage("unfold"), .stage("fold")]),
    Chain(weight: 10, links: [.stage("unfold"), .transforms, .stage("fold")]),
    Chain(
      weight: 10,
      links: [.stage("normalize"), .stage("unfold"), .transforms, .stage("fold")]),
    Chain(weight: 8, links: [.stage("unfold")]),
    Chain(weight: 8, links: [.stage("normalize"), .stage("unfold"), .transforms]),
    Chain(weight: 4, links: []),
    Chain(weight: 4, links: [.stage("normalize")]),
    Chain(weight: 18, links: [.any(1...6)]),
    Chain(generation: 2, weight: 12, links: [.stage("pad"), .any(0...2)]),
    Chain(
      generation: 2, weight: 6, links: [.stage("normalize"), .stage("pad"), .stage("convolve")]),
    Chain(generation: 3, weight: 25, links: [.stage("convolve"), .any(0...2)]),
    Chain(
      generation: 3, weight: 40,
      links: [.stage("unfold"), .stage("transform.convolve"), .stage("fold")]),
    Chain(generation: 4, weight: 20, links: [.stage("crop"), .any(0...2)]),
    Chain(generation: 4, weight: 15, links: [.stage("preset"), .any(0...2)]),
    Chain(generation: 4, weight: 10, links: [.stage("random_resized_crop"), .any(0...2)]),
    Chain(generation: 4, weight: 30, links: [.stage("resize"), .any(0...2)]),
    Chain(generation: 4, weight: 10, links: [.stage("flip"), .stage("crop"), .stage("convolve")]),
    Chain(generation: 5, weight: 30, links: [.stage("unfold"), .stage("sample"), .transforms]),
    Chain(generation: 5, weight: 30, links: [.stage("unfold"), .stage("mask"), .transforms]),
    Chain(generation: 5, weight: 30, links: [.stage("unfold"), .stage("select")]),
    Chain(
      generation: 5, weight: 40,
      links: [.stage("unfold"), .transforms, .stage("select"), .stage("fold")]),
    Chain(
      generation: 5, weight: 40,
      links: [.stage("normalize"), .stage("unfold"), .stage("sample"), .stage("fold"), .any(0...2)]),
    Chain(generation: 5, weight: 30, links: [.stage("unfold"), .stage("mask"), .stage("fold")]),
    Chain(
      generation: 6, weight: 60,
      links: [.stage("unfold"), .stage("transform.linear"), .any(0...2)]),
    Chain(
      generation: 6, weight: 30,
      links: [.stage("unfold"), .stage("transform.convolve"), .stage("fold")]),
    Chain(generation: 7, weight: 60, links: [.stage("unfold"), .stage("fold")]),
    Chain(generation: 7, weight: 60, links: [.stage("unfold"), .transforms, .stage("fold")]),
    Chain(
      generation: 7, weight: 50,
      links: [
        .stage("normalize"), .stage("unfold"), .stage("transform.dct_threshold"), .stage("fold"),
      ]),
    Chain(
      generation: 7, weight: 80,
      links: [.stage("unfold"), .stage("transform.standardize"), .stage("fold")]),
    Chain(
      generation: 7, weight: 60,
      links: [.stage("unfold"), .stage("transform.mean_removal"), .stage("fold")]),
    Chain(generation: 7, weight: 90, links: [.stage("convolve")]),
    Chain(generation: 7, weight: 60, links: [.stage("median"), .any(0...2)]),
    Chain(generation: 7, weight: 60, links: [.stage("rank"), .any(0...2)]),
    Chain(generation: 7, weight: 45, links: [.stage("convolve_transpose"), .any(0...2)]),
    Chain(generation: 7, weight: 50, links: [.stage("unfold"), .stage("transform.reduce")]),
    Chain(generation: 2, weight: 25, links: [.stage("unfold"), .stage("fold")]),
    Chain(generation: 2, weight: 40, links: [.stage("unfold"), .transforms, .stage("fold")]),
    Chain(
      generation: 2, weight: 8,
      links: [.stage("unfold"), .transforms, .stage("transform.quantize"), .stage("fold")]),
  ]
}

extension Author {
  /// Writes a whole pipeline.
  mutating func write(_ chain: Chain) {
    load()
    for link in chain.links {
      // Looks at what flows, here and there.
      if random.chance(10) { add(random.pick(["encode", "compare"])) }
      switch link {
      case .stage(let name): add(name)
      case .transforms: for _ in 0..<random.pick([1, 1, 2, 3]) { addTransform() }
      case .any(let counts): for _ in 0..<random.number(counts) { addAny() }
      }
    }
    if random.chance(10) { add("compare") }
    add("encode")
  }
}
