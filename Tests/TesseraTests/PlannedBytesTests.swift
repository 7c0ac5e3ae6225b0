import Tessera
import Testing

/// What plans say of memory, against sums by hand for an image of 3 × 2000 × 2500 bytes.
///
/// A row of a channel is padded to 64 bytes, and by another 64 where that makes a multiple of 1024.
struct PlannedBytesTests {
  /// Rows of all three channels in memory, as bytes and as floats.
  static let byteRow = 3 * 2560
  static let floatRow = 3 * 10_048
  /// The rows that an encoder rounds, interleaves and hands on: 3 rows of floats of padded width.
  static let encoder = 3 * 3 * 2560 * 4
  /// 64 rows as they are decoded, and twice more for conversions, of up to four channels.
  static let decoded = 64 * 3 * 4 * 2500

  static let fold =
    [
      Unfold(Window(kernelSize: Size(64), stride: Size(16), edge: .shift)), Fold(),
    ] as [any Stage]

  /// What every byte of three channels becomes, as a float.
  static let byteTables = 3 * 256 * 4

  /// Stages, what one thread holds, what each thread holds more where several work, and tables.
  static let plans:
    [(name: String, stages: [any Stage], one: Int, more: Int, scratch: Int, tables: Int)] = [
      // 64 rows are decoded at once, and written before the next.
      ("copy", [], 64 * byteRow, 64 * byteRow, 0, 0),
      // As many rows as fill half a megabyte, 17 of floats, are made at once: up to 16 that were decoded
      // wait for others, and up to 7 that were made wait for the encoder's eighth.
      (
        "normalize", [Normalize()], (64 + 16) * byteRow + (17 + 7) * floatRow,
        64 * byteRow + 17 * floatRow, 0, byteTables
      ),
      // The whole image waits as bytes; each thread converts a row for the statistics.
      (
        "per image", [minmax], 2000 * byteRow + (17 + 7) * floatRow, 17 * floatRow, 2500 * 4,
        byteTables
      ),
      // A band is four windows high: 256 rows. Blocks on the rows 256 ..< 512 begin at 208 and end at
      // 560, of which decoding makes 576. Each thread has one block, where its rows lie and go, and a
      // double for each sum; a count for each row and column, and where each of 122 and 154 blocks
      // starts.
      (
        "fold", fold, (576 - 208) * byteRow + 256 * byteRow, (64 + 256) * byteRow,
        3 * 64 * 64 * 4 + 3 * 64 * 2 * 8 + 3 * 256 * 2500 * 8,
        (2000 + 2500) * 4 + (122 + 154) * 8
      ),
    ]

  static var minmax: Normalize {
    var normalize = Normalize()
    normalize.perImage = .minmax
    return normalize
  }

  private func byteCount(
    _ stages: [any Stage], workers: Int, height: Int = 2000, width: Int = 2500
  ) throws -> Int {
    let pipeline = try Pipeline(stages: [Load()] + stages + [Encode(path: "out", format: .npy)])
    let planner = try Planner(pipeline, kernels: .selected(), workers: workers)
    return try planner.plan(ImageShape(channels: 3, height: height, width: width)).byteCount
  }

  @Test("Plans of a few stages say what a sum by hand does", arguments: [1, 2, 5])
  func sums(workers: Int) throws {
    for plan in Self.plans {
      let more = workers == 1 ? 0 : workers * plan.more
      #expect(
        try byteCount(plan.stages, workers: workers)
          == plan.one + more + workers * plan.scratch + plan.tables + Self.encoder + Self.decoded,
        "\(plan.name)")
    }
  }

  @Test("No more rows are held than an image has, and a small image has one thread")
  func smallImages() throws {
    for plan in Self.plans {
      let alone = try byteCount(plan.stages, workers: 1, height: 1999, width: 2000)
      #expect(try byteCount(plan.stages, workers: 5, height: 1999, width: 2000) == alone)
      // From 4 megapixels on there are several.
      #expect(
        try byteCount(plan.stages, workers: 5, height: 2000, width: 2000)
          > byteCount(plan.stages, workers: 1, height: 2000, width: 2000), "\(plan.name)")
    }
    let wide = try byteCount([], workers: 5, height: 100, width: 40_000)
    // 40 000 bytes are 625 lines of 64; half a megabyte is 8 such rows, as few as there may be.
    #expect(wide == (8 + 5 * 8) * 3 * 40_000 + 3 * 3 * 40_000 * 4 + 8 * 3 * 4 * 40_000)
    let flat = try byteCount([], workers: 5, height: 30, width: 150_000)
    #expect(flat == 30 * 3 * 150_016 + 3 * 3 * 150_016 * 4 + 8 * 3 * 4 * 150_000)
  }

  @Test("A row of zeros is counted where zeros stand above an image, and only there")
  func zeros() throws {
    var window = Window(
      kernelSize: Size(height: 3, width: 1), padding: .symmetric(Size(height: 1, width: 0)))
    let zeros = try byteCount([Unfold(window), Fold()], workers: 1)
    window.paddingMode = .replicate
    let replicated = try byteCount([Unfold(window), Fold()], workers: 1)
    #expect(zeros == replicated + 2560)
  }
}
