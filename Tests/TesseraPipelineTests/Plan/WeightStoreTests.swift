import TesseraKernels
import Testing

@testable import TesseraEngine

/// Weights that images of a folder share.
struct WeightStoreTests {
  @Test("They are those of the axis and the type, however many are asked for, and in what order")
  func weights() {
    let store = WeightStore()
    for round in 0..<2 {
      for source in [31, 500, 4000, 40_000] {
        for filter in [ResizeFilter.bilinear, .lanczos] {
          for precision in [ResizeAxis.Precision.double, .single] {
            var axis = ResizeAxis(from: source, to: 29, filter: filter, precision: precision)
            if round == 1 { axis.kept = 3..<20 }
            let spans = ResizeSpans(axis)
            let values = ResizeWeights(axis).values
            #expect(
              store.weights(of: axis, spans, for: UInt8.self) == UInt8.resizeWeights(values))
            #expect(store.weights(of: axis, spans, for: Float.self) == values)
            #expect(store.weights(of: axis, spans, for: UInt16.self) == values)
          }
        }
      }
    }
  }
}
