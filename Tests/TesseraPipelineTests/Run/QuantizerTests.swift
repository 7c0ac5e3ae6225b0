import TesseraCore
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// One way from values to files: patches of single pixels are the image, whatever flows.
struct QuantizerTests {
  static let loads = ["", #", "alpha": "premultiply""#, #", "alpha": "drop""#]
  static let stages = [
    "", #"{"stage": "normalize"},"#, #"{"stage": "normalize", "mean": 0.25, "std": 0.5},"#,
    #"{"stage": "normalize", "per_image": "standardize"},"#,
    #"{"stage": "normalize", "per_image": "minmax"},"#,
    #"{"stage": "convolve", "bank": "sharpen", "padding": 1},"#,
  ]
  static let encodings = [
    "", #", "dtype": "uint8""#, #", "dtype": "uint16""#, #", "dtype": "float32""#,
    #", "dtype": "uint8", "range": "auto""#, #", "dtype": "uint16", "range": [-0.5, 1.5]"#,
    #", "dtype": "uint8", "range": "clip""#, #", "dtype": "uint8", "range": "symmetric""#,
  ]

  @Test(
    "An array of 1 × 1 patches has the values of the array of the image", arguments: loads, stages)
  func sameValues(load: String, stages: String) throws {
    var count = 0
    for (shape, type) in [
      ([4, 9, 14], .uint8), ([2, 7, 5], .uint16), ([3, 4, 6], .uint8), ([1, 40, 41], .uint8),
    ] as [([Int], ElementType)] {
      let workshop = try Workshop()
      let path = try workshop.savePNG(
        .noise(shape, type, seed: 5), hasAlpha: shape[0] % 2 == 0, as: "input.png")
      for encoding in Self.encodings {
        let encode = #"{"stage": "encode", "format": "npy"\#(encoding)}"#
        let unfold = #"{"stage": "unfold", "kernel_size": 1},"#
        let image = try workshop.run("\(stages) \(encode)", load: load, onFile: path)
        let patches = try workshop.run("\(stages) \(unfold) \(encode)", load: load, onFile: path)
        #expect(
          (image.result.error == nil) == (patches.result.error == nil), "\(shape) \(encoding)")
        #expect(
          patches.outputs.first?.values == image.outputs.first?.values, "\(shape) \(encoding)")
        #expect(
          patches.result.saturatedFraction == image.result.saturatedFraction,
          "\(shape) \(encoding)")
        if image.result.error == nil, image.outputs.count == 1 { count += 1 }
      }
    }
    // What both refuse is the same, too, and proves nothing.
    #expect(count >= 4 * Self.encodings.count / 2)
  }

  @Test("Premultiplied patches are written divided: 200, 100, 50 under an opacity of 100")
  func premultiplied() throws {
    let workshop = try Workshop()
    let pixel = TestArray([4, 1, 1], .uint8, [200, 100, 50, 100])
    let path = try workshop.savePNG(pixel, hasAlpha: true, as: "input.png")
    let outcome = try workshop.run(
      #"{"stage": "unfold", "kernel_size": 1},"#
        + #" {"stage": "encode", "format": "npy", "layout": "tokens", "dtype": "uint8"}"#,
      load: #", "alpha": "premultiply""#, onFile: path)
    #expect(outcome.outputs.first?.values == [200, 100, 50, 100])
  }
}
