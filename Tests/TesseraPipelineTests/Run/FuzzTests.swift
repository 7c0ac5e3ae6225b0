import TesseraCore
import TesseraKernels
import Testing

@testable import TesseraConfiguration
@testable import TesseraEngine
@testable import TesseraPipeline

/// Random pipelines on tiny images: every one runs, or is refused in words.
struct FuzzTests {
  /// A seeded generator of stages in JSON.
  struct Author {
    var state: UInt64

    mutating func number(_ range: ClosedRange<Int>) -> Int {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      mixed ^= mixed >> 31
      return range.lowerBound + Int(mixed % UInt64(range.count))
    }

    mutating func chance(_ percent: Int) -> Bool { number(1...100) <= percent }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[number(0...values.count - 1)] }

    mutating func window() -> String {
      var keys: [String] = []
      if chance(60) { keys.append(#""stride": [\#(number(1...4)), \#(number(1...4))]"#) }
      if chance(40) { keys.append(#""dilation": \#(number(1...3))"#) }
      keys.append(#""padding_mode": "\#(pick(PaddingMode.allCases).rawValue)""#)
      if chance(20) {
        keys.append(#""padding": "same""#)
      } else {
        if chance(60) { keys.append(#""padding": [\#(number(0...9)), \#(number(0...9))]"#) }
        keys.append(#""edge": "\#(pick(["drop", "shift", "shift", "pad", "pad", "error"]))""#)
      }
      return keys.joined(separator: ", ")
    }

    mutating func kernels() -> String {
      switch number(0...5) {
      case 0: #""bank": "\#(pick(["sobel", "scharr", "prewitt", "laplacian", "sharpen"]))""#
      case 1: #""bank": {"name": "gaussian", "kernel_size": \#(pick([1, 3, 5, 15]))}"#
      case 2: #""bank": {"name": "box", "kernel_size": [\#(number(1...4)), \#(number(1...4))]}"#
      case 3: #""kernels": [[1, -2], [0.5, 3]]"#
      case 4: #""kernels": [[[1]], [[-1]]]"#
      default: #""kernels": [[[[1, 0, 2]]], [[[0, 1, 0]]]], "groups": \#(number(1...2))"#
      }
    }

    mutating func imageStage() -> String {
      switch number(0...6) {
      case 0: #"{"stage": "normalize", "mean": 0.5, "std": \#(pick(["0.25", "0.001"]))}"#
      case 1: #"{"stage": "normalize", "per_image": "\#(pick(["standardize", "minmax"]))"}"#
      case 2: #"{"stage": "normalize", "mean": "clip", "std": "clip"}"#
      case 3: #"{"stage": "compare", "metrics": ["\#(pick(["psnr", "ssim", "max_abs"]))"]}"#
      case 4:
        #"{"stage": "convolve", \#(kernels()), "response": "\#(pick(["linear", "abs", "square", "magnitude", "max", "energy"]))"}"#
      default: #"{"stage": "convolve", \#(kernels()), \#(window())}"#
      }
    }

    mutating func patchStage() -> String {
      switch number(0...4) {
      case 0: #"{"stage": "transform.standardize", "per": "\#(pick(["patch", "channel"]))"}"#
      case 1: #"{"stage": "transform.mean_removal", "per": "\#(pick(["patch", "channel"]))"}"#
      case 2: #"{"stage": "convolve", \#(kernels())}"#
      case 3:
        #"{"stage": "transform.convolve", \#(kernels()), "padding_mode": "\#(pick(PaddingMode.allCases).rawValue)"}"#
      default: tap()
      }
    }

    mutating func tap() -> String {
      let name = number(0...9_999)
      return switch number(0...3) {
      case 0:
        #"{"stage": "encode", "name": "\#(name).png", "range": "\#(pick(["auto", "clip", "bounds", "symmetric", "restore"]))"}"#
      case 1: #"{"stage": "encode", "format": "npy", "name": "\#(name).npy", "verify": true}"#
      case 2: #"{"stage": "encode", "format": "jpeg", "name": "\#(name).jpg", "range": [-1, 1]}"#
      default:
        #"{"stage": "encode", "format": "npy", "name": "\#(name).npy", "dtype": "\#(pick(["uint8", "uint16", "float32"]))", "range": "auto"}"#
      }
    }

    mutating func pipeline() -> String {
      var stages: [String] = []
      for _ in 0..<number(1...3) {
        if chance(70) {
          stages.append(imageStage())
          continue
        }
        let size = pick(["1", "2", "3", "[2, 5]", "[7, 1]", "12"])
        stages.append(#"{"stage": "unfold", "kernel_size": \#(size), \#(window())}"#)
        for _ in 0..<number(0...2) { stages.append(patchStage()) }
        if chance(85) {
          stages.append(
            #"{"stage": "fold", "normalize": "\#(pick(["count", "sum"]))", "uncovered": "zero"}"#)
        }
      }
      return (stages + [tap()]).joined(separator: ", ")
    }
  }

  /// How a pipeline ended.
  private enum Ending: CaseIterable {
    /// It is no pipeline: values or an order that the format refuses.
    case unparsed
    /// It does not fit the image.
    case unplanned
    /// It failed in its work.
    case failed
    case ran
  }

  /// How stages end on an image; any error but those of a pipeline file is thrown.
  private func ending(
    of stages: String, on image: TestArray, _ workshop: Workshop
  ) throws -> (Ending, Outcome?) {
    do throws(PipelineFileError) {
      _ = try Pipeline(parsing: #"{"version": 1, "stages": [{"stage": "load"}, \#(stages)]}"#)
    } catch {
      #expect(!error.description.isEmpty)
      return (.unparsed, nil)
    }
    let outcome = try workshop.run(stages, on: image)
    guard let error = outcome.result.error else { return (.ran, outcome) }
    #expect(error.kind != .bug, "\(error.message): \(stages)")
    #expect(!error.message.isEmpty)
    return (error.isPlanning ? .unplanned : .failed, outcome)
  }

  @Test("Random pipelines on tiny images run, the same for any bands, or fail in words")
  func randomPipelines() throws {
    var author = Author(state: 2_026)
    var counts: [Ending: Int] = [:]
    for _ in 0..<400 {
      let stages = author.pipeline()
      let shape = [
        author.number(1...5), author.pick([1, 2, 3, 7, 12, 33]),
        author.pick([1, 2, 5, 11, 16, 40]),
      ]
      let image = TestArray.noise(shape, author.pick(ElementType.allCases))
      let workshop = try Workshop()
      let banded = try Workshop()
      banded.banding = Banding(height: author.number(1...5), largeImage: 0)
      banded.workers = author.number(1...2)
      let (ending, outcome) = try ending(of: stages, on: image, workshop)
      counts[ending, default: 0] += 1
      guard let outcome else { continue }
      let again = try banded.run(stages, on: image)
      #expect(again.result.error == outcome.result.error, "\(stages)")
      #expect(again.outputs.count == outcome.outputs.count)
      for (a, b) in zip(again.outputs, outcome.outputs) {
        #expect(a.shape == b.shape && a.bytes() == b.bytes(), "\(shape): \(stages)")
      }
    }
    // A test that only met one of these would prove nothing of the others.
    #expect(counts[.ran, default: 0] > 120, "\(counts)")
    #expect(counts[.unplanned, default: 0] > 120, "\(counts)")
    #expect(counts[.unparsed, default: 0] > 40, "\(counts)")
    // What planning accepts does not fail when it runs.
    #expect(counts[.failed, default: 0] == 0, "\(counts)")
  }
}
