import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// A colour behind transparent pixels, on the scale 0…255 for every bit depth.
public struct MatteColor: Hashable, Sendable {
  /// Red [0…255].
  public var red: Double
  /// Green [0…255].
  public var green: Double
  /// Blue [0…255].
  public var blue: Double

  /// A colour of levels that need not be whole.
  public init(red: Double, green: Double, blue: Double) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// White.
  public static let white = MatteColor(red: 255, green: 255, blue: 255)
}

extension ParameterKind where Value == MatteColor {
  /// A gray level, [red, green, blue] or `#rrggbb`.
  static var color: Self {
    let level = ParameterKind<Double>.number(.closed(0, 255))
    let expected = "a gray level in 0…255, [red, green, blue], or \"#rrggbb\""
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [
        ["type": "string", "pattern": "^#[0-9a-fA-F]{6}$"], level.schema,
        Schema.array(of: level.schema, count: 3...3),
      ]),
      read: { value, findings in
        if let elements = value.elements, elements.count == 3 {
          return readElements(elements, level, &findings).map {
            MatteColor(red: $0[0], green: $0[1], blue: $0[2])
          }
        }
        if let gray = value.number?.value, (0...255).contains(gray) {
          return MatteColor(red: gray, green: gray, blue: gray)
        }
        if let color = value.string.flatMap(hexadecimal) { return color }
        findings.mismatch(value, expected: expected)
        return nil
      },
      write: { color in
        let levels = [color.red, color.green, color.blue]
        let bytes = levels.compactMap { UInt8(exactly: $0) }
        guard bytes.count == 3 else { return JSONValue(.array(levels.map(level.write))) }
        return JSONValue(.string("#" + bytes.map(\.hexadecimal).joined()))
      })
  }

  private static func hexadecimal(_ text: String) -> MatteColor? {
    let digits = text.dropFirst()
    guard text.first == "#", digits.utf8.count == 6, digits.allSatisfy(\.isHexDigit),
      let value = Int(digits, radix: 16)
    else { return nil }
    return MatteColor(
      red: Double(value >> 16), green: Double(value >> 8 & 255), blue: Double(value & 255))
  }
}
