import Foundation
import Tessera
import Testing

/// The README's program, compiled and run; its text and the README's are compared.
struct ReadmeExample {
  private func prove(_ photograph: String, in folder: String) throws -> InputResult {
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
    let result = try pipeline.run(on: photograph)
    for output in result.outputs { print(output.path, output.shape, output.dtype) }
    for metric in result.metrics { print(metric.name, metric.value) }
    // The README has what precedes.
    return result
  }

  @Test("The README's program runs")
  func runs() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let result = try prove("\(LibraryTests.samples)/astronaut.jpg", in: folder)
    #expect(result.outputs.map(\.shape) == [[3, 349, 331]])
  }

  @Test("The README's program is this one")
  func isInReadme() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let readme = try String(
      contentsOfFile: "\(LibraryTests.samples)/../README.md", encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let first = try #require(lines.firstIndex { $0.contains("// The README has what follows.") })
    let last = try #require(lines.firstIndex { $0.contains("// The README has what precedes.") })
    let program = lines[first + 1..<last].map { $0.dropFirst(4) }.joined(separator: "\n")
    #expect(readme.contains(program))
  }
}
