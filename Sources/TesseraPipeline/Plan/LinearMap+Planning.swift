import TesseraCodecs
import TesseraCore
import TesseraEngine

extension LinearMap {
  /// The same convolution without rounding that integers can be spared.
  func exact(for input: Layout) -> LinearMap {
    guard let kernelSize, kernelSize.height * kernelSize.width == depth else { return self }
    // Sums of values without bounds might leave the range of floats where means do not.
    guard input.values.isBounded else { return self }
    let map = dividingMeans
    guard input.elementType != .float32 else { return map }
    return map.summing(integersUpTo: max(abs(input.values.lower), abs(input.values.upper)))
  }

  /// The smallest interval that holds every output for inputs in an interval.
  func interval(of input: ValueInterval) -> ValueInterval {
    let outputIntervals = (0..<outputs).map { output in
      let first = firstWeight(of: output)
      return input.weighted(by: weights[first..<first + depth], offset: bias?[output] ?? 0)
        .mapped(scale: 1 / Double(divisor(of: output)))
    }
    return outputIntervals.dropFirst().reduce(outputIntervals[0]) { $0.union($1) }
  }

  /// Whether quotients of what it makes of products and of their factors are means of the quotients that
  /// there were.
  var keepsQuotients: Bool { bias == nil && weights.allSatisfy { $0 >= 0 } }

  /// The channel that each output is a weighted mean of, or `nil` where an output mixes channels,
  /// adds a bias, or its weights do not sum to 1.
  func unitGainSources(channels: Int) -> [Int]? {
    guard groups == channels, bias == nil else { return nil }
    for output in 0..<outputs {
      let first = firstWeight(of: output)
      let sum = weights[first..<first + depth].reduce(0.0) { $0 + Double($1) }
      guard abs(sum / Double(divisor(of: output)) - 1) < 1e-5 else { return nil }
    }
    return (0..<outputs).map { $0 / filters }
  }
}

extension Layout {
  /// What a map of channels or windows makes of the values that flow.
  ///
  /// - Parameters:
  ///   - map: the map.
  ///   - input: what flows before.
  ///   - padsZeros: whether zeros stand beside what flows.
  ///   - keepsOpacity: whether opacity goes on as it is; otherwise the map takes it as one more channel.
  mutating func filterValues(
    _ map: LinearMap, of input: Layout, padsZeros: Bool, keepsOpacity: Bool
  ) {
    func filtered(_ values: ValueInterval) -> ValueInterval {
      map.interval(of: padsZeros ? values.withZero : values)
    }
    let isMixed = input.hasAlpha && !keepsOpacity && map.groups < input.channels
    values = filtered(isMixed ? input.allValues : input.values)
    opacity =
      keepsOpacity
      ? (padsZeros ? input.opacity.withZero : input.opacity) : filtered(input.opacity)
    if keepsOpacity || !map.keepsQuotients || !input.blackIsZero { straightValues = .unbounded }
  }
}
