import TesseraCore
import TesseraEngine
import TesseraKernels
import Testing

@testable import TesseraPipeline

/// What mean_removal and standardize make of patches beside opacity.
@Suite struct NormalizedColorsTests {
  /// A picture, how it is loaded, and what is done to its patches.
  struct Case: Sendable, CustomTestStringConvertible {
    var channels: Int
    var type: ElementType
    var isPremultiplied: Bool
    var stage: String
    var per: String

    var testDescription: String {
      "\(channels) × \(type.rawValue), \(isPremultiplied ? "premultiplied, " : "")\(stage), \(per)"
    }

    var load: String { isPremultiplied ? #", "alpha": "premultiply""# : "" }
    var transform: String { #"{"stage": "transform.\#(stage)", "per": "\#(per)"}"# }

    static let all: [Case] = [(4, ElementType.uint8), (2, .uint8), (4, .uint16), (2, .uint16)]
      .flatMap { channels, type in
        [false, true].flatMap { isPremultiplied in
          ["mean_removal", "standardize"].flatMap { stage in
            ["patch", "channel"].map { per in
              Case(
                channels: channels, type: type, isPremultiplied: isPremultiplied, stage: stage,
                per: per)
            }
          }
        }
      }
  }

  private static let (height, width, side) = (12, 16, 4)

  /// The picture of a case; opacity is nothing here and there.
  private static func picture(_ work: Case) -> TestArray {
    var picture = TestArray.noise([work.channels, height, width], work.type, seed: 21)
    let area = height * width
    for place in stride(from: 0, to: area, by: 7) {
      picture.values[(work.channels - 1) * area + place] = 0
    }
    return picture
  }

  /// The image after its patches of 4 × 4, side by side, were normalized, in real numbers.
  private static func reference(_ work: Case, _ picture: TestArray) -> [Double] {
    let area = height * width
    let colors = work.channels - 1
    let opaque = Double(work.type.maximum ?? 1)
    var values = picture.values
    if work.isPremultiplied {
      for place in 0..<colors * area {
        values[place] *= values[colors * area + place % area] / opaque
      }
    }
    for top in stride(from: 0, to: height, by: side) {
      for left in stride(from: 0, to: width, by: side) {
        let patch = (0..<colors).map { channel in
          (0..<side * side).map {
            channel * area + (top + $0 / side) * width + left + $0 % side
          }
        }
        for group in work.per == "channel" ? patch : [Array(patch.joined())] {
          let mean = group.reduce(0) { $0 + values[$1] } / Double(group.count)
          let squares = group.reduce(0) { $0 + (values[$1] - mean) * (values[$1] - mean) }
          let deviation = (squares / Double(group.count - 1) + 1e-6).squareRoot()
          for place in group {
            values[place] = (values[place] - mean) / (work.stage == "standardize" ? deviation : 1)
          }
        }
      }
    }
    guard work.isPremultiplied else { return values }
    for place in 0..<colors * area {
      let opacity = values[colors * area + place % area] / opaque
      values[place] = opacity > 0 ? values[place] / opacity : 0
    }
    return values
  }

  /// The values of tokens in the order of the image.
  private static func image(of tokens: TestArray, channels: Int) -> [Double] {
    (0..<channels * height * width).map { place in
      let (channel, pixel) = place.quotientAndRemainder(dividingBy: height * width)
      let (y, x) = pixel.quotientAndRemainder(dividingBy: width)
      let block = y / side * (width / side) + x / side
      return tokens.values[
        block * channels * side * side + channel * side * side + y % side * side + x % side]
    }
  }

  @Test("Opacity stays as it is, and has no part in the figures of colours", arguments: Case.all)
  func kept(_ work: Case) throws {
    let picture = Self.picture(work)
    let expected = Self.reference(work, picture)
    let colors = expected.count - Self.height * Self.width
    let largest = expected.prefix(colors).reduce(0) { max($0, abs($1)) }
    for kernels in KernelSet.supported {
      for rewrites in [Rewrites.all, []] {
        let workshop = try Workshop()
        workshop.kernels = kernels
        workshop.rewrites = rewrites
        let path = try workshop.savePNG(picture, hasAlpha: true, as: "a.png")
        let cut = #"{"stage": "unfold", "kernel_size": 4, "stride": 4}, \#(work.transform)"#
        let folded = try #require(
          try workshop.run(
            #"\#(cut), {"stage": "fold"}, \#(npy)"#, load: work.load, onFile: path
          ).outputs.last)
        let tokens = try #require(
          try workshop.run(
            #"\#(cut), {"stage": "encode", "format": "npy", "layout": "tokens"}"#,
            load: work.load, onFile: path
          ).outputs.last)
        for found in [folded.values, Self.image(of: tokens, channels: work.channels)] {
          #expect(found.count == expected.count)
          #expect(found[colors...] == picture.values[colors...])
          let error = zip(found, expected).map { abs($0 - $1) }.max() ?? .infinity
          #expect(error <= largest * 2e-6, "\(kernels.name)")
        }
      }
    }
  }

  @Test(
    "Colours have the bits that they have without opacity, and opacity those of a fold by itself",
    arguments: Case.all.filter { !$0.isPremultiplied && $0.type == .uint8 },
    [#""kernel_size": 4, "stride": 2"#, #""kernel_size": [3, 5], "padding": 1"#])
  func bits(_ work: Case, _ window: String) throws {
    let picture = Self.picture(work)
    let area = Self.height * Self.width
    func part(_ channels: Range<Int>) -> TestArray {
      TestArray(
        [channels.count, Self.height, Self.width], work.type,
        Array(picture.values[channels.lowerBound * area..<channels.upperBound * area]))
    }
    let unfold = #"{"stage": "unfold", \#(window)}"#
    let fold = #"{"stage": "fold", "uncovered": "zero"}, \#(npy)"#
    for rewrites in [Rewrites.all, []] {
      let workshop = try Workshop()
      workshop.rewrites = rewrites
      let path = try workshop.savePNG(picture, hasAlpha: true, as: "a.png")
      let found = try #require(
        try workshop.run("\(unfold), \(work.transform), \(fold)", onFile: path).outputs.last)
      let colors = try workshop.savePNG(part(0..<work.channels - 1), as: "colors.png")
      let plain = try #require(
        try workshop.run("\(unfold), \(work.transform), \(fold)", onFile: colors).outputs.last)
      #expect(Array(found.values.prefix(plain.values.count)) == plain.values)
      let last = try workshop.savePNG(part(work.channels - 1..<work.channels), as: "alpha.png")
      let alone = try #require(
        try workshop.run(
          #"\#(unfold), {"stage": "transform.convolve", "kernels": [[[1]]]}, \#(fold)"#,
          onFile: last
        ).outputs.last)
      #expect(Array(found.values.suffix(area)) == alone.values)
    }
  }

  @Test("A picture stays visible", arguments: Case.all.filter { !$0.isPremultiplied })
  func pictures(_ work: Case) throws {
    let workshop = try Workshop()
    let picture = Self.picture(work)
    let path = try workshop.savePNG(picture, hasAlpha: true, as: "a.png")
    let found = try #require(
      try workshop.run(
        #"""
        {"stage": "unfold", "kernel_size": 4, "stride": 4}, \#(work.transform), {"stage": "fold"},
        {"stage": "encode", "range": "symmetric"}
        """#, onFile: path
      ).outputs.last)
    #expect(found.shape == picture.shape)
    #expect(
      Array(found.values.suffix(Self.height * Self.width))
        == Array(picture.values.suffix(Self.height * Self.width)))
  }

  @Test("The plan bounds colours by how many of them share their figures")
  func bounds() throws {
    for (channels, per, count) in [(4, "patch", 48.0), (4, "channel", 16), (2, "patch", 16)] {
      let plan = try Workshop().planner(
        #"""
        {"stage": "unfold", "kernel_size": 4, "stride": 4},
        {"stage": "transform.standardize", "per": "\#(per)"}, \#(npy)
        """#
      ).plan(ImageShape(channels: channels, height: 8, width: 8))
      let bound = (count - 1) / count.squareRoot()
      #expect(plan.stages.last?.layout.values == ValueInterval(-bound, bound))
    }
  }
}
