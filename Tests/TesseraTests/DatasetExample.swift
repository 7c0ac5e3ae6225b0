import Foundation
import Tessera
import Testing

/// The Swift program of docs/datasets.md, compiled and run; its text and the page's are compared.
struct DatasetExample {
  private func prove(_ photos: String, _ out: String) async throws -> (RunSummary, [[Int]]) {
    var shapes: [[Int]] = []
    // The page has what follows.
    let pipeline = try Pipeline(stages: [
      Load { $0.color = .rgb },
      Preset(.clip, patches: .model),
      Encode {
        $0.format = .npy
        $0.layout = .tokens
        $0.imagesPerShard = 1000
      },
    ])
    let summary = try await pipeline.run(onFolder: photos, to: out)
    for failure in summary.failures { print(failure.count, failure.kind, failure.examples) }

    let dataset = try Dataset(folder: out)
    print(dataset.description.images, "images,", dataset.description.patches ?? 0, "patches")
    var images: [DatasetImage] = []
    try dataset.forEachImage { images.append($0) }
    for image in images {
      let tokens = try dataset.patches(of: image)
      print(image.key, tokens.shape, tokens.values[0])  // (L, D), and the first value
      shapes.append(tokens.shape)
    }
    // The page has what precedes.
    return (summary, shapes)
  }

  @Test("The page's program makes a dataset, and reads it")
  func runs() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createDirectory(
      atPath: "\(folder)/photos", withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for name in ["astronaut.jpg", "chelsea-rgb.png"] {
      try FileManager.default.copyItem(
        atPath: "\(LibraryTests.samples)/\(name)", toPath: "\(folder)/photos/\(name)")
    }
    let (summary, shapes) = try await prove("\(folder)/photos", "\(folder)/tokens")
    #expect(summary.exitStatus == .done)
    #expect(shapes == [[49, 3072], [49, 3072]])

    let dataset = try Dataset(folder: "\(folder)/tokens")
    let image = try #require(try dataset.image("chelsea-rgb"))
    let shard = try NPYArray.load(path: "\(folder)/tokens/data-00000.npy")
    #expect(try dataset.patches(of: image).values == Array(shard.values[(49 * 3072)...]))
    #expect(try dataset.image("none") == nil)
    #expect(throws: DatasetError.self) { try Dataset(folder: "\(folder)/photos") }
  }

  @Test("The page's program is this")
  func isOnPage() throws {
    let source = try String(contentsOfFile: #filePath, encoding: .utf8)
    let page = try String(
      contentsOfFile: "\(LibraryTests.samples)/../docs/datasets.md", encoding: .utf8)
    let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
    let first = try #require(lines.firstIndex { $0.hasSuffix("  // The page has what follows.") })
    let last = try #require(lines.firstIndex { $0.hasSuffix("  // The page has what precedes.") })
    let program = lines[first + 1..<last].filter { !$0.hasSuffix("shapes.append(tokens.shape)") }
      .map { $0.dropFirst(4) }.joined(separator: "\n")
    #expect(page.contains("\n\(program)\n```"))
  }
}
