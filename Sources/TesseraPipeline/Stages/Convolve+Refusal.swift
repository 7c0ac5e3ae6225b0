import TesseraCore

extension Convolve {
  /// Kernels that do not fit what they are to filter.
  enum Refusal: StageRefusal {
    case sizesDiffer(kernels: Size, patches: Size)
    case oddOutputs(Int)
    case unevenGroups(Int, of: Int)
    case energyOfSome
    case productsOfOpacity(Response)
    case channels(Int, weights: [Int], groups: Int, hasOpacity: Bool)
    case groups(Int, outputs: Int)

    var key: String? {
      switch self {
      case .sizesDiffer: nil
      case .oddOutputs, .energyOfSome, .productsOfOpacity: "response"
      case .unevenGroups: "groups_of"
      case .channels: "weights"
      case .groups: "groups"
      }
    }

    var description: String {
      switch self {
      case .sizesDiffer(let kernels, let patches):
        "kernels of \(kernels) meet patches of \(patches); they must be equal"
      case .productsOfOpacity(let response):
        "load has multiplied colours by opacity, and \"\(response.rawValue)\" of such products tells nothing of "
          + "colours; load with another \"alpha\""
      case .oddOutputs(let count):
        "\"magnitude\" takes pairs of outputs, and there are \(count)"
      case .unevenGroups(let count, let each):
        "\(count) outputs of a channel do not divide into groups of \(each)"
      case .energyOfSome:
        "\"energy\" is a mean over neighbouring blocks, and some have been let go; choose blocks behind it"
      case .channels(let count, let weights, let groups, let hasOpacity):
        "weights \(KernelWeights.description(of: weights)) with \(groups.counted("group")) take "
          + "\((weights[1] * groups).counted("channel")), and the image has \(count)"
          + (hasOpacity ? " and opacity, which \"alpha\": \"filter\" takes as one more" : "")
      case .groups(let groups, let outputs):
        "\(outputs) outputs do not divide into \(groups) groups"
      }
    }
  }
}
