import TesseraKernels
import Testing

/// Passes of a resize against sums of one value at a time.
@Suite("Resizing")
struct ResizeTests {
  /// Pixels of a row before and after, and the most that a piece makes.
  static let axes: [(source: Int, target: Int, piece: Int)] = [
    (1, 1, 1), (1, 5, 2), (3, 2, 2), (9, 40, 7), (40, 9, 9), (100, 33, 16), (129, 50, 20),
    (300, 3, 1), (200, 90, 40),
  ]

  @Test("every row comes to the sums of its own pixels", arguments: Variants.all)
  func along(variant: Variants) {
    along(variant.kernels.resizeAlongU8) { UInt8.random(in: .min ... .max, using: &$0) }
    along(variant.kernels.resizeAlongU16) { UInt16.random(in: .min ... .max, using: &$0) }
    along(variant.kernels.resizeAlongF32) { Float.random(in: -2...2, using: &$0) }
  }

  private func along<E: ResizedElement & Equatable>(
    _ kernel: (ResizeAlong<E>) -> Void, _ value: (inout Seeded) -> E
  ) where E: Comparable {
    let lanes = E.resizedLanes
    for (source, target, piece) in Self.axes {
      let axis = TestAxis<E>(source, target, piece: piece)
      for (sets, pixel, parts) in [
        (1, 1, false), (2, 1, false), (3, 1, false), (1, 3, true), (1, 3, false), (1, 2, true),
        (1, 4, false), (1, 5, true),
      ] {
        var random = Seeded(UInt64(source * 8 + pixel))
        let rows = (0..<sets * lanes).map { _ in
          (0..<source * pixel).map { _ in value(&random) }
        }
        let results = axis.run(kernel, rows, sets: sets, pixel: pixel, parts: parts)
        for (index, row) in rows.enumerated() {
          let expected = (0..<target * pixel).map { place in
            axis.sum(place / pixel) { row[$0 * pixel + place % pixel] }
          }
          let result = (0..<target * pixel).map { place in
            parts
              ? results[place % pixel * lanes + index][place / pixel] : results[index][place]
          }
          #expect(result == expected, "\(E.self) \(source) to \(target), \(sets) \(pixel) \(parts)")
        }
      }
    }
  }

  @Test("every column comes to the sums of its own rows", arguments: Variants.all)
  func across(variant: Variants) {
    across(variant.kernels.resizeAcrossU8) { UInt8.random(in: .min ... .max, using: &$0) }
    across(variant.kernels.resizeAcrossU16) { UInt16.random(in: .min ... .max, using: &$0) }
    across(variant.kernels.resizeAcrossF32) { Float.random(in: -2...2, using: &$0) }
  }

  private func across<E: ResizedElement & Equatable>(
    _ kernel: (ResizeAcross<E>) -> Void, _ value: (inout Seeded) -> E
  ) where E: Comparable {
    for width in [1, 5, 16, 31, 32, 33, 64, 100] {
      for (source, target, _) in Self.axes {
        let axis = TestAxis<E>(source, target, piece: target)
        var random = Seeded(UInt64(width * source))
        let rows = (0..<source).map { _ in TestRow(count: width) { value(&random) } }
        for sum in 0..<target {
          let output = TestRow(count: width) { value(&random) }
          let sources = rows[axis.start(sum)...].prefix(axis.count(sum))
          let pointers = sources.map { UnsafePointer($0.base) }
          pointers.withUnsafeBufferPointer { pointers in
            axis.weights(of: sum).withUnsafeBufferPointer { weights in
              guard let rows = pointers.baseAddress, let weights = weights.baseAddress else {
                return
              }
              kernel(
                ResizeAcross(
                  rows: rows, weights: weights, count: pointers.count, output: output.base,
                  width: width))
            }
          }
          let expected = withExtendedLifetime(rows) {
            (0..<width).map { x in axis.sum(sum) { rows[$0].base[x] } }
          }
          #expect(output.values == expected, "\(E.self) \(width), \(source) to \(target)")
        }
      }
    }
  }
}

/// A row with as much room behind it as kernels ask for.
private final class TestRow<E: BitwiseCopyable> {
  let base: UnsafeMutablePointer<E>
  private let count: Int

  init(count: Int, _ value: () -> E) {
    self.count = count
    base = .allocate(capacity: max(count, 64))
    for index in 0..<max(count, 64) { base[index] = value() }
  }

  deinit { base.deallocate() }

  var values: [E] {
    withExtendedLifetime(self) { Array(UnsafeBufferPointer(start: base, count: count)) }
  }
}

/// Windows of random weights, some below 0, over one axis.
private struct TestAxis<E: ResizedElement> {
  private let starts: [Int32]
  private let offsets: [Int32]
  private let exact: [Double]
  private let pieces: [Int32]

  init(_ source: Int, _ target: Int, piece: Int) {
    var random = Seeded(UInt64(source + target))
    var (starts, offsets, exact): ([Int32], [Int32], [Double]) = ([], [0], [])
    for sum in 0..<target {
      let first = sum * source / target
      let end = min(max((sum + 2) * source / target, first + 1), source)
      var weights = (first..<end).map { _ in Double.random(in: -0.1...1, using: &random) }
      let total = weights.reduce(0, +)
      if abs(total) > 0.5 { weights = weights.map { $0 / total } }
      starts.append(Int32(first))
      exact += weights
      offsets.append(Int32(exact.count))
    }
    (self.starts, self.offsets, self.exact) = (starts, offsets, exact)
    pieces = stride(from: 0, to: target, by: piece).map(Int32.init) + [Int32(target)]
  }

  func start(_ sum: Int) -> Int { Int(starts[sum]) }
  func count(_ sum: Int) -> Int { Int(offsets[sum + 1] - offsets[sum]) }

  func weights(of sum: Int) -> [E.Weight] {
    E.resizeWeights(Array(exact[Int(offsets[sum])..<Int(offsets[sum + 1])]))
  }

  /// The sum of the values that a function gives for source pixels.
  func sum(_ sum: Int, _ value: (Int) -> E) -> E {
    let weights = exact[Int(offsets[sum])..<Int(offsets[sum + 1])]
    let values = weights.indices.map { value(start(sum) + $0 - weights.startIndex) }
    if let bytes = values as? [UInt8] {
      var total = 1 << 21
      for (byte, weight) in zip(bytes, weights) {
        total += Int(byte) * Int((weight * 4_194_304).rounded(.toNearestOrAwayFromZero))
      }
      return unsafeBitCast(UInt8(min(max(total >> 22, 0), 255)), to: E.self)
    }
    var total = 0.0
    if let words = values as? [UInt16] {
      for (word, weight) in zip(words, weights) { total += Double(word) * weight }
      return unsafeBitCast(UInt16(min(max((total + 0.5).rounded(.down), 0), 65_535)), to: E.self)
    }
    for (float, weight) in zip(values as? [Float] ?? [], weights) {
      total += Double(float) * weight
    }
    return unsafeBitCast(Float(total), to: E.self)
  }

  /// What a kernel makes of rows.
  func run(
    _ kernel: (ResizeAlong<E>) -> Void, _ rows: [[E]], sets: Int, pixel: Int, parts: Bool
  ) -> [[E]] {
    let width = rows[0].count
    let inputs = rows.map { row in
      var next = row.makeIterator()
      return TestRow(count: width) { next.next() ?? row[0] }
    }
    let count = (starts.count) * (parts ? 1 : pixel)
    let outputs = (0..<rows.count * (parts ? pixel : 1)).map { _ in
      TestRow(count: count) { rows[0][0] }
    }
    let bytes = ResizeAlong<E>.scratchBytes(
      pixel: pixel, targets: starts.count, sources: width / pixel)
    let scratch = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    defer { scratch.deallocate() }
    let weights = E.resizeWeights(exact)
    inputs.map { UnsafePointer($0.base) }.withUnsafeBufferPointer { sources in
      outputs.map(\.base).withUnsafeBufferPointer { targets in
        starts.withUnsafeBufferPointer { starts in
          offsets.withUnsafeBufferPointer { offsets in
            pieces.withUnsafeBufferPointer { pieces in
              weights.withUnsafeBufferPointer { weights in
                guard let sources = sources.baseAddress, let targets = targets.baseAddress,
                  let starts = starts.baseAddress, let offsets = offsets.baseAddress,
                  let first = pieces.baseAddress, let weights = weights.baseAddress
                else { return }
                let table = ResizeTable(
                  starts: starts, offsets: offsets, weights: weights, pieces: first,
                  pieceCount: pieces.count - 1)
                kernel(
                  ResizeAlong(
                    rows: sources, outputs: targets, sets: sets, width: width, pixel: pixel,
                    parts: parts, axis: table, scratch: scratch))
              }
            }
          }
        }
      }
    }
    return withExtendedLifetime(inputs) { outputs.map(\.values) }
  }
}
