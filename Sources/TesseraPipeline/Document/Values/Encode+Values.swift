extension Encode {
  /// How hard PNG compresses.
  public enum Compression: Hashable, Sendable {
    /// The quickest that is worth its bytes: the Up filter and run lengths.
    case fast
    /// A little slower and smaller: the Paeth filter and run lengths.
    case balanced
    /// The smallest: the best filter for each row, zlib's level 9.
    case small
    /// The best filter for each row and a level of zlib, 0…9.
    case level(Int)
  }

  /// Bits per value of a PNG file.
  public enum BitDepth: Int, Hashable, Sendable, CaseIterable {
    /// 0…255.
    case eight = 8
    /// 0…65535.
    case sixteen = 16
  }
}

extension ParameterKind where Value == Encode.Compression {
  /// A word or a level.
  static var compression: Self {
    let words: [(String, Encode.Compression)] = [
      ("fast", .fast), ("balanced", .balanced), ("small", .small),
    ]
    let names = words.map(\.0)
    return ParameterKind(
      type: names.joined(separator: " | ") + " | 0…9",
      expected: "\(Phrase.alternatives(names)), or an integer in 0…9",
      schema: Schema.any(of: [Schema.words(names), Schema.integer(in: 0...9)]),
      convert: { value in
        if let level = value.number?.integer, (0...9).contains(level) { return .level(level) }
        return words.first { $0.0 == value.string }?.1
      },
      suggest: { $0.withoutQuotes ?? $0.nearest(among: names) },
      write: { compression in
        if case .level(let level) = compression { return JSONValue(.number(JSONNumber(level))) }
        return words.first { $0.1 == compression }.map { JSONValue(.string($0.0)) }
          ?? JSONValue(.null)
      })
  }
}

extension ParameterKind where Value == Encode.BitDepth {
  /// 8 or 16.
  static var bitDepth: Self {
    ParameterKind(
      type: "8 | 16", expected: "8 or 16", schema: ["enum": [8, 16]],
      convert: { value in value.number?.integer.flatMap(Encode.BitDepth.init) },
      suggest: \.withoutQuotes,
      write: { JSONValue(.number(JSONNumber($0.rawValue))) })
  }
}
