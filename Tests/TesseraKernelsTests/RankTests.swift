import TesseraCore
import TesseraKernels
import Testing

/// Every way to choose values by rank, against sorted windows.
@Suite("Values by rank")
struct RankTests {
  /// Outputs, narrower and wider than pieces of every way.
  static let sizes = [
    Size(height: 1, width: 64), Size(height: 5, width: 67), Size(height: 2, width: 130),
    Size(height: 1, width: 1031), Size(height: 9, width: 65), Size(height: 16, width: 66),
  ]

  /// Calls a kernel on noise with padding all around, and compares what it makes.
  private func check<E: FixedWidthInteger & BitwiseCopyable & Sendable>(
    _ type: E.Type, _ size: Size, window: Size, rank: Int, levels: E? = nil, step: Int = 1,
    scratchCount: Int, seed: UInt64, _ kernel: (WindowRanks<E>) -> Void
  ) -> Bool {
    var random = Seeded(seed)
    var plane: [E] = random.integers(size.height * size.width)
    if let levels { plane = plane.map { $0 % levels } }
    let padded = Size(
      height: size.height + window.height - 1,
      width: size.width + (window.width - 1) * step)
    let source = Planes(
      plane, channels: 1, size: size, top: window.height / 2, left: window.width / 2 * step,
      padded: padded, mode: .symmetric, zero: 0, fill: 77)
    let target = Planes(rows: size.height, width: size.width + 1, fill: E(9))
    // Behind the working memory stands what is nobody's.
    let guardCount = 64
    var scratch = [E](repeating: 55, count: scratchCount + guardCount)
    scratch.withUnsafeMutableBufferPointer { scratch in
      guard let memory = scratch.baseAddress else { return }
      source.withSources {
        kernel(
          WindowRanks(
            rows: $0, outputs: target.rows, outputRows: size.height, width: size.width, step: step,
            scratch: memory))
      }
    }
    let rows = (0..<size.height).flatMap { row in (0..<size.width).map { target.rows[row][$0] } }
    let ends = (0..<size.height).allSatisfy { target.rows[$0][size.width] == 9 }
    return ends && scratch.suffix(guardCount).allSatisfy { $0 == 55 }
      && rows
        == Self.reference(source, size: size, window: window, rank: rank, step: step)
  }

  private static func reference<E: Comparable>(
    _ source: Planes<E>, size: Size, window: Size, rank: Int, step: Int
  ) -> [E] {
    (0..<size.height).flatMap { y in
      (0..<size.width).map { x in
        (0..<window.height).flatMap { i in
          (0..<window.width).map { source.rows[y + i][x + $0 * step] }
        }.sorted()[rank]
      }
    }
  }

  @Test("medians of 3 × 3 and 5 × 5 are those of sorted windows", arguments: Variants.all, [3, 5])
  func medians(variant: Variants, size: Int) {
    let kernels = variant.kernels
    for (index, output) in Self.sizes.enumerated() {
      for step in [1, 3] {
        let (window, rank) = (Size(size), size * size / 2)
        func scratch(_ lanes: Int) -> Int {
          SmallMedians.scratchCount(size: size, lanes: lanes)
        }
        let lanes = kernels.lanes
        let seed = UInt64(10 * index + step)
        for levels in [nil, 3] as [UInt8?] {
          #expect(
            check(
              UInt8.self, output, window: window, rank: rank, levels: levels, step: step,
              scratchCount: scratch(4 * lanes), seed: seed
            ) { kernels.medianU8($0, size) }, "\(output), step \(step)")
        }
        #expect(
          check(
            UInt16.self, output, window: window, rank: rank, step: step,
            scratchCount: scratch(2 * lanes), seed: seed
          ) { kernels.medianU16($0, size) }, "\(output), step \(step)")
        #expect(
          check(
            Int32.self, output, window: window, rank: rank, step: step,
            scratchCount: scratch(lanes), seed: seed
          ) { kernels.medianKeys($0, size) }, "\(output), step \(step)")
      }
    }
  }

  static let windows = [
    Size(3), Size(5), Size(7), Size(9), Size(height: 1, width: 3), Size(height: 3, width: 1),
    Size(height: 1, width: 15), Size(height: 15, width: 1), Size(height: 5, width: 3),
    Size(height: 3, width: 11), Size(height: 2, width: 4), Size(height: 13, width: 5),
  ]

  @Test("networks choose every rank", arguments: Variants.all, windows)
  func networks(variant: Variants, window: Size) {
    let kernels = variant.kernels
    let count = window.height * window.width
    let bytes = 4 * kernels.lanes
    var ranks = [0, 1, count / 2, count * 3 / 4, count - 1]
    if count <= 9 { ranks = Array(0..<count) }
    for rank in ranks {
      let network = SelectionNetwork(height: window.height, width: window.width, rank: rank)
      for (output, step) in [(Size(height: 1, width: 64), 1), (Size(height: 2, width: 67), 5)] {
        func scratch(_ lanes: Int) -> Int {
          network.scratchCount(lanes: lanes, bytes: bytes, step: step)
        }
        #expect(
          check(
            UInt8.self, output, window: window, rank: rank, step: step,
            scratchCount: scratch(bytes), seed: UInt64(rank)
          ) { kernels.selectU8($0, network) }, "\(output), rank \(rank)")
        #expect(
          check(
            UInt16.self, output, window: window, rank: rank, levels: 5, step: step,
            scratchCount: scratch(bytes / 2), seed: UInt64(rank)
          ) { kernels.selectU16($0, network) }, "\(output), rank \(rank)")
        #expect(
          check(
            Int32.self, output, window: window, rank: rank, step: step,
            scratchCount: scratch(bytes / 4), seed: UInt64(rank)
          ) { kernels.selectKeys($0, network) }, "\(output), rank \(rank)")
      }
    }
  }

  @Test("the ends of large windows need few comparisons, and these are right")
  func ends() {
    for rank in [0, 255 * 255 - 1] {
      #expect(SelectionNetwork.suits(height: 255, width: 255, rank: rank))
      #expect(SelectionNetwork(height: 255, width: 255, rank: rank).cost < 300)
    }
    #expect(!SelectionNetwork.suits(height: 255, width: 255, rank: 1))
    #expect(!SelectionNetwork.suits(height: 1, width: 1, rank: 0))
    let kernels = Variants.all[0].kernels
    for (window, rank) in [(Size(31), 0), (Size(31), 960), (Size(height: 1, width: 99), 98)] {
      let network = SelectionNetwork(height: window.height, width: window.width, rank: rank)
      let scratch = network.scratchCount(
        lanes: 4 * kernels.lanes, bytes: 4 * kernels.lanes, step: 1)
      #expect(
        check(
          UInt8.self, Size(height: 9, width: 70), window: window, rank: rank, scratchCount: scratch,
          seed: 5
        ) { kernels.selectU8($0, network) })
    }
  }

  /// Windows and outputs down to a single value.
  static let others = [
    (Size(1), Size(1)), (Size(3), Size(height: 1, width: 2)), (Size(7), Size(height: 9, width: 40)),
    (Size(height: 21, width: 5), Size(height: 40, width: 7)),
    (Size(height: 1, width: 35), Size(height: 3, width: 90)),
    (Size(height: 35, width: 1), Size(height: 34, width: 33)),
    (Size(9), Size(height: 35, width: 37)), (Size(3), Size(height: 2, width: 1100)),
  ]

  @Test("histograms and sorted blocks choose every rank", arguments: Variants.all, others)
  func largeWindows(variant: Variants, shape: (window: Size, output: Size)) {
    let (window, output) = shape
    let kernels = variant.kernels
    let count = window.height * window.width
    for rank in Set([0, count / 2, count * 7 / 8]) {
      for levels in [nil, 2, 19] as [UInt8?] {
        let histograms = HistogramRanks(height: window.height, width: window.width, rank: rank)
        #expect(
          check(
            UInt8.self, output, window: window, rank: rank, levels: levels,
            scratchCount: histograms.scratchCount, seed: UInt64(rank)
          ) { kernels.rankByHistograms($0, histograms) }, "rank \(rank)")
      }
      let sorted = SortedRanks(
        height: window.height, width: window.width, rank: rank, of: output)
      for levels in [nil, 2] as [UInt16?] {
        #expect(
          check(
            UInt16.self, output, window: window, rank: rank, levels: levels,
            scratchCount: sorted.scratchBytes / 2 + 1, seed: UInt64(rank)
          ) { kernels.rankBySortingU16($0, sorted) }, "rank \(rank)")
      }
      #expect(
        check(
          Int32.self, output, window: window, rank: rank,
          scratchCount: sorted.scratchBytes / 4 + 1, seed: UInt64(rank)
        ) { kernels.rankBySortingKeys($0, sorted) }, "rank \(rank)")
    }
  }

  @Test("the largest windows do not count too far", arguments: Variants.all)
  func largest(variant: Variants) {
    let ranks = HistogramRanks(height: 255, width: 255, rank: 255 * 255 - 1)
    #expect(
      check(
        UInt8.self, Size(2), window: Size(255), rank: 255 * 255 - 1, levels: 1,
        scratchCount: ranks.scratchCount, seed: 1
      ) { variant.kernels.rankByHistograms($0, ranks) })
  }

  @Test("keys are in the order of floats, NaN last, and turn back", arguments: Variants.all)
  func keys(variant: Variants) {
    let ascending: [Float] = [
      -.infinity, -.greatestFiniteMagnitude, -1, -.leastNormalMagnitude, -.leastNonzeroMagnitude,
      -0.0, 0, .leastNonzeroMagnitude, .leastNormalMagnitude, 0.5, 1, .greatestFiniteMagnitude,
      .infinity, .nan,
    ]
    var random = Seeded(3)
    let more = (0..<200).map { _ in Float(bitPattern: random.next(upperBound: UInt32.max)) }
    let floats = ascending + more + [-.nan, .signalingNaN]
    var keys = [Int32](repeating: 0, count: floats.count)
    variant.kernels.takeKeys(floats, &keys, floats.count)
    #expect(zip(keys[..<14], keys[1..<14]).allSatisfy { $0 < $1 })
    var back = [Float](repeating: 0, count: floats.count)
    variant.kernels.takeValues(keys, &back, floats.count)
    for (value, float) in zip(back, floats) {
      #expect(float.isNaN ? value.isNaN : value.bitPattern == float.bitPattern)
    }
    for (index, float) in floats.enumerated() where float.isNaN { #expect(keys[index] == keys[13]) }
    for first in 14..<214 {
      for second in 14..<214 where floats[first] < floats[second] {
        #expect(keys[first] < keys[second])
      }
    }
  }

  @Test("reductions of patches and clamps are those of plain loops", arguments: Variants.all)
  func reductions(variant: Variants) {
    for (count, groups, pitch) in [(1, 1, 16), (7, 2, 32), (25, 3, 80), (64, 1, 1)] {
      var random = Seeded(UInt64(count))
      var tile = random.floats(count * groups * pitch)
      tile[tile.count / 2] = .nan
      tile[tile.count / 3] = -.infinity
      for reduction in [PatchReduction.mean, .deviation, .greatest, .least] {
        var made = [Float](repeating: 0, count: groups * pitch)
        tile.withUnsafeMutableBufferPointer { tile in
          guard let base = tile.baseAddress else { return }
          variant.kernels.reduce(
            TilePatches(tile: base, pitch: pitch, rowCount: count * groups, groups: groups),
            reduction, &made)
        }
        for group in 0..<groups {
          for lane in 0..<pitch {
            let values = (0..<count).map { Double(tile[(group * count + $0) * pitch + lane]) }
            let expected = Self.reduced(values, reduction)
            let value = made[group * pitch + lane]
            #expect(expected.isNaN ? value.isNaN : value == Float(expected))
          }
        }
      }
      var clamped = tile
      variant.kernels.clamp(tile, -0.5, 1.25, &clamped, tile.count)
      #expect(
        zip(clamped, tile).allSatisfy { made, value in
          value.isNaN ? made.isNaN : made == min(max(value, -0.5), 1.25)
        })
    }
  }

  private static func reduced(_ values: [Double], _ reduction: PatchReduction) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    switch reduction {
    case .mean: return mean
    case .deviation:
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (squares / Double(values.count)).squareRoot()
    case .greatest:
      return values.contains(where: \.isNaN) ? .nan : values.max() ?? .nan
    case .least:
      return values.contains(where: \.isNaN) ? .nan : values.min() ?? .nan
    }
  }
}
