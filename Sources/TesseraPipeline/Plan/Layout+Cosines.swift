import TesseraCore
import TesseraEngine

extension Layout {
  /// The longest side of a patch whose cosine bases are worth their memory.
  private static let longestSide = 2048

  /// Goes on with cosine coefficients in the place of values, or the other way round.
  ///
  /// - Parameters:
  ///   - isInverse: whether coefficients become values.
  ///   - stage: the name of the stage that asks.
  /// - Returns: the transform.
  /// - Throws: `StageError` where patches are too large.
  mutating func transformCosines(
    isInverse: Bool, for stage: String
  ) throws(StageError) -> TransformCosines {
    let size = try cosinePatchSize(for: stage)
    elementType = .float32
    // Both ways keep the length of the vector of values.
    let gain = Double(size.height * size.width).squareRoot()
    mapValues { $0.isBounded ? $0.reach(times: gain) : .unbounded }
    straightValues = .unbounded
    return TransformCosines(channels: channels, patchSize: size, isInverse: isInverse)
  }

  /// Height and width of the patches that flow, where a cosine transform takes them.
  func cosinePatchSize(for stage: String) throws(StageError) -> Size {
    let size = requirePatches(for: stage).kernelSize
    guard max(size.height, size.width) <= Self.longestSide else {
      throw StageError(SharedRefusal.patchesTooLarge(size, limit: Self.longestSide))
    }
    return size
  }
}

extension ValueInterval {
  /// Both signs of the largest magnitude, times a factor.
  func reach(times factor: Double) -> ValueInterval {
    let bound = max(abs(lower), abs(upper)) * factor
    return ValueInterval(-bound, bound)
  }
}
