import Glibc

/// The few entries of an ICC profile that tell whether it fits an image, and whether it matters.
///
/// Everything is checked; a profile that breaks the rules is of no known kind.
public struct ICCProfile {
  private let bytes: [UInt8]

  /// Takes a profile as it stands in a file.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What the numbers are that it describes; `nil` for others than images here have.
  public var colorModel: ColorModel? {
    guard bytes.count >= 20 else { return nil }
    return switch String(decoding: bytes[16..<20], as: UTF8.self) {
    case "GRAY": .gray
    case "RGB ": .rgb
    case "CMYK": .cmyk
    default: nil
    }
  }

  /// Whether numbers mean what they mean in sRGB, as far as eyes can tell.
  var isStandard: Bool {
    switch colorModel {
    case .rgb:
      // Red, green and blue as XYZ under D50.
      let primaries = [
        ("rXYZ", [0.4361, 0.2225, 0.0139]), ("gXYZ", [0.3851, 0.7169, 0.0971]),
        ("bXYZ", [0.1431, 0.0606, 0.7141]),
      ]
      return primaries.allSatisfy { name, expected in
        guard let place = tag(name) else { return false }
        return expected.indices.allSatisfy { index in
          fixed(at: place + 8 + 4 * index).map { abs($0 - expected[index]) < 0.01 } ?? false
        }
      } && hasStandardCurve("rTRC")
    case .gray: return hasStandardCurve("kTRC")
    default: return false
    }
  }

  /// Whether half of full scale is as bright as in sRGB: 0.214 of white.
  private func hasStandardCurve(_ name: String) -> Bool {
    guard let place = tag(name), let half = brightnessOfHalf(curve: place) else { return false }
    return abs(half - 0.214) < 0.02
  }

  private func brightnessOfHalf(curve place: Int) -> Double? {
    switch number(at: place, bytes: 4) {
    case 0x6375_7276:  // curv
      guard let count = number(at: place + 8, bytes: 4) else { return nil }
      if count == 0 { return 0.5 }
      let middle = number(at: place + 12 + (count == 1 ? 0 : count / 2 * 2), bytes: 2)
      if count > 1 { return middle.map { Double($0) / 65_535 } }
      return middle.map { pow(0.5, Double($0) / 256) }
    case 0x7061_7261:  // para
      guard let kind = number(at: place + 8, bytes: 2), let gamma = fixed(at: place + 12)
      else { return nil }
      if kind == 0 { return pow(0.5, gamma) }
      // (a x + b)^g, and what is added in some kinds is next to nothing.
      guard let a = fixed(at: place + 16), let b = fixed(at: place + 20) else { return nil }
      return pow(a / 2 + b, gamma)
    default: return nil
    }
  }

  /// Where the data of a tag are.
  private func tag(_ name: String) -> Int? {
    guard let count = number(at: 128, bytes: 4) else { return nil }
    // Profiles have some twenty.
    for index in 0..<min(count, 200) {
      let place = 132 + 12 * index
      guard let offset = number(at: place + 4, bytes: 4) else { return nil }
      if bytes[place..<place + 4].elementsEqual(name.utf8) { return offset }
    }
    return nil
  }

  private func fixed(at offset: Int) -> Double? {
    number(at: offset, bytes: 4).map { Double(Int32(truncatingIfNeeded: $0)) / 65_536 }
  }

  private func number(at offset: Int, bytes count: Int) -> Int? {
    guard offset >= 0, offset + count <= bytes.count else { return nil }
    return bytes[offset..<offset + count].reduce(0) { $0 << 8 | Int($1) }
  }
}
