import TesseraCore
import TesseraKernels

/// The median of the values below each other in every lane of a tile, as NumPy's: the mean of two where
/// their number is even, and NaN where one of them is.
struct PatchMedian: Sendable {
  private let count: Int
  private let pitch: Int
  private let kernels: KernelSet
  /// For the value in the middle, or the two.
  private let methods: [RankMethod<Int32>]

  init(of count: Int, pitch: Int, _ kernels: KernelSet) {
    (self.count, self.pitch, self.kernels) = (count, pitch, kernels)
    guard count > 1 else {
      methods = []
      return
    }
    let ranks = Set([(count - 1) / 2, count / 2]).sorted()
    let together = ranks.map {
      RankMethod<Int32>(
        Size(height: count, width: 1), rank: $0, of: Size(height: 1, width: pitch), kernels)
    }
    if together.allSatisfy(\.comparesVectors) {
      methods = together
    } else {
      methods = ranks.map {
        RankMethod(Size(height: 1, width: count), rank: $0, of: Size(1), kernels)
      }
    }
  }

  private var isTogether: Bool { methods.allSatisfy(\.comparesVectors) }

  var tableBytes: Int { methods.reduce(0) { $0 + $1.tableBytes } }

  /// A row for each of two values, the values of one lane, and what the methods work in.
  var scratchCount: Int {
    2 * pitch + (isTogether ? 0 : count) + (methods.map(\.scratchCount).max() ?? 0)
  }

  /// - Parameters:
  ///   - patches: the values, which are lost.
  ///   - lanes: how many are of use.
  ///   - target: where the medians go.
  ///   - scratch: `scratchCount` floats.
  func apply(
    to patches: TilePatches, lanes: Int, _ target: UnsafeMutablePointer<Float>,
    _ scratch: UnsafeMutablePointer<Float>
  ) {
    guard let last = methods.last else {
      target.update(from: patches.tile, count: pitch)
      return
    }
    // The largest value is NaN where one is.
    kernels.reduce(patches, .greatest, target)
    let keys = UnsafeMutableRawPointer(patches.tile)
      .bindMemory(to: Int32.self, capacity: count * pitch)
    kernels.takeKeys(patches.tile, keys, count * pitch)
    let memory = UnsafeMutableRawPointer(scratch)
      .bindMemory(to: Int32.self, capacity: scratchCount)
    choose(methods[0], keys, lanes, memory, memory + 2 * pitch)
    choose(last, keys, lanes, memory + pitch, memory + 2 * pitch)
    kernels.takeValues(memory, scratch, 2 * pitch)
    for lane in 0..<lanes where !target[lane].isNaN {
      let (lower, upper) = (scratch[lane], scratch[pitch + lane])
      target[lane] = lower == upper ? lower : (lower + upper) / 2
    }
  }

  private func choose(
    _ method: RankMethod<Int32>, _ keys: UnsafeMutablePointer<Int32>, _ lanes: Int,
    _ target: UnsafeMutablePointer<Int32>, _ memory: UnsafeMutablePointer<Int32>
  ) {
    guard !isTogether else {
      method.make(
        (0..<count).map { UnsafePointer(keys + $0 * pitch) }, into: [target], width: pitch, memory)
      return
    }
    for lane in 0..<lanes {
      for row in 0..<count { memory[row] = keys[row * pitch + lane] }
      method.make([UnsafePointer(memory)], into: [target + lane], width: 1, memory + count)
    }
  }
}
