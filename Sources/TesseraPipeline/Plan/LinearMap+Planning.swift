import TesseraCodecs
import TesseraCore
import TesseraEngine

extension LinearMap {
  /// The smallest interval that holds every output for inputs in an interval.
  func interval(of input: ValueInterval) -> ValueInterval {
    let outputIntervals = (0..<outputs).map { output in
      var (lower, upper) = (0.0, 0.0)
      let first = firstWeight(of: output)
      for weight in weights[first..<first + depth] where weight != 0 {
        let term = input.mapped(scale: Double(weight))
        lower += term.lower
        upper += term.upper
      }
      let offset = Double(bias?[output] ?? 0)
      return ValueInterval(lower + offset, upper + offset)
    }
    return outputIntervals.dropFirst().reduce(outputIntervals[0]) { $0.union($1) }
  }

  /// The channel that each output is a weighted mean of, or `nil` where an output mixes channels,
  /// adds a bias, or its weights do not sum to 1.
  func unitGainSources(channels: Int) -> [Int]? {
    guard groups == channels, bias == nil else { return nil }
    for output in 0..<outputs {
      let first = firstWeight(of: output)
      let sum = weights[first..<first + depth].reduce(0.0) { $0 + Double($1) }
      guard abs(sum - 1) < 1e-5 else { return nil }
    }
    return (0..<outputs).map { $0 / filters }
  }
}

/// The coefficients of kernels as the engine takes them.
///
/// Those of a file are the array that was read, not a copy.
struct KernelWeights {
  let sides: KernelShape
  private(set) var values: [Float]

  /// The coefficients that a stage names, from the pipeline file or an array beside it.
  ///
  /// - Parameters:
  ///   - source: Where they stand.
  ///   - isFlipped: Whether each kernel is turned by 180°.
  ///   - context: Holds the arrays that were read.
  /// - Throws: `StageError` where there are none, or their sides are not those of kernels.
  init(
    _ source: KernelSource?, isFlipped: Bool, in context: StageContext
  ) throws(StageError) {
    switch source {
    case nil:
      throw StageError(CommonRefusal.noKernels)
    case .kernels(let kernels):
      sides = kernels.sides
      values = kernels.values.map { Float($0) }
    case .file(let path):
      let array = try context.array(path, key: "weights")
      guard let sides = KernelShape(array.shape, valueCount: array.values.count)
      else { throw StageError(CommonRefusal.kernelSides(array.shape)) }
      self.sides = sides
      values = array.values
    }
    if isFlipped {
      let taps = kernelSize.height * kernelSize.width
      for first in stride(from: 0, to: values.count, by: taps) {
        values[first..<first + taps].reverse()
      }
    }
  }

  var kernelSize: Size { Size(height: sides.height, width: sides.width) }

  /// Sides in words: `16 × 3 × 7 × 7`.
  static func description(of shape: [Int]) -> String {
    shape.map(String.init).joined(separator: " × ")
  }
}

extension Bias {
  /// The path of a file, where one holds the values.
  var path: String? {
    if case .file(let path) = self { path } else { nil }
  }

  /// One value per output.
  func values(outputs: Int, in context: StageContext) throws(StageError) -> [Float] {
    let values: [Float]
    switch self {
    case .values(let numbers): values = numbers.map { Float($0) }
    case .file(let path): values = try context.array(path, key: "bias").values
    }
    if values.count == 1 { return Array(repeating: values[0], count: outputs) }
    guard values.count == outputs else {
      throw StageError(CommonRefusal.biasCount(values.count, outputs: outputs))
    }
    return values
  }
}

extension KernelSource {
  /// The path of a file, where one holds the coefficients.
  var path: String? {
    if case .file(let path) = self { path } else { nil }
  }
}
