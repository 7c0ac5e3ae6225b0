import TesseraKernels
import TesseraThreads

/// The weights of axes that images have in common: those of a folder often have one size.
package final class WeightStore: Sendable {
  private struct Key: Hashable {
    let axis: ResizeAxis
    let type: ObjectIdentifier
  }

  private struct Kept {
    var weights: [Key: any Sendable] = [:]
    var byteCount = 0
  }

  /// Bytes of weights that are kept; when there are more, all are forgotten.
  private static let byteLimit = 1 << 20

  private let kept = Locked(Kept())

  /// The weights of an axis, as the kernels of a type take them.
  func weights<E: ResizedElement>(
    of axis: ResizeAxis, _ spans: ResizeSpans, for type: E.Type
  ) -> [E.Weight] {
    let key = Key(axis: axis, type: ObjectIdentifier(E.Weight.self))
    if let weights = kept.withLock({ $0.weights[key] }) as? [E.Weight] { return weights }
    let weights = E.resizeWeights(ResizeWeights(axis, spans).values)
    let byteCount = weights.count * MemoryLayout<E.Weight>.stride
    kept.withLock { kept in
      if kept.byteCount + byteCount > Self.byteLimit { kept = Kept() }
      guard byteCount <= Self.byteLimit, kept.weights[key] == nil else { return }
      kept.weights[key] = weights
      kept.byteCount += byteCount
    }
    return weights
  }
}
