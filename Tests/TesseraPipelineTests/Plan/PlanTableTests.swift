import TesseraCodecs
import TesseraCore
import Testing

@testable import TesseraEngine
@testable import TesseraPipeline

/// What a plan says of itself: memory by stage, and how each stage is carried out.
struct PlanTableTests {
  static let pipelines = [
    #"{"stage": "normalize"}, {"stage": "encode", "format": "npy"}"#,
    #"{"stage": "normalize", "per_image": "minmax"}, {"stage": "encode", "format": "npy"}"#,
    #"{"stage": "unfold", "kernel_size": 8, "stride": 4, "edge": "shift"}, {"stage": "fold"},"#
      + #" {"stage": "encode"}"#,
    #"{"stage": "convolve", "bank": "sharpen", "padding": 1}, {"stage": "encode"}"#,
    #"{"stage": "unfold", "kernel_size": 8}, {"stage": "transform.standardize"},"#
      + #" {"stage": "encode", "format": "npy"}"#,
  ]

  private func header(decoderBytes: Int) -> ImageHeader {
    ImageHeader(
      format: .png, shape: ImageShape(channels: 3, height: 200, width: 300), elementType: .uint8,
      colorModel: .rgb, sourceBitDepth: 8, decoderBytes: decoderBytes, decoder: "")
  }

  private func plan(_ stages: String, decoderBytes: Int = 5000, workers: Int = 1) throws -> Plan {
    let workshop = try Workshop()
    workshop.workers = workers
    workshop.banding = Banding(largeImage: 0)
    return try workshop.planner(stages).plan(header(decoderBytes: decoderBytes))
  }

  /// The rows of a table, without their head and what follows them.
  private func rows(_ plan: Plan) -> [String] {
    plan.table.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
      .prefix { !$0.isEmpty }.map(String.init)
  }

  @Test("The memory of all stages is that of the plan, each in its row", arguments: pipelines)
  func memory(stages: String) throws {
    for workers in [1, 3] {
      let plan = try plan(stages, workers: workers)
      let parts = plan.stages.map { plan.work.byteCount(ofStage: $0.index) }
      #expect(parts.reduce(0, +) == plan.byteCount)
      let rows = rows(plan)
      #expect(rows.count == parts.count)
      for (row, part) in zip(rows, parts) { #expect(row.contains("  \(part.inBytes)"), "\(row)") }
      #expect(plan.table.contains("at most \(plan.byteCount.inBytes) of memory"))
    }
  }

  @Test("Decoded rows, rows of floats and working memory are those of their stages")
  func parts() throws {
    // A row of 300 is padded to 320 bytes, and to 1216 as floats. 64 rows are decoded at once.
    let plan = try plan(Self.pipelines[0])
    let work = plan.work
    let source = 5000 + 64 * 3 * 4 * 300
    #expect(work.byteCount(ofStage: 0) == work.windows[0].byteCount + source)
    #expect(work.windows[0].byteCount == work.windows[0].capacity * 3 * 320)
    #expect(work.windows[1].byteCount == work.windows[1].capacity * 3 * 1216)
    #expect(work.byteCount(ofStage: 1) >= work.windows[1].byteCount)
    #expect(work.byteCount(ofStage: 2) == work.nodes[1].byteCount)
  }

  @Test("What the decoder holds is part of the plan, and of its first stage", arguments: pipelines)
  func decoder(stages: String) throws {
    let (small, large) = try (plan(stages, decoderBytes: 0), plan(stages, decoderBytes: 777_777))
    #expect(large.byteCount == small.byteCount + 777_777)
    #expect(large.work.byteCount(ofStage: 0) == small.work.byteCount(ofStage: 0) + 777_777)
  }

  @Test(
    "A stage that must see the whole image first is told to wait for it",
    arguments: [
      (pipelines[1], [1]), (pipelines[0], []), (pipelines[2], []),
      (
        #"{"stage": "convolve", "bank": "sharpen", "padding": 1, "padding_mode": "circular"},"#
          + #" {"stage": "normalize", "per_image": "standardize"}, {"stage": "encode"}"#,
        [1, 2]
      ),
    ] as [(String, [Int])])
  func barriers(stages: String, waiting: [Int]) throws {
    let rows = try rows(plan(stages))
    #expect(rows.indices.filter { rows[$0].contains("waits for the whole image") } == waiting)
  }

  @Test(
    "How patches are carried through is told where they end",
    arguments: [
      (pipelines[2], 2, "unfold … fold in one pass, 64 rows at a time"),
      (pipelines[4], 3, "unfold … encode in one pass"),
      (
        #"{"stage": "unfold", "kernel_size": 8}, {"stage": "encode", "format": "npy"}"#, 2,
        "unfolds tile by tile"
      ),
    ])
  func manners(stages: String, stage: Int, words: String) throws {
    let workshop = try Workshop()
    workshop.rewrites = []
    let rows = try rows(workshop.planner(stages).plan(header(decoderBytes: 0)))
    #expect(rows[stage].hasSuffix(words), "\(rows[stage])")
    #expect(rows.filter { $0.contains("unfold … ") || $0.contains("tile by tile") }.count == 1)
  }

  @Test("Rewrites that were taken are told in the end, and nothing where there are none")
  func rewrites() throws {
    let workshop = try Workshop()
    let stages = Self.pipelines[3]
    let plan = try workshop.planner(stages).plan(header(decoderBytes: 0))
    #expect(!plan.rewrites.isEmpty)
    #expect(plan.table.hasSuffix("\nrewritten: " + plan.rewrites.joined(separator: ", ")))
    workshop.rewrites = []
    let plain = try workshop.planner(stages).plan(header(decoderBytes: 0))
    #expect(!plain.table.contains("rewritten"))
  }

  @Test(
    "Values are told as integers, or with three digits",
    arguments: [
      (0, 255, "0 … 255"), (-2.117904, 2.64, "-2.12 … 2.64"), (-1, 1.5, "-1 … 1.5"),
      (-32_768, 65_535, "-32768 … 65535"), (-.infinity, 3, "any"),
    ] as [(Double, Double, String)])
  func values(lower: Double, upper: Double, text: String) {
    #expect(ValueInterval(lower, upper).description == text)
  }

  @Test("Fractions below 1 and above 100 have three digits, too")
  func digits() {
    #expect(ValueInterval(0.12345, 123.45).description == "0.123 … 123")
    #expect(ValueInterval(-21.152, 9.996).description == "-21.2 … 10.0")
    #expect(ValueInterval(1.5e-7, 1e300).description == "1.5e-07 … 1e+300")
  }
}
