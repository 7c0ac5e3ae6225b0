import TesseraCore

/// A chunk of a PNG file that says what its numbers mean.
public struct ColorChunk: Hashable, Sendable {
  /// Which chunk, by its name in files.
  public enum Kind: String, Hashable, Sendable, CaseIterable {
    /// The exponent that samples were encoded with.
    case gamma = "gAMA"
    /// The colours of white and of the primaries.
    case chromaticities = "cHRM"
    /// That colours are those of sRGB.
    case standard = "sRGB"
    /// Primaries, transfer function and matrix by the numbers of ITU-T H.273.
    case codePoints = "cICP"
    /// What the display could do that the picture was made on.
    case masteringDisplay = "mDCV"
    /// How bright the picture is.
    case lightLevel = "cLLI"
    /// Bits of each channel that are not filled up.
    case significantBits = "sBIT"

    /// Bytes of the chunk where they do not depend on the image.
    var byteCount: Int? {
      switch self {
      case .gamma, .codePoints: 4
      case .chromaticities: 32
      case .standard: 1
      case .masteringDisplay: 24
      case .lightLevel: 8
      case .significantBits: nil
      }
    }
  }

  /// Which chunk it is.
  public var kind: Kind
  /// What is in it.
  public var bytes: [UInt8]

  /// Takes the content of a chunk as it is.
  public init(_ kind: Kind, _ bytes: [UInt8]) {
    self.kind = kind
    self.bytes = bytes
  }

  /// What is wrong with the chunk in a file of some colour type; `nil` for nothing.
  func complaint(colorType: Int, bitDepth: Int) -> String? {
    let samples = [0: 1, 2: 3, 3: 3, 4: 2, 6: 4][colorType] ?? 0
    let expected = kind.byteCount ?? samples
    guard bytes.count == expected else {
      return "\(kind.rawValue): expected \(expected) bytes, found \(bytes.count)"
    }
    switch kind {
    case .gamma where number(0) == 0: return "gAMA: the exponent is 0"
    case .standard where bytes[0] > 3: return "sRGB: there is no intent \(bytes[0])"
    case .significantBits:
      let depth = colorType == 3 ? 8 : bitDepth
      guard let wrong = bytes.first(where: { !(1...depth).contains(Int($0)) }) else { return nil }
      return "sBIT: \(wrong) of \(depth) bits"
    default: return nil
    }
  }

  /// The 32-bit number at a place.
  func number(_ index: Int) -> Int {
    bytes[4 * index..<4 * index + 4].reduce(0) { $0 << 8 | Int($1) }
  }

  /// Whether the chunk says anything but what readers take for granted without it: the colours of sRGB,
  /// and whole bytes.
  ///
  /// - Parameter isGray: Whether there is one colour channel, so that primaries do not matter.
  /// - Returns: Whether something is lost without it.
  public func saysMore(isGray: Bool) -> Bool {
    switch kind {
    // As libpng: 5 % do not show.
    case .gamma: return abs(number(0) - 45_455) > 2_273
    case .chromaticities:
      let standard = [31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000]
      return !isGray && standard.indices.contains { abs(number($0) - standard[$0]) > 1_000 }
    case .standard: return false
    // BT.709 primaries, the curve of sRGB.
    case .codePoints: return !bytes.starts(with: [1, 13])
    case .masteringDisplay, .lightLevel: return true
    case .significantBits: return bytes.contains { $0 < 8 }
    }
  }

  /// The same chunk for a file of the same colours with another depth, with opacity or without.
  ///
  /// - Parameters:
  ///   - bitDepth: Bits per sample of that file.
  ///   - colors: Its channels without opacity.
  ///   - hasAlpha: Whether it has opacity.
  /// - Returns: The chunk; only significant bits differ.
  public func fitted(bitDepth: Int, colors: Int, hasAlpha: Bool) -> ColorChunk {
    guard kind == .significantBits else { return self }
    var bits = bytes.prefix(colors + (hasAlpha ? 1 : 0)).map { min($0, UInt8(bitDepth)) }
    // Opacity that comes from a palette or a transparent colour is whole.
    if hasAlpha, bits.count == colors { bits.append(UInt8(bitDepth)) }
    return ColorChunk(kind, bits)
  }
}

extension ImageMetadata {
  /// What says that numbers are other than those of sRGB, in words: "gAMA 100000", "an ICC profile".
  ///
  /// Readers take numbers for sRGB where nothing is said.
  ///
  /// PNG's third edition gives the order in which these count: cICP, iCCP, sRGB, and the rest.
  ///
  /// - Parameters:
  ///   - isGray: Whether there is one colour channel, so that primaries do not matter.
  ///   - countsProfile: Whether the profile is lost, too.
  /// - Returns: Their names; none where the numbers are those of sRGB.
  public func meanings(isGray: Bool, countsProfile: Bool) -> [String] {
    let chunks = Dictionary(
      colorChunks.map { ($0.kind, $0) }, uniquingKeysWith: { first, _ in first })
    if let points = chunks[.codePoints] {
      let text = points.bytes.map(String.init).joined(separator: " ")
      return points.saysMore(isGray: isGray) ? ["cICP \(text)"] : []
    }
    if let icc {
      return countsProfile && !ICCProfile(icc).isStandard ? ["an ICC profile"] : []
    }
    if chunks[.standard] != nil { return [] }
    var names: [String] = []
    if let gamma = chunks[.gamma], gamma.saysMore(isGray: isGray) {
      names.append("gAMA \(gamma.number(0))")
    }
    if let colors = chunks[.chromaticities], colors.saysMore(isGray: isGray) {
      names.append("cHRM")
    }
    return names
  }
}
