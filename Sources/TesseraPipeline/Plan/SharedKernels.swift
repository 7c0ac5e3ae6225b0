import TesseraThreads

/// Coefficients that a pipeline tells, by name or in place, in single precision: its plans, one for each
/// size of images, share them.
final class SharedKernels: Sendable {
  private let kept = Locked<[(kernels: KernelArray, floats: [Float])]>([])

  /// The coefficients of some kernels, the same array each time; a pipeline has few of them.
  func floats(of kernels: KernelArray) -> [Float] {
    kept.withLock { kept in
      if let known = kept.first(where: { $0.kernels == kernels }) { return known.floats }
      let floats = kernels.values.map { Float($0) }
      kept.append((kernels, floats))
      return floats
    }
  }
}
