import CTesseraCodecs

/// How the rows of a PNG file are filtered and compressed.
public enum PNGCompression: Hashable, Sendable {
  /// The average or Paeth's filter, whichever suits the rows, and runs only.
  ///
  /// Several times as fast as `standard`, a few percent larger.
  case fast
  /// zlib's level 6 with a filter chosen for each row: what most encoders do.
  case standard
  /// The smallest file, many times slower.
  case best
  /// Stored without compression.
  case stored
  /// One of zlib's levels 0…9 with a filter chosen for each row.
  case level(Int)

  /// The names that `init(_:)` knows.
  public static let names = ["fast", "default", "best", "none"]

  /// A setting by its name: fast, default, best or none.
  public init?(_ name: String) {
    switch name {
    case "fast": self = .fast
    case "default": self = .standard
    case "best": self = .best
    case "none": self = .stored
    default: return nil
    }
  }

  /// zlib's and libpng's words for it.
  var settings: tsr_png_compression {
    switch self {
    case .fast: tsr_png_compression(level: 1, strategy: 3, filters: Filter.paeth)
    case .standard: tsr_png_compression(level: 6, strategy: 1, filters: Filter.all)
    case .best: tsr_png_compression(level: 9, strategy: 1, filters: Filter.all)
    case .stored: tsr_png_compression(level: 0, strategy: 0, filters: Filter.none)
    case .level(let level):
      tsr_png_compression(
        level: Int32(min(max(level, 0), 9)), strategy: 1,
        filters: level > 0 ? Filter.all : Filter.none)
    }
  }

  private enum Filter {
    static let none: Int32 = 8
    static let paeth: Int32 = 128
    static let all: Int32 = 8 | 16 | 32 | 64 | 128
  }
}
