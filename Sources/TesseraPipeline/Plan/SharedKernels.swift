import TesseraThreads

/// Coefficients of banks in single precision: the plans of a pipeline, one for each size of images, share
/// them.
final class SharedKernels: Sendable {
  private let kept = Locked<[(kernels: KernelArray, floats: [Float])]>([])

  /// The coefficients of some kernels, the same array each time; a pipeline has few banks.
  func floats(of kernels: KernelArray) -> [Float] {
    kept.withLock { kept in
      if let known = kept.first(where: { $0.kernels == kernels }) { return known.floats }
      let floats = kernels.values.map { Float($0) }
      kept.append((kernels, floats))
      return floats
    }
  }
}
