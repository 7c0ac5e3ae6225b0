import TesseraCore

extension Convolve {
  /// Kernels that do not fit what they are to filter.
  enum Refusal: StageRefusal {
    case sizesDiffer(kernels: Size, patches: Size)
    case oddOutputs(Int)
    case channels(Int, weights: [Int], groups: Int, hasOpacity: Bool)
    case groups(Int, outputs: Int)

    var key: String? {
      switch self {
      case .sizesDiffer: nil
      case .oddOutputs: "response"
      case .channels: "weights"
      case .groups: "groups"
      }
    }

    var description: String {
      switch self {
      case .sizesDiffer(let kernels, let patches):
        "kernels of \(kernels) meet patches of \(patches); they must be equal"
      case .oddOutputs(let count):
        "\"magnitude\" takes pairs of outputs, and there are \(count)"
      case .channels(let count, let weights, let groups, let hasOpacity):
        "weights \(KernelWeights.description(of: weights)) with \(groups) groups take "
          + "\(weights[1] * groups) channels, and the image has \(count)"
          + (hasOpacity ? " and opacity, which \"alpha\": \"filter\" takes as one more" : "")
      case .groups(let groups, let outputs):
        "\(outputs) outputs do not divide into \(groups) groups"
      }
    }
  }
}
