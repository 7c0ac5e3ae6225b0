import TesseraCore
import Testing

@testable import TesseraPipeline

/// Every way from a file to another: what `load` and `normalize` can say, crossed with every sink.
@Suite struct ValueTableTests {
  struct Normalization: Sendable, CustomTestStringConvertible {
    var keys: String?
    var apply: @Sendable (inout ValueTable) -> Void

    var testDescription: String { keys ?? "none" }
  }

  static let normalizations = [
    Normalization(keys: nil) { _ in },
    Normalization(keys: "") { $0.normalize(scale: nil, mean: 0, std: 1) },
    Normalization(keys: #", "scale": "none", "mean": 3"#) {
      $0.normalize(scale: 1, mean: 3, std: 1)
    },
    Normalization(keys: #", "scale": 2.5, "std": 4"#) { $0.normalize(scale: 2.5, mean: 0, std: 4) },
    Normalization(keys: #", "mean": "half", "std": "half""#) {
      $0.normalize(scale: nil, mean: 0.5, std: 0.5)
    },
    Normalization(keys: #", "per_image": "minmax""#) { $0.normalizePerImage("minmax") },
    Normalization(keys: #", "per_image": "standardize""#) { $0.normalizePerImage("standardize") },
  ]

  /// A sink's keys, the largest integer that it writes (0: that of what flows), and how patches lie.
  struct Sink: Sendable {
    var keys: String
    var maximum: Double?
    var layout: String?
  }

  private static let pictures = [
    Sink(keys: #""format": "png", "bit_depth": 8"#, maximum: 255),
    Sink(keys: #""format": "png", "bit_depth": 16"#, maximum: 65_535),
    Sink(
      keys: #""format": "jpeg", "quality": 100, "subsampling": "4:4:4""#, maximum: 255,
      layout: "jpeg"),
  ]
  private static let types: [(String, Double?)] = [
    (#", "dtype": "uint8""#, 255), (#", "dtype": "uint16""#, 65_535),
    (#", "dtype": "float32""#, nil),
  ]
  private static let arrays = types.map {
    Sink(keys: "\"format\": \"npy\"\($0.0)", maximum: $0.1)
  }
  private static let layouts = ["torch", "tokens", "tokens_channels_last", "patches"]
  private static let patches = layouts.flatMap { (layout: String) -> [Sink] in
    types.map { type in
      let keys = #""format": "npy", "layout": "\#(layout)""# + type.0
      return Sink(keys: keys, maximum: type.1, layout: layout)
    }
  }

  private static let all = pictures + arrays + patches
  /// One of each kind, where a range is told.
  private static let some = [pictures[0], arrays[1], patches[6]]

  @Test(
    "Values in a file are those that the words say, whatever sink writes them",
    arguments: ["keep", "rgb", "gray"], normalizations)
  func values(_ color: String, _ normalization: Normalization) throws {
    let workshop = try Workshop()
    var count = 0
    for (channels, type) in [(1, .uint8), (2, .uint16), (3, .uint16), (4, .uint8)]
      as [(Int, ElementType)]
    {
      var picture = TestArray.noise([channels, 6, 8], type, seed: UInt64(channels))
      // Pixels that cannot be seen, and whole ones.
      if channels % 2 == 0 {
        let first = (channels - 1) * 48
        for place in 0..<4 { picture.values[first + place * 7] = 0 }
        for place in 5..<9 { picture.values[first + place * 5] = Double(type.maximum ?? 1) }
      }
      let path = try workshop.savePNG(picture, hasAlpha: channels % 2 == 0, as: "a.png")
      for alpha in channels % 2 == 0 ? ["keep", "drop", "matte", "premultiply"] : ["keep"] {
        var table = ValueTable(picture, color: color, alpha: alpha)
        normalization.apply(&table)
        for range in [nil, "restore", "clip", "auto", "[-0.5, 1.5]"] {
          for sink in range == nil ? Self.all : Self.some {
            count += try check(
              sink, range, color: color, alpha: alpha, normalization, table, workshop, path)
          }
        }
      }
    }
    #expect(count > 150, "\(count)")
  }

  /// Compares what one sink writes; 0 where it does not write this.
  private func check(
    _ sink: Sink, _ range: String?, color: String, alpha: String, _ normalization: Normalization,
    _ table: ValueTable, _ workshop: Workshop, _ path: String
  ) throws -> Int {
    let isJPEG = sink.layout == "jpeg"
    if range != nil, sink.maximum == nil { return 0 }
    if isJPEG, table.hasAlpha { return 0 }
    var stages = normalization.keys.map { #"{"stage": "normalize"\#($0)}, "# } ?? ""
    if sink.layout != nil, !isJPEG {
      stages += #"{"stage": "unfold", "kernel_size": [2, 4], "stride": [2, 4]}, "#
    }
    let word = range.map { $0.hasPrefix("[") ? ", \"range\": \($0)" : ", \"range\": \"\($0)\"" }
    stages += #"{"stage": "encode", \#(sink.keys)\#(word ?? "")}"#
    let outcome = try workshop.run(
      stages, load: #", "color": "\#(color)", "alpha": "\#(alpha)""#, onFile: path)
    let found = try #require(outcome.outputs.first, "\(stages)")
    let planes = table.file(range, maximum: sink.maximum)
    let expected = isJPEG ? planes.flatMap(\.self) : Self.arranged(planes, sink.layout)
    try #require(found.values.count == expected.count, "\(stages)")
    // Half a step of rounding, and what floats lose on the way there and back.
    let scale = max(sink.maximum ?? 0, 1)
    let tolerance = isJPEG ? 9 : sink.maximum == nil ? 2e-4 : 0.5 + scale * 3e-5
    for (found, exact) in zip(found.values, expected) {
      let held = sink.maximum.map { min(max(exact, 0), $0) } ?? exact
      let slack = sink.maximum == nil ? tolerance * max(1, abs(exact)) : tolerance
      guard abs(found - held) > slack else { continue }
      Issue.record("\(found) for \(exact): \(alpha) \(stages)")
      return 1
    }
    return 1
  }

  /// Blocks of 2 × 4 pixels in the order of a layout; planes one after the other without one.
  private static func arranged(_ planes: [[Double]], _ layout: String?) -> [Double] {
    guard let layout else { return planes.flatMap(\.self) }
    func value(_ block: Int, _ channel: Int, _ row: Int, _ column: Int) -> Double {
      planes[channel][(block / 2 * 2 + row) * 8 + block % 2 * 4 + column]
    }
    var lines: [[Double]] = (0..<6).map { block in
      planes.indices.flatMap { channel in
        (0..<8).map { value(block, channel, $0 / 4, $0 % 4) }
      }
    }
    if layout == "tokens_channels_last" {
      lines = (0..<6).map { block in
        (0..<8).flatMap { place in
          planes.indices.map { value(block, $0, place / 4, place % 4) }
        }
      }
    }
    guard layout == "torch" else { return lines.flatMap(\.self) }
    return lines[0].indices.flatMap { row in lines.map { $0[row] } }
  }
}
