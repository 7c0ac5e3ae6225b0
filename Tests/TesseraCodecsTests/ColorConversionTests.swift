import TesseraCodecs
import TesseraCore
import Testing

@Suite struct ColorConversionTests {
  @Test("CMYK becomes RGB within one of the exact product, black and white exactly")
  func cmyk() {
    for black in stride(from: 0, through: 255, by: 5) {
      for ink in 0...255 {
        let source = [UInt8(ink), UInt8(ink), UInt8(ink), UInt8(black)]
        let inverted = source.map { 255 - $0 }
        let exact = Double((255 - ink) * (255 - black)) / 255
        for (pixel, isInverted) in [(source, false), (inverted, true)] {
          var color = [UInt8](repeating: 0, count: 3)
          ColorConversion.cmykToRGB(pixel, to: &color, count: 1, isInverted: isInverted)
          #expect(abs(Double(color[0]) - exact) <= 1 && color[0] == color[2])
        }
      }
    }
    var color = [UInt8](repeating: 7, count: 6)
    ColorConversion.cmykToRGB(
      [0, 0, 0, 0, 255, 255, 255, 255], to: &color, count: 2, isInverted: false)
    #expect(color == [255, 255, 255, 0, 0, 0])
  }

  @Test("Gray of a gray colour is that gray, in every type")
  func gray() {
    for value in 0...255 {
      var gray: [UInt8] = [0]
      ColorConversion.rgbToGray([UInt8](repeating: UInt8(value), count: 3), to: &gray, count: 1)
      #expect(gray == [UInt8(value)])
      var wide: [UInt16] = [0, 0]
      let level = UInt16(value * 257)
      ColorConversion.rgbToGray([level, level, level, 9], to: &wide, count: 1, hasAlpha: true)
      #expect(wide == [level, 9])
    }
    var gray: [Float] = [0]
    ColorConversion.rgbToGray([1, 0, 0], to: &gray, count: 1)
    #expect(gray == [19_595 / 65_536])
    var color = [UInt8](repeating: 0, count: 8)
    ColorConversion.grayToRGB([5, 6, 7, 8], to: &color, count: 2, hasAlpha: true)
    #expect(color == [5, 5, 5, 6, 7, 7, 7, 8])
  }

  @Test("Composition rounds to the nearest, in both integer types")
  func compose() {
    for alpha in stride(from: 0, through: 255, by: 3) {
      for value in stride(from: 0, through: 255, by: 17) {
        var narrow: [UInt8] = [0]
        ColorConversion.compose(
          [UInt8(value), UInt8(alpha)], to: &narrow, count: 1, channels: 2, over: [40])
        let exact = (Double(value * alpha + 40 * (255 - alpha)) / 255).rounded()
        #expect(Double(narrow[0]) == exact)
        var wide: [UInt16] = [0]
        let (v, a) = (value * 257, alpha * 257)
        ColorConversion.compose(
          [UInt16(v), UInt16(a)], to: &wide, count: 1, channels: 2, over: [65_535])
        #expect(Double(wide[0]) == (Double(v * a + 65_535 * (65_535 - a)) / 65_535).rounded())
      }
    }
    var floats: [Float] = [0]
    ColorConversion.compose(
      [100, 63.75], to: &floats, count: 1, channels: 2, over: [0], opaque: 255)
    #expect(floats == [25])
  }

  @Test("Dropping alpha tells whether something was hidden")
  func dropAlpha() {
    var colors = [UInt8](repeating: 0, count: 6)
    #expect(
      ColorConversion.dropAlpha([1, 2, 3, 255, 4, 5, 6, 255], to: &colors, count: 2, channels: 4))
    #expect(colors == [1, 2, 3, 4, 5, 6])
    #expect(
      !ColorConversion.dropAlpha([1, 2, 3, 255, 4, 5, 6, 254], to: &colors, count: 2, channels: 4))
  }
}
