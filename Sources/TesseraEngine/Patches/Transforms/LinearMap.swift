import TesseraCore
import TesseraKernels

/// `groups` matrices that together turn `inputs` rows into `outputs` rows.
///
/// Output rows of group g read only the input rows of group g, as in torch. Where the rows are the
/// windows of single channels and a kernel is the product of a column and a row, its sum runs over
/// columns first, then along the row: the order of a separable convolution, bit for bit.
package struct LinearMap: TileTransform {
  /// Rows in that are multiplied.
  package var inputs: Int
  /// Rows out that are sums.
  package var outputs: Int
  /// Independent parts.
  package var groups: Int
  /// outputs × (inputs / groups), row-major; only those of one group where all share them.
  package var weights: [Float]
  /// One per output, or none.
  package var bias: [Float]?
  /// What the sums of each stored output are divided by, bias included; empty for 1 everywhere.
  package private(set) var divisors: [Float] = []
  /// Whether sums run in double precision and are rounded once: of integers, where floats do not
  /// hold them.
  package private(set) var sumsAreWide = false
  /// Whether wide sums become integers, since nobody takes anything else of them.
  package private(set) var givesIntegers = false
  /// The row that is passed on as it is, behind the sums: the middle of a window of opacity.
  package var keptRow: Int?
  /// Window that the weights of one input channel form, where the map is a convolution.
  package var kernelSize: Size?

  package init(
    inputs: Int, outputs: Int, groups: Int, weights: [Float], bias: [Float]? = nil,
    kernelSize: Size? = nil
  ) {
    self.inputs = inputs
    self.outputs = outputs
    self.groups = groups
    self.weights = weights
    self.bias = bias
    self.kernelSize = kernelSize
    precondition(
      weights.count == outputs * depth || weights.count == filters * depth,
      "weights are those of all groups, or of one")
  }

  /// The same map with each output of equal weights 1/n as a sum that is divided by n once: of
  /// integers that is their mean, rounded once, where products with 1/n would be rounded one by one.
  package var dividingMeans: LinearMap {
    var map = self
    var divisors = Array(repeating: Float(1), count: weights.count / depth)
    for (output, first) in stride(from: 0, to: weights.count, by: depth).enumerated() {
      let weight = weights[first]
      let divisor = (1 / weight).rounded()
      // Products with a power of two are exact.
      guard weight.significand != 1, divisor > 1, divisor <= 16_777_216, 1 / divisor == weight,
        weights[first..<first + depth].allSatisfy({ $0 == weight })
      else { continue }
      divisors[output] = divisor
      map.weights.replaceSubrange(
        first..<first + depth, with: repeatElement(1, count: depth))
    }
    guard divisors.contains(where: { $0 != 1 }) else { return self }
    map.divisors = divisors
    map.bias = bias.map { bias in
      bias.indices.map { bias[$0] * divisors[map.storedOutput($0)] }
    }
    return map
  }

  /// The same map for integers of a magnitude: with wide sums where a kernel of integers, or of
  /// integers over a power of two, has sums that floats do not hold, or a mean of them, as a float,
  /// might stand on a tie between two integers where the exact one does not.
  ///
  /// Only where it is the product of a column and a row, as boxes, binomials and Sobel's are: wide sums
  /// over all of a large kernel would take many times as long.
  package func summing(integersUpTo magnitude: Double) -> LinearMap {
    guard let kernelSize else { return self }
    let largestBias = Double(bias?.map(\.magnitude).max() ?? 0)
    var map = self
    map.sumsAreWide = stride(from: 0, to: weights.count, by: depth).contains { first in
      let kernel = weights[first..<first + depth]
      guard let exponent = SeparableKernel.integerExponent(of: kernel),
        SeparableKernel(
          factoring: kernel, height: kernelSize.height, width: kernelSize.width) != nil
      else { return false }
      let sum = magnitude * kernel.reduce(0) { $0 + Double($1.magnitude) } + largestBias
      if sum * Double(sign: .plus, exponent: exponent, significand: 1) > 0x1p24 { return true }
      // Other quotients by n lie 1/2n from a tie or more, floats half of an ulp of the largest or less.
      let divisor = divisors.isEmpty ? 1 : Double(divisors[first / depth])
      return divisor != 1 && divisor * (sum / divisor).binade >= 0x1p23
    }
    return map
  }

  /// The same map, whose sums become integers at once where they are wide: rounded from floats they
  /// would be rounded twice.
  ///
  /// Where they are narrow, floats hold sums and quotients so well that nothing would change.
  package var givingIntegers: LinearMap {
    var map = self
    map.givesIntegers = sumsAreWide
    return map
  }

  /// What becomes of the wide sums of an output.
  package func rounding(of output: Int) -> WideRounding {
    WideRounding(divisor: Double(divisor(of: output)), isToIntegers: givesIntegers)
  }

  /// What the sum of an output is divided by.
  package func divisor(of output: Int) -> Float {
    divisors.isEmpty ? 1 : divisors[storedOutput(output)]
  }

  /// The output whose weights are stored for this one.
  private func storedOutput(_ output: Int) -> Int { sharesWeights ? output % filters : output }

  /// Rows of one group that go in.
  package var depth: Int { inputs / groups }
  /// Rows of one group that come out.
  package var filters: Int { outputs / groups }
  /// Whether every group has the same weights, stored once.
  package var sharesWeights: Bool { groups > 1 && weights.count == filters * depth }

  /// Where the weights of an output begin.
  package func firstWeight(of output: Int) -> Int {
    storedOutput(output) * depth
  }

  /// For each stored kernel the vectors whose product it is, where there are such and two passes are
  /// less work; empty where no kernel is looked at.
  package func factors() -> [SeparableKernel?] {
    guard let kernelSize, kernelSize.height * kernelSize.width == depth,
      depth > 2 * (kernelSize.height + kernelSize.width)
    else { return [] }
    return stride(from: 0, to: weights.count, by: depth).map { first in
      SeparableKernel(
        factoring: weights[first..<first + depth], height: kernelSize.height,
        width: kernelSize.width)
    }
  }

  package var linear: LinearMap? { self }
  package var suitsSingleBlocks: Bool { false }

  package func output(of input: PatchShape) -> PatchShape {
    // What a matrix makes are values without a place in the window.
    PatchShape(length: outputs + (keptRow == nil ? 0 : 1), width: 1)
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedLinearMap(self, tile, tools.kernels)
  }
}

/// Neighbouring outputs of one group that are computed alike.
package struct FilterRun: Hashable, Sendable {
  /// The outputs, counted in their group.
  package var filters: Range<Int>
  /// The vectors of a single separable one.
  package var factor: SeparableKernel?

  /// The runs of one group, given the factors of its kernels.
  package static func runs(_ count: Int, factors: ArraySlice<SeparableKernel?>) -> [FilterRun] {
    var runs: [FilterRun] = []
    for filter in 0..<count {
      let factor = factors.isEmpty ? nil : factors[factors.startIndex + filter]
      if factor == nil, let last = runs.last, last.factor == nil {
        runs[runs.count - 1].filters = last.filters.lowerBound..<filter + 1
      } else {
        runs.append(FilterRun(filters: filter..<filter + 1, factor: factor))
      }
    }
    return runs
  }

  /// The runs of every group of a map.
  package static func runs(of map: LinearMap) -> [[FilterRun]] {
    let factors = map.factors()
    return (0..<map.groups).map { group in
      let first = map.sharesWeights ? 0 : group * map.filters
      return runs(
        map.filters,
        factors: factors.isEmpty ? [] : factors[first..<first + map.filters])
    }
  }

  /// Bytes of the vectors of some runs.
  package static func byteCount(_ runs: [[FilterRun]]) -> Int {
    runs.joined().reduce(0) { sum, run in
      sum + ((run.factor?.column.count ?? 0) + (run.factor?.row.count ?? 0)) * 4
    }
  }
}
