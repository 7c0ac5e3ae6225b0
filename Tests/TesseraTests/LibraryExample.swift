import Foundation
import Tessera
import Testing

/// What docs/library.md, docs/patch-statistics.md and the first page of Tessera.docc show of Swift, compiled
/// and run; the texts are compared.
struct LibraryExample {
  private func prove(_ photograph: String, in folder: String) throws -> (InputResult, ArrayResult) {
    // The page has what follows.
    let pipeline = try Pipeline(stages: [
      Load { $0.color = .rgb },
      Normalize(),
      Unfold(Window(kernelSize: Size(16), stride: Size(8), edge: .shift)),
      TransformConvolve {
        $0.bank = AnyKernelBank(Gaussian())
        $0.paddingMode = .reflect
      },
      Fold(),
      Compare(require: [.psnr: 25]),
      Encode(path: folder, format: .png),
    ])
    let result = try pipeline.run(on: photograph, overwrites: true)
    for output in result.outputs { print(output.path, output.shape, output.dtype) }
    for metric in result.metrics { print(metric.name, metric.value) }

    // In memory, without files: channels × height × width goes in, what each encode would write comes out.
    let shape = ImageShape(channels: 3, height: 48, width: 64)
    let pixels = [UInt8](repeating: 128, count: 3 * 48 * 64)
    let made = try pipeline.run(on: pixels, shape: shape)
    for output in made.outputs { print(output.shape, output.dtype, output.array.floats[0]) }
    // The page has what precedes.
    return (result, made)
  }

  private func folder(_ pipeline: Pipeline) async throws -> RunSummary {
    // The page has what follows.
    let summary = try await pipeline.run(onFolder: "photos", to: "processed") { progress in
      print("\(progress.endedCount) of \(progress.total)")
    }
    for failure in summary.failures { print(failure.count, failure.kind, failure.examples) }
    // The page has what precedes.
    return summary
  }

  @Test("The page's program runs, again and with another photograph of the name")
  func runs() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let photograph = "\(folder)/photo.jpg"
    for (sample, shape) in [
      ("astronaut.jpg", [3, 349, 331]), ("astronaut.jpg", [3, 349, 331]),
      ("rocket-progressive.jpg", [3, 427, 385]),
    ] {
      try? FileManager.default.removeItem(atPath: photograph)
      try FileManager.default.copyItem(
        atPath: "\(LibraryTests.samples)/\(sample)", toPath: photograph)
      let (result, made) = try prove(photograph, in: "\(folder)/out")
      #expect(result.outputs.map(\.shape) == [shape])
      #expect(made.outputs.map(\.shape) == [[3, 48, 64]])
      #expect(made.outputs.first?.array.values(as: UInt8.self)?.allSatisfy { $0 == 128 } == true)
    }
  }

  private func parsed(_ text: String) throws -> Pipeline {
    // The page has what follows.
    let pipeline = try Pipeline(parsing: text, file: "blur.json", overrides: ["stages[2].stride=2"])
    // The page has what precedes.
    return pipeline
  }

  private func tokens(_ pipeline: Pipeline, _ pixels: [UInt8], _ shape: ImageShape) throws
    -> ValueArray
  {
    // The page has what follows.
    let planner = try Planner(pipeline, kernels: .selected())
    let tokens = try planner.run(on: pixels, shape: shape).outputs[0].array
    // The page has what precedes.
    return tokens
  }

  private func statistics(_ text: String) async throws {
    // The page has what follows.
    let pipeline = try Pipeline(parsingToFit: Array(text.utf8), file: "pca_denoise.json")
    let statistics = try await pipeline.fit(onFolder: "photos")
    try statistics.write(to: "photos.safetensors")
    // The page has what precedes.
  }

  private func whole() throws -> InputResult {
    // The page has what follows.
    let pipeline = try Pipeline(stages: [
      Load(),
      Unfold(Window(kernelSize: Size(16), stride: Size(7), edge: .shift)),
      Fold(),
      Compare(require: [.maxAbs: 0]),
      Encode(path: "out", format: .png),
    ])
    let result = try pipeline.run(on: "photo.jpg")
    // The page has what precedes.
    return result
  }

  private func text(_ pipeline: String) throws -> String {
    try String(
      contentsOfFile: "\(LibraryTests.samples)/../Pipelines/\(pipeline).json", encoding: .utf8)
  }

  @Test("A pipeline is read from its text, with a value changed, and a planner runs it")
  func readAndPlanned() throws {
    let pipeline = try parsed(text("blur"))
    let shape = ImageShape(channels: 3, height: 20, width: 30)
    let array = try tokens(pipeline, [UInt8](repeating: 7, count: 1800), shape)
    #expect(array.shape == [3, 10, 15])
    #expect(array.floats.allSatisfy { $0 == 7 })
  }

  @Test("What takes the working directory's files is compiled; without them it says so")
  func without() async throws {
    await #expect(throws: (any Error).self) { try await statistics(text("pca_denoise")) }
    #expect(throws: InputFailure.self) { try whole() }
    await #expect(throws: DiscoveryError.self) { _ = try await folder(parsed(text("blur"))) }
  }

  @Test("The pages' programs are these, and no other Swift is there but the manifest")
  func areOnPages() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let folder = "\(LibraryTests.samples)/.."
    let paths = ["library", "patch-statistics"].map { "docs/\($0).md" }
    let pages = try (paths + ["Sources/Tessera/Tessera.docc/Tessera.md"]).map {
      try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
    }.joined()
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let first = lines.indices.filter { lines[$0].hasSuffix("  // The page has what follows.") }
    let last = lines.indices.filter { lines[$0].hasSuffix("  // The page has what precedes.") }
    #expect(first.count == 6 && last.count == 6)
    #expect(pages.matches(of: /```swift\n(?!\/\/ swift-tools-version)/).count == 6)
    for (first, last) in zip(first, last) {
      let program = lines[first + 1..<last].map { $0.dropFirst(4) }.joined(separator: "\n")
      #expect(pages.contains("\n\(program)\n```"))
    }
  }
}
