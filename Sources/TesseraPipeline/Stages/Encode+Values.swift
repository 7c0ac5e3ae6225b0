import TesseraCodecs
import TesseraConfiguration

extension Encode {
  /// What becomes of the channels of an image in pictures.
  public enum ChannelFiles: String, Hashable, Sendable, CaseIterable {
    /// Gray and RGB are one picture, and of other channels each is one.
    case files
    /// All channels side by side in one picture.
    case montage
  }

  /// Bits per value of a PNG or TIFF file.
  public enum BitDepth: Int, Hashable, Sendable, CaseIterable {
    /// 0…255.
    case eight = 8
    /// 0…65535.
    case sixteen = 16
    /// Floats, in TIFF.
    case thirtyTwo = 32
  }
}

extension ParameterKind where Value == PNGCompression {
  /// A word or a level.
  static var compression: Self {
    let names = PNGCompression.names
    return ParameterKind(
      expected: "\(Phrase.alternatives(names)), or an integer in 0…9",
      schema: Schema.any(of: [Schema.words(names), Schema.integer(in: 0...9)]),
      convert: { value in
        if let level = value.number?.integer, (0...9).contains(level) { return .level(level) }
        return value.string.flatMap(PNGCompression.init)
      },
      suggest: { $0.withoutQuotes ?? $0.nearest(among: names) },
      write: { compression in
        if case .level(let level) = compression { return JSONValue(.number(JSONNumber(level))) }
        return names.first { PNGCompression($0) == compression }.map { JSONValue(.string($0)) }
          ?? JSONValue(.null)
      })
  }
}

extension ParameterKind where Value == Encode.BitDepth {
  /// 8 or 16.
  static var bitDepth: Self {
    ParameterKind(
      expected: "8, 16 or 32", schema: ["enum": [8, 16, 32]],
      convert: { value in value.number?.integer.flatMap(Encode.BitDepth.init) },
      suggest: \.withoutQuotes,
      write: { JSONValue(.number(JSONNumber($0.rawValue))) })
  }
}
