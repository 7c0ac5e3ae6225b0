import Foundation
import Testing

/// Memory that a run takes at most, by the kind of its input, against what was planned.
@Suite(.serialized) struct PeakInputTests {
  /// An image of 2000 × 2500, in a file that is decoded or turned in memory of its own.
  struct Input: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Bytes that must be planned for that alone.
    let held: Int
    var png = BlankPNG(width: 2500, height: 2000)
    /// How the picture is encoded anew first.
    var encode: String?
  }

  static let inputs = [
    Input(
      testDescription: "interlaced PNG", held: 15_000_000,
      png: BlankPNG(width: 2500, height: 2000, isInterlaced: true)),
    Input(
      testDescription: "16-bit PNG", held: 0, png: BlankPNG(width: 2500, height: 2000, bitDepth: 16)
    ),
    Input(
      testDescription: "interlaced 16-bit PNG", held: 30_000_000,
      png: BlankPNG(width: 2500, height: 2000, bitDepth: 16, isInterlaced: true)),
    Input(
      testDescription: "turned PNG", held: 15_000_000,
      png: BlankPNG(width: 2500, height: 2000, exif: ExifData.orientation(6))),
    // Luma, and colours of half the height and width, in 16 bits.
    Input(
      testDescription: "progressive JPEG", held: 15_000_000,
      encode: #""format": "jpeg", "progressive": true"#),
  ]

  @Test("One image takes no more than its plan says, however it is stored", arguments: inputs)
  func oneImage(_ input: Input) throws {
    let folder = try TemporaryFolder()
    try folder.write(input.png.bytes, to: "in/picture.png")
    if let encode = input.encode {
      try folder.write(pipeline(encode: encode), to: "first.json")
      let outcome = try Command.run(
        ["run", "first.json", "--input", "in", "--output", "encoded"], in: folder.path)
      #expect(outcome.status == 0, "\(outcome.errors)")
      try FileManager.default.removeItem(atPath: folder.path("in"))
      try folder.copy(folder.path("encoded/picture.jpg"), to: "in/picture.jpg")
    }
    try folder.write(pipeline(), to: "row.json")
    let base = try PeakMemoryTests.base.get()
    for jobs in ["1", "4"] {
      let planned = try PeakMemoryTests.planned(jobs: jobs, in: folder)
      #expect(planned >= input.held)
      let peak = try PeakMemoryTests.peak(["--jobs", jobs], in: folder)
      #expect(
        peak <= base + planned + PeakMemoryTests.allowance,
        "\(jobs) jobs: planned \(planned), taken \(peak - base)")
    }
  }

  @Test(
    "The pipelines that are shipped take no more on the samples than plans say",
    arguments: Repository.pipelineNames)
  func shipped(_ name: String) throws {
    let folder = try TemporaryFolder()
    try folder.copy(Repository.pipelines, to: "Pipelines")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("samples"), withDestinationPath: Repository.samples)
    let arguments = ["run", "Pipelines/\(name).json"]
    let dry = try Command.run(arguments + ["--dry-run", "--json"], in: folder.path)
    let inputs = try #require(dry.json?["inputs"] as? [[String: Any]], "\(dry.errors)")
    let planned = inputs.compactMap { $0["memory_bytes"] as? Int }
    #expect(planned.count == Repository.sampleNames.count)
    let base = try PeakMemoryTests.base.get()
    let (outcome, peak) = try Command.peak(arguments + ["--jobs", "1", "--quiet"], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let most = planned.max() ?? 0
    // The plans of all thirteen sizes are kept, and are in the plan of no image.
    let kept = 3 << 20
    #expect(
      peak <= base + most + PeakMemoryTests.allowance + kept,
      "planned \(most), taken \(peak - base)")
  }
}
