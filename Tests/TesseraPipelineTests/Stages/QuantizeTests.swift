import TesseraCore
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// `transform.quantize` against its definition, value by value.
struct QuantizeTests {
  @Test("Values become the nearest multiples, halves the even ones", arguments: [0.25, 0.3, 1, 64])
  func multiples(step: Double) throws {
    let unit = Float(step)
    let values: [Float] = [
      0, 0.4, 0.5, 0.6, 1, 1.5, 2.5, -0.5, -1.5, -2.4, 1e6, 16_777_216, -3e9, 1e-30, 0.125, 0.375,
    ].map { $0 * unit }
    let image = TestArray([1, 4, 4], values)
    let result = try Workshop().array(
      #"{"stage": "unfold", "kernel_size": 2, "stride": 2},"#
        + #" {"stage": "transform.quantize", "step": \#(step)}, {"stage": "fold"}, \#(npy)"#,
      on: image)
    for (value, made) in zip(values, result.values) {
      let quotient = value / unit
      let below = quotient.rounded(.down)
      let rest = quotient - below
      let isUp = rest > 0.5 || rest == 0.5 && below.truncatingRemainder(dividingBy: 2) != 0
      #expect(made == Double((isUp ? below + 1 : below) * unit), "\(value)")
    }
  }

  @Test("Units stay: what is quantized is restored to the file's values")
  func units() throws {
    let image = TestArray([1, 2, 4], .uint8, [0, 7, 8, 9, 100, 127, 128, 255])
    let outcome = try Workshop().run(
      #"{"stage": "normalize", "scale": "none"}, {"stage": "unfold", "kernel_size": 2, "stride": 2},"#
        + #" {"stage": "transform.quantize", "step": 16}, {"stage": "fold"}, {"stage": "encode"}"#,
      on: image)
    #expect(outcome.outputs.first?.values == [0, 0, 0, 16, 96, 128, 128, 255])
  }

  @Test("Values that are many steps away from 0 stay as they are", arguments: ["1e-37", "1e-30"])
  func tinySteps(step: String) throws {
    let image = TestArray.noise([1, 2, 4], .uint8, seed: 5)
    let result = try Workshop().array(
      #"{"stage": "unfold", "kernel_size": 2, "stride": 2},"#
        + #" {"stage": "transform.quantize", "step": \#(step)}, {"stage": "fold"}, \#(npy)"#,
      on: image)
    #expect(result.values == image.values)
  }

  @Test(
    "The interval of the values is that of the multiples that they can become",
    arguments: [
      ("64", 0, 256), ("100", 0, 300), ("510", 0, 0), ("511", 0, 0), ("255", 0, 255),
      ("1e-37", 0, 255),
    ] as [(String, Double, Double)])
  func interval(step: String, lower: Double, upper: Double) throws {
    let plan = try Workshop().planner(
      #"{"stage": "unfold", "kernel_size": 2}, {"stage": "transform.quantize", "step": \#(step)},"#
        + npy
    ).plan(ImageShape(channels: 1, height: 4, width: 4))
    #expect(plan.stages.last?.layout.values == ValueInterval(lower, upper))
  }
}
