import TesseraCore
import TesseraKernels
import TesseraTestSupport
import Testing

@testable import Tessera
@testable import TesseraEngine
@testable import TesseraFiles
@testable import TesseraPipeline
@testable import TesseraThreads

/// Results depend on the image and the pipeline alone.
struct IndependenceTests {
  /// Pipelines whose steps look around in every direction.
  static let pipelines = [
    #"{"stage": "unfold", "kernel_size": 5, "stride": 3, "edge": "shift", "padding": 2,"#
      + #" "padding_mode": "reflect"}, {"stage": "fold"}"#,
    #"{"stage": "normalize", "mean": 0.4, "std": 0.3}, {"stage": "unfold", "kernel_size": 4,"#
      + #" "stride": 2, "edge": "pad"}, {"stage": "transform.standardize"}, {"stage": "fold"}"#,
    #"{"stage": "convolve", "bank": {"name": "gaussian", "kernel_size": 7}, "padding": "same","#
      + #" "padding_mode": "symmetric"}"#,
    #"{"stage": "convolve", "bank": "sobel", "padding": 1, "padding_mode": "circular","#
      + #" "response": "magnitude"}, {"stage": "convolve", "bank": {"name": "box", "kernel_size": 3},"#
      + #" "padding": 9, "padding_mode": "reflect", "dilation": 2}"#,
    #"{"stage": "normalize", "per_image": "standardize"}, {"stage": "unfold", "kernel_size": 3,"#
      + #" "padding": 1, "padding_mode": "circular"}, {"stage": "transform.mean_removal"},"#
      + #" {"stage": "fold", "normalize": "sum"}"#,
    #"{"stage": "unfold", "kernel_size": 3, "stride": 2, "edge": "shift"},"#
      + #" {"stage": "transform.convolve", "bank": {"name": "box", "kernel_size": 3},"#
      + #" "padding_mode": "replicate"}, {"stage": "fold"}, {"stage": "unfold", "kernel_size": 6,"#
      + #" "stride": 5, "edge": "pad", "padding_mode": "symmetric"}, {"stage": "fold"}"#,
    #"{"stage": "unfold", "kernel_size": [4, 9], "stride": [3, 4], "padding": [2, 5], "edge": "shift","#
      + #" "padding_mode": "symmetric"}, {"stage": "fold"}, {"stage": "compare", "require": {"max_abs": 0}}"#,
    #"{"stage": "unfold", "kernel_size": 1, "padding": 6, "padding_mode": "zeros"},"#
      + #" {"stage": "encode", "format": "npy", "name": "patches.npy"},"#
      + #" {"stage": "fold", "uncovered": "zero"},"#
      + #" {"stage": "compare", "metrics": ["ssim", "psnr", "mean_abs"]}"#,
  ]

  @Test("The same bytes for every height of bands and number of threads", arguments: pipelines)
  func bandsAndThreads(stages: String) throws {
    for (shape, seed) in [([3, 37, 29], 1), ([1, 70, 11], 2), ([1, 11, 130], 3)]
      as [([Int], UInt64)]
    {
      let image = TestArray.noise(shape, .uint8, seed: seed)
      let reference = try Workshop().run("\(stages), \(npy)", on: image)
      #expect(reference.result.error == nil)
      for (height, workers) in [(1, 1), (2, 3), (7, 1), (7, 2), (64, 2)] {
        let workshop = try Workshop()
        workshop.banding = Banding(height: height, largeImage: 0)
        workshop.workers = workers
        let outcome = try workshop.run("\(stages), \(npy)", on: image)
        #expect(outcome.outputs == reference.outputs, "\(shape), \(height) rows, \(workers)")
        #expect(outcome.result.metrics == reference.result.metrics)
      }
    }
  }

  @Test("Rows are compared with those of the image, which a fold may have moved up")
  func movedRows() throws {
    let stages = """
      {"stage": "unfold", "kernel_size": 8, "stride": 8, "padding": 3},
      {"stage": "fold", "output_size": 40, "kernel_size": 8, "stride": 8},
      {"stage": "compare", "metrics": ["psnr", "max_abs", "mean_abs"]}
      """
    let image = TestArray.noise([2, 40, 40], .uint8)
    let reference = try Workshop().run("\(stages), \(npy)", on: image)
    #expect(reference.result.error == nil)
    let moved = (0..<2 * 37 * 37).map { index in
      let (channel, y, x) = (index / 1369, index / 37 % 37, index % 37)
      let place = { (row: Int, column: Int) in (channel * 40 + row) * 40 + column }
      return abs(image.values[place(y, x)] - image.values[place(y + 3, x + 3)])
    }
    #expect((reference.metric("max_abs") ?? 0) >= moved.max() ?? 0)
    for (height, workers) in [(1, 1), (8, 1), (16, 2), (40, 3)] {
      let workshop = try Workshop()
      workshop.banding = Banding(height: height, largeImage: 0)
      workshop.workers = workers
      let outcome = try workshop.run("\(stages), \(npy)", on: image)
      #expect(outcome.result.metrics == reference.result.metrics, "\(height) \(workers)")
    }
  }

  @Test("An image that fails on several threads leaves nothing behind")
  func failures() throws {
    for workers in [1, 2, 4] {
      let workshop = try Workshop()
      workshop.banding = Banding(height: 4, largeImage: 0)
      workshop.workers = workers
      let path = try workshop.savePNG(.noise([3, 300, 50], .uint8), as: "whole.png")
      let bytes = try FileSystem.content(of: path)
      let cut = workshop.folder.path("cut.png")
      try workshop.folder.write(Array(bytes.prefix(bytes.count / 2)), to: "cut.png")
      let stages = "\(Self.pipelines[1]), \(npy)"
      let outcome = try workshop.run(stages, onFile: cut)
      #expect(outcome.result.error?.kind == .truncated)
      #expect(outcome.outputs.isEmpty)
      let compared = #"{"stage": "compare", "require": {"max_abs": 0}}"#
      let unequal = try workshop.run(
        "\(Self.pipelines[2]), \(compared), \(npy)", onFile: path)
      #expect(unequal.result.error?.kind == .requirement)
      let left = Locked(20)
      let cancellation = Cancellation {
        left.withLock {
          $0 -= 1
          return $0 < 0
        }
      }
      let processor = try PipelineProcessor(
        workshop.planner(stages), outputDirectory: workshop.folder.path("out-1"))
      let input = Item(
        name: "whole.png", source: ByteSource(path: path), byteCount: 1, modificationTime: 0)
      #expect(throws: Cancelled.self) {
        _ = try processor.result(of: input, cancellation: cancellation)
      }
      #expect(workshop.folder.tree("out-1").isEmpty)
    }
  }

  @Test("Planned windows suffice for any number of threads", arguments: pipelines)
  func plannedRows(stages: String) throws {
    for shape in [[3, 37, 29], [1, 150, 11], [1, 11, 200], [1, 1, 1], [2, 300, 40]] {
      guard !stages.contains("ssim") || shape[1] >= 11 else { continue }
      for banding in [Banding(), Banding(height: 1, largeImage: 0), Banding(height: 5)] {
        for workers in [1, 2, 5] {
          let workshop = try Workshop()
          workshop.banding = banding
          workshop.workers = workers
          let path = try workshop.save(.noise(shape, .uint8), as: "input.npy")
          guard try workshop.planner("\(stages), \(npy)").accepts(path) else { continue }
          let outcome = try workshop.run("\(stages), \(npy)", onFile: path)
          #expect(outcome.result.error == nil, "\(shape) \(banding) \(workers)")
        }
      }
    }
  }

  @Test("A tall image without barriers is never held whole")
  func memory() throws {
    let workshop = try Workshop()
    let stages = """
      {"stage": "normalize"}, {"stage": "unfold", "kernel_size": 8, "stride": 4, "edge": "shift"},
      {"stage": "transform.mean_removal"}, {"stage": "fold"},
      {"stage": "encode", "range": [0, 1]}
      """
    let planner = try workshop.planner(stages, load: #", "max_pixels": 1000000000"#)
    let small = try planner.plan(ImageShape(channels: 3, height: 4_000, width: 20_000))
    let tall = try planner.plan(ImageShape(channels: 3, height: 20_000, width: 20_000))
    // For each row a divisor, and for each row of blocks where it starts.
    #expect(tall.byteCount == small.byteCount + 16_000 * 4 + 16_000 / 4 * 8)
    #expect(tall.byteCount < 150_000_000)
    #expect(tall.work.nodes.allSatisfy { !$0.isBarrier })
    let statistics = #"{"stage": "normalize", "per_image": "minmax"}, {"stage": "encode"}"#
    let whole = try workshop.planner(statistics)
      .plan(ImageShape(channels: 3, height: 4_000, width: 2_000))
    #expect(whole.work.nodes.map(\.isBarrier) == [true, false])
    #expect(whole.byteCount > 3 * 4_000 * 2_000)
  }

  @Test("Padded rows know the rows they come from", arguments: PaddingMode.allCases)
  func paddedRows(mode: PaddingMode) {
    for height in 1...5 {
      let padded = PaddedRows(mode: mode, height: height)
      for lower in -13...13 {
        for upper in lower...14 {
          let sources = (lower..<upper).compactMap(padded.source)
          let range = sources.min().map { $0..<(sources.max() ?? $0) + 1 } ?? 0..<0
          #expect(padded.sources(of: lower..<upper) == range, "\(height): \(lower)..<\(upper)")
        }
      }
    }
  }

  @Test("Every set of kernels copies the same bytes, and computes nearly the same values")
  func kernelSets() throws {
    let image = TestArray.noise([3, 33, 47], .uint16)
    for (stages, tolerance) in [(Self.pipelines[0], 0.0), (Self.pipelines[1], 1e-4)] {
      let reference = try Workshop()
      reference.kernels = .baseline
      let expected = try reference.array("\(stages), \(npy)", on: image)
      for kernels in KernelSet.supported {
        let workshop = try Workshop()
        workshop.kernels = kernels
        let result = try workshop.array("\(stages), \(npy)", on: image)
        #expect(result.distance(to: expected) <= tolerance, "\(kernels.name)")
      }
    }
  }

  @Test("Tiles end anywhere in a row of blocks, at every width around a vector")
  func widths() throws {
    let workshop = try Workshop()
    for width in Array(1...35) + [63, 64, 65, 127, 129, 1023, 1025] {
      let image = TestArray.noise([1, 5, width], .uint16, seed: UInt64(width))
      let stages = """
        {"stage": "unfold", "kernel_size": 3, "padding": 1, "padding_mode": "reflect"}
        """
      #expect(try workshop.array(#"\#(stages), {"stage": "fold"}, \#(npy)"#, on: image) == image)
      let patches = try workshop.array("\(stages), \(npy)", on: image)
      #expect(patches.shape == [9, 5 * width])
      // The middle row of the columns is the image itself.
      #expect(Array(patches.values[4 * 5 * width..<5 * 5 * width]) == image.values)
    }
  }

  @Test("Large patches, whose tiles are narrow, come back whole")
  func largePatches() throws {
    let workshop = try Workshop()
    let image = TestArray.noise([3, 90, 150], .uint8)
    let stages = """
      {"stage": "unfold", "kernel_size": [64, 80], "stride": [5, 3], "edge": "shift"},
      {"stage": "encode", "format": "npy", "layout": "patches", "name": "patches.npy"},
      {"stage": "fold"}, \(npy)
      """
    let outcome = try workshop.run(stages, on: image)
    #expect(outcome.outputs.first?.shape == [7 * 25, 3, 64, 80])
    #expect(outcome.outputs.last == image)
  }
}

extension Planner {
  /// Whether a file can be planned.
  func accepts(_ path: String) -> Bool { (try? plan(contentsOf: path)) != nil }
}
