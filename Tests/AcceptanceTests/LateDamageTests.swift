import Foundation
import Testing

/// Damage that shows only after the last row, when outputs are all but written.
@Suite struct LateDamageTests {
  /// A file that is damaged behind its last row, or in it.
  enum Damage: String, CaseIterable, Sendable {
    case lastChecksum, adler, noEnd, noEndOfImage, lastRow
    case interlacedChecksum, interlacedAdler, interlacedRow

    /// Whether the last row is not there.
    var lacksRow: Bool { self == .lastRow || self == .interlacedRow }

    /// The word of the report, where the file is refused.
    var kind: String { lacksRow ? "truncated" : "damaged" }

    /// The levels of `fail_on` that refuse it.
    var refusing: [String] {
      lacksRow ? ["truncated", "error", "warning"] : ["error", "warning"]
    }

    var name: String { self == .noEndOfImage ? "picture.jpg" : "picture.png" }
  }

  /// Four files are written of each input, at every point of the pipeline, and some are read back.
  private static let stages = [
    #"{ "stage": "encode", "format": "npy", "name": "{stem}-loaded.npy", "verify": true }"#,
    #"{ "stage": "encode", "format": "jpeg", "name": "{stem}-lossy.jpg", "verify": true }"#,
    #"{ "stage": "unfold", "kernel_size": 3, "stride": 2, "edge": "shift" }"#,
    #"{ "stage": "encode", "format": "npy", "name": "{stem}-patches.npy", "verify": true }"#,
    #"{ "stage": "fold" }"#,
  ]
  private static let outputs = [
    "picture-loaded.npy", "picture-lossy.jpg", "picture-patches.npy", "picture.png",
  ]

  /// Higher than the rows that are worked on at once; the last pass of an interlaced file has the
  /// last row.
  private static let picture = Picture.noise(width: 11, height: 202, channels: 3, seed: 21)

  /// The picture's file in good health, and damaged.
  private func files(
    _ damage: Damage, in folder: TemporaryFolder
  ) throws -> (good: [UInt8], bad: [UInt8]) {
    let png = Self.picture.png(pieces: 5)
    let interlaced = Self.picture.png(pieces: 5, isInterlaced: true)
    switch damage {
    case .interlacedChecksum:
      return (
        interlaced, Self.picture.png(pieces: 5, isInterlaced: true, damage: .lastChecksum)
      )
    case .interlacedAdler:
      return (interlaced, Self.picture.png(pieces: 5, isInterlaced: true, damage: .adler))
    case .interlacedRow: return (interlaced, interlaced.dropLast(12 + 4 + 4 + 8))
    case .lastChecksum: return (png, Self.picture.png(pieces: 5, damage: .lastChecksum))
    case .adler: return (png, Self.picture.png(pieces: 5, damage: .adler))
    case .noEnd: return (png, Self.picture.png(pieces: 5, damage: .noEnd))
    case .lastRow:
      // 12 bytes are IEND, 4 the checksum of the last chunk, 4 that of the pixels, 8 are pixels.
      return (png, png.dropLast(12 + 4 + 4 + 8))
    case .noEndOfImage:
      try folder.write(png, to: "source/picture.png")
      try folder.write(pipeline(encode: #""format": "jpeg""#), to: "jpeg.json")
      let outcome = try Command.run(
        ["run", "jpeg.json", "--input", "source", "--output", "jpeg"], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let jpeg = try folder.bytes("jpeg/picture.jpg")
      #expect(jpeg.suffix(2) == [0xFF, 0xD9])
      return (jpeg, jpeg.dropLast(2))
    }
  }

  private func run(
    _ folder: TemporaryFolder, _ level: String, _ arguments: String...
  ) throws -> Command.Outcome {
    try folder.write(
      pipeline(load: "\"fail_on\": \"\(level)\"", Self.stages), to: "\(level).json")
    return try Command.run(
      ["run", "\(level).json", "--input", "in", "--output", "out"] + arguments, in: folder.path)
  }

  @Test(
    "What is refused leaves nothing under a final name, what is not is written whole",
    arguments: Damage.allCases, ["none", "truncated", "error", "warning"])
  func levels(_ damage: Damage, _ level: String) throws {
    let folder = try TemporaryFolder()
    let (good, bad) = try files(damage, in: folder)
    try folder.write(Self.picture.png(), to: "in/good.png")
    try folder.write(bad, to: "in/\(damage.name)")
    let isRefused = damage.refusing.contains(level)

    let outcome = try run(folder, level, "--jobs", "1")
    #expect(outcome.status == (isRefused ? 65 : 0), "\(outcome.errors)")
    let goodOutputs = Self.outputs.map { $0.replacingOccurrences(of: "picture", with: "good") }
    #expect(folder.outputs(in: "out") == (goodOutputs + (isRefused ? [] : Self.outputs)).sorted())
    try expectReport(damage, level, isRefused, in: folder)

    // The same input in good health is done, and its outputs outlive the next refusal.
    try folder.write(good, to: "in/\(damage.name)")
    #expect(try run(folder, level, "--overwrite").status == 0)
    let old = try Self.outputs.map { try folder.bytes("out/\($0)") }
    let files = Self.outputs.map { "out/\($0)" }
    let stamps = folder.stamps(of: files)
    try folder.write(bad, to: "in/\(damage.name)")
    let again = try run(folder, level, "--overwrite", "--jobs", "3")
    #expect(again.status == (isRefused ? 65 : 0), "\(again.errors)")
    #expect(folder.outputs(in: "out") == (goodOutputs + Self.outputs).sorted())
    if isRefused { #expect(folder.stamps(of: files) == stamps) }
    try expectReport(damage, level, isRefused, in: folder)
    let new = try Self.outputs.map { try folder.bytes("out/\($0)") }
    #expect((old == new) == (isRefused || !damage.lacksRow))
    if !isRefused, damage.lacksRow { try expectLastRowMissing(in: folder) }
  }

  private func expectReport(
    _ damage: Damage, _ level: String, _ isRefused: Bool, in folder: TemporaryFolder
  ) throws {
    let report = try folder.report()
    #expect(report.map(\.source) == ["good.png", damage.name])
    let line = try #require(report.last)
    #expect(report.first?.status != "failed")
    #expect(line.status == (isRefused ? "failed" : "ok"))
    #expect(line.failureKind == (isRefused ? damage.kind : nil))
    #expect(line.outputs.map(\.path).sorted() == (isRefused ? [] : Self.outputs))
    if !isRefused {
      #expect(line.values["partial"] as? Bool == damage.lacksRow)
      #expect(!line.warnings.isEmpty || damage.lacksRow)
    }
  }

  /// Rows that came are there, the one that did not is 0.
  private func expectLastRowMissing(in folder: TemporaryFolder) throws {
    let found = Picture(try PNGFile(folder.path("out/picture.png")))
    let rowCount = Self.picture.width * 3
    let came = Self.picture.values.dropLast(rowCount)
    #expect(found.values == came + Array(repeating: 0, count: rowCount))
  }
}
