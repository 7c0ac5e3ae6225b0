import Foundation
import Tessera
import Testing

/// The README's program, compiled and run; its text and the README's are compared.
struct ReadmeExample {
  private func prove(_ photograph: String, in folder: String) throws -> (InputResult, ArrayResult) {
    // The README has what follows.
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
    // The README has what precedes.
    return (result, made)
  }

  private func folder(_ pipeline: Pipeline) async throws -> RunSummary {
    // The README has what follows.
    let summary = try await pipeline.run(onFolder: "photos", to: "processed") { progress in
      print("\(progress.endedCount) of \(progress.total)")
    }
    for failure in summary.failures { print(failure.count, failure.kind, failure.examples) }
    // The README has what precedes.
    return summary
  }

  @Test("The README's program runs, again and with another photograph of the name")
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

  @Test("The README's programs are these")
  func isInReadme() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let readme = try String(
      contentsOfFile: "\(LibraryTests.samples)/../README.md", encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let first = lines.indices.filter { lines[$0].hasSuffix("  // The README has what follows.") }
    let last = lines.indices.filter { lines[$0].hasSuffix("  // The README has what precedes.") }
    #expect(first.count == 2 && last.count == 2)
    for (first, last) in zip(first, last) {
      let program = lines[first + 1..<last].map { $0.dropFirst(4) }.joined(separator: "\n")
      #expect(readme.contains("\n\(program)\n```"))
    }
  }
}
