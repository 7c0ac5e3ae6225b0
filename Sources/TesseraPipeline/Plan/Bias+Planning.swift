import TesseraConfiguration

/// A stage that adds a value to each of its outputs.
protocol HasBias: ConfigurableStage {
  /// What is added, or the path of a file with it.
  var bias: Bias? { get set }
  /// The name of the bias in the .safetensors file of `bias`, or in that of the weights.
  var biasTensor: String? { get set }
}

extension HasBias {
  /// The keys of a bias.
  static var biasParameters: [Parameter<Self>] {
    [
      Parameter(
        "bias", optional: \.bias, .bias, otherwise: "none",
        "Added to the outputs: a number, one per output, or a file of them."),
      Parameter(
        "bias_tensor", optional: \.biasTensor, .tensorName,
        "The bias in the .safetensors file of `bias`, or of `weights`."),
    ]
  }

  /// Where a file holds the bias; `nil` where none does.
  ///
  /// - Parameter weights: The key of the weights, and their file where there is one.
  /// - Returns: The array, and how the keys name it.
  func biasArray(beside weights: (key: String, path: String?)) -> ArrayReference? {
    if case .values = bias { return nil }
    return ArrayReference(("bias", bias?.path), ("bias_tensor", biasTensor), beside: weights)
  }

  /// What is wrong with the keys.
  func biasProblems(beside weights: (key: String, path: String?)) -> [KeyProblem] {
    if case .values = bias {
      guard biasTensor != nil else { return [] }
      return [KeyProblem("bias_tensor", "cannot stand beside numbers in \"bias\"")]
    }
    return ArrayReference.problems(
      ("bias", bias?.path), ("bias_tensor", biasTensor), beside: weights)
  }

  /// One value per output; `nil` for nothing.
  func biasValues(
    outputs: Int, beside weights: (key: String, path: String?), in context: StageContext
  ) throws(StageError) -> [Float]? {
    let values: [Float]
    if let array = biasArray(beside: weights) {
      values = context.array(array).values
    } else if case .values(let numbers) = bias {
      values = numbers.map { Float($0) }
    } else {
      return nil
    }
    guard let each = values.onePerChannel(outputs) else {
      throw StageError(SharedRefusal.biasCount(values.count, outputs: outputs))
    }
    return each
  }
}

extension Bias {
  /// The path of a file, where one holds the values.
  var path: String? {
    if case .file(let path) = self { path } else { nil }
  }
}

extension Array {
  /// A value for each of some channels, where there is one for all or one each; `nil` otherwise.
  func onePerChannel(_ channels: Int) -> [Element]? {
    if count == 1 { return Array(repeating: self[0], count: channels) }
    return count == channels ? self : nil
  }
}
