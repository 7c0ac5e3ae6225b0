import TesseraCore
import TesseraKernels

/// How many patches there were, their mean, and the sums of products of their deviations from it.
///
/// In double precision. Two are put together exactly but for the roundings of a few additions (Chan,
/// Golub and LeVeque), so that sums about different means lose nothing; the same ones in the same order
/// give the same bits.
package struct PatchMoments: Sendable {
  /// Values of a patch.
  package let length: Int
  /// Patches that count.
  package private(set) var count = 0
  /// Patches that were left out, as some value of theirs is not finite.
  package internal(set) var leftOutCount = 0
  /// The mean of each value.
  package private(set) var mean: [Double]
  /// Sums of products of deviations: rows `pitch` apart, entries at and behind the diagonal.
  private var scatter: [Double]
  private let pitch: Int

  /// None yet.
  package init(length: Int) {
    self.length = length
    pitch = GramUpdate.pitch(of: length)
    mean = Array(repeating: 0, count: length)
    scatter = Array(repeating: 0, count: GramUpdate.rows(of: length) * pitch)
  }

  /// Bytes that those of patches of a length take.
  package static func byteCount(length: Int) -> Int {
    let pitch = GramUpdate.pitch(of: length)
    return (GramUpdate.rows(of: length) + 1).saturating(times: pitch)
      .saturating(times: MemoryLayout<Double>.stride)
  }

  /// The sum of products of the deviations of two values.
  package func product(_ first: Int, _ second: Int) -> Double {
    scatter[min(first, second) * pitch + max(first, second)]
  }

  /// Takes patches that lie one after the other, `GramUpdate.pitch(of: length)` apart, zeros behind
  /// each; they become deviations from their own mean.
  ///
  /// - Parameters:
  ///   - patches: the first of them.
  ///   - added: how many there are.
  ///   - other: memory to work in.
  ///   - kernels: the arithmetic.
  mutating func add(
    _ patches: UnsafeMutablePointer<Double>, count added: Int, by other: inout PatchMoments,
    _ kernels: KernelSet
  ) {
    guard added > 0 else { return }
    other.empty()
    other.count = added
    for patch in 0..<added {
      let values = patches + patch * pitch
      for index in 0..<length { other.mean[index] += values[index] }
    }
    for index in 0..<length { other.mean[index] /= Double(added) }
    for patch in 0..<added {
      let values = patches + patch * pitch
      for index in 0..<length { values[index] -= other.mean[index] }
    }
    other.scatter.withUnsafeMutableBufferPointer { sums in
      kernels.addGram(
        GramUpdate(
          patches: patches, count: added, length: length, pitch: pitch, sums: sums.first))
    }
    merge(other)
  }

  private mutating func empty() {
    (count, leftOutCount) = (0, 0)
    for index in mean.indices { mean[index] = 0 }
    scatter.withUnsafeMutableBufferPointer { $0.update(repeating: 0) }
  }

  /// Puts the patches of another set behind these.
  package mutating func merge(_ other: PatchMoments) {
    precondition(other.length == length, "patches of one length")
    leftOutCount += other.leftOutCount
    guard other.count > 0 else { return }
    let total = Double(count + other.count)
    let share = Double(other.count) / total
    let weight = Double(count) * share
    let difference = (0..<length).map { other.mean[$0] - mean[$0] }
    for row in 0..<length {
      let factor = difference[row] * weight
      let first = row * pitch
      for column in row..<length {
        scatter[first + column] += other.scatter[first + column] + factor * difference[column]
      }
    }
    for index in 0..<length { mean[index] += difference[index] * share }
    count += other.count
  }
}
