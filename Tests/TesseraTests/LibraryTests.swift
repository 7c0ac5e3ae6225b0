import Foundation
import Tessera
import Testing

/// The library as a program of its own uses it.
struct LibraryTests {
  static let samples = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../samples").standardized.path
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "tessera-library-\(UUID().uuidString)").path

  @Test("A pipeline made in code proves that overlapping patches give the photograph back")
  func roundTrip() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pipeline = try Pipeline(stages: [
      Load(),
      Unfold(Window(kernelSize: Size(16), stride: Size(7), edge: .shift)),
      Fold(),
      Compare(require: [.maxAbs: 0]),
      Encode(path: folder, format: .png),
    ])
    let result = try pipeline.run(on: "\(Self.samples)/astronaut.jpg")

    let output = try #require(result.outputs.first)
    #expect(output.path == "\(folder)/astronaut.png")
    #expect(result.metrics.contains(Metric("psnr", .infinity)))
    #expect(result.blocks == 46 * 49)
    let (before, after) = try (pixels(of: "\(Self.samples)/astronaut.jpg"), pixels(of: output.path))
    #expect(before == after)

    // The same again is there already; something else is not replaced unasked.
    let again = try pipeline.run(on: "\(Self.samples)/astronaut.jpg")
    #expect(again.outputs.map(\.isAdopted) == [true])
    try Data("mine".utf8).write(to: URL(fileURLWithPath: output.path))
    let failure = #expect(throws: InputFailure.self) {
      try pipeline.run(on: "\(Self.samples)/astronaut.jpg")
    }
    #expect(failure?.kind == .exists)
    #expect(throws: Never.self) {
      try pipeline.run(on: "\(Self.samples)/astronaut.jpg", overwrites: true)
    }
  }

  @Test("Tokens for a vision transformer, 16 × 16 patches in the order of MAE")
  func tokens() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pipeline = try Pipeline(stages: [
      Load { $0.color = .rgb },
      Normalize(.imagenet),
      Unfold(Window(kernelSize: Size(16), stride: Size(16))),
      TransformStandardize(),
      Encode {
        $0.format = .npy
        $0.layout = .tokensChannelsLast
      },
    ])
    let result = try pipeline.run(
      on: "\(Self.samples)/chelsea-rgb.png", outputDirectory: folder)
    let tokens = try NPYArray.load(path: try #require(result.outputs.first).path)
    #expect(tokens.shape == [try #require(result.blocks), 16 * 16 * 3])
    let first = tokens.values.prefix(768).map { Double($0) }
    #expect(abs(first.reduce(0, +)) < 0.01)
    #expect(abs(first.reduce(0) { $0 + $1 * $1 } - 767) < 0.1)
  }

  @Test("What is wrong with a file is thrown, with its kind and a sentence")
  func failures() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let pipeline = try Pipeline(stages: [
      Load(), Unfold(Window(kernelSize: Size(5_000))), Encode(path: folder, format: .npy),
    ])
    let misfit = #expect(throws: InputFailure.self) {
      try pipeline.run(on: "\(Self.samples)/astronaut.jpg")
    }
    #expect(misfit?.kind == .plan)
    #expect(misfit?.message.contains("kernel 5000") == true)
    let missing = #expect(throws: InputFailure.self) {
      try pipeline.run(on: "\(Self.samples)/nothing.png")
    }
    #expect(missing?.kind == .unreadable)
  }

  /// Every value of a decoded file.
  private func pixels(of path: String) throws -> [UInt8] {
    let reader = try ImageReader(path: path)
    let (height, rowBytes) = (reader.header.shape.height, reader.bytesPerRow)
    let rows = AlignedBuffer(byteCount: height * rowBytes)
    try reader.readRows(into: rows.base, count: height, bytesPerRow: rowBytes)
    return Array(UnsafeRawBufferPointer(start: rows.base, count: height * rowBytes))
  }
}
