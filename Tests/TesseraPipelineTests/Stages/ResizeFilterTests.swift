import Testing

@testable import TesseraEngine

/// The weights of filters at the ends of what they reach, as Pillow has them.
@Suite struct ResizeFilterTests {
  @Test(
    "A filter ends where it ends: on one side the last place counts, on the other it does not",
    arguments: [
      (.box, 0.5, 1), (.box, -0.5, 0), (.box, 0.75, 0), (.box, -0.25, 1),
      (.bilinear, 1, 0), (.bilinear, -1, 0), (.bilinear, 0.25, 0.75), (.bilinear, -1.5, 0),
      (.hamming, 1, 0), (.hamming, 0, 1), (.hamming, -1, 0),
      (.bicubic, 0, 1), (.bicubic, 1, 0), (.bicubic, 2, 0), (.bicubic, -2, 0),
      (.bicubic, 1.5, -0.0625), (.bicubic, 0.5, 0.5625),
      (.lanczos, 0, 1), (.lanczos, 3, 0), (.lanczos, 3.5, 0), (.lanczos, -3.5, 0),
    ] as [(ResizeFilter, Double, Double)])
  func ends(_ filter: ResizeFilter, _ place: Double, _ weight: Double) {
    #expect(filter.weight(at: place) == weight)
  }
}
