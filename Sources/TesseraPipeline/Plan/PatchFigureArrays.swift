import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// What was learned of patches, in a .safetensors file.
struct PatchFigureArrays {
  private let path: String

  init(_ path: String) { self.path = path }

  private func reference(_ tensor: String) -> ArrayReference {
    ArrayReference("statistics", path: path, tensor: tensor, tensorKey: "statistics")
  }

  /// The arrays that stages use.
  var references: [ArrayReference] { ["mean", "eigenvalues", "eigenvectors"].map(reference) }

  /// The arrays, which fit the patches that reach a stage.
  func values(for input: Layout, in context: StageContext) throws(StageError) -> PatchFigureValues {
    let (mean, variances, directions) = (
      context.array(reference("mean")), context.array(reference("eigenvalues")),
      context.array(reference("eigenvectors"))
    )
    let length = mean.shape.count == 1 ? mean.shape[0] : 0
    guard length > 0, variances.shape == [length], directions.shape == [length, length],
      variances.values.allSatisfy({ $0 >= 0 })
    else {
      throw StageError(
        PatchFigureRefusal.sides(mean.shape, variances.shape, directions.shape))
    }
    guard length == input.patchLength else {
      throw StageError(PatchFigureRefusal.length(length, patches: input.patchLength))
    }
    return PatchFigureValues(
      mean: mean.values, variances: variances.values, directions: directions.values)
  }
}

/// Mean, variances and principal directions of patches of D values.
struct PatchFigureValues {
  var mean: [Float]
  /// Descending.
  var variances: [Float]
  /// D × D, one a row.
  var directions: [Float]

  /// D.
  var length: Int { mean.count }

  /// The map to deviations from the mean along the first directions, each multiplied by what `scale`
  /// says.
  func projection(on count: Int, scale: (Int) -> Double) -> LinearMap {
    var weights: [Float] = []
    weights.reserveCapacity(count * length)
    var bias: [Float] = []
    for index in 0..<count {
      let factor = scale(index)
      var sum = 0.0
      for place in 0..<length {
        let weight = Double(directions[index * length + place]) * factor
        sum += weight * Double(mean[place])
        weights.append(Float(weight))
      }
      bias.append(Float(-sum))
    }
    return LinearMap(inputs: length, outputs: count, groups: 1, weights: weights, bias: bias)
  }

  /// The map back from there; to deviations from the mean where it `isCentred`.
  func reconstruction(from count: Int, isCentred: Bool) -> LinearMap {
    var weights: [Float] = []
    weights.reserveCapacity(count * length)
    for place in 0..<length {
      for index in 0..<count { weights.append(directions[index * length + place]) }
    }
    return LinearMap(
      inputs: count, outputs: length, groups: 1, weights: weights, bias: isCentred ? nil : mean)
  }
}

/// Statistics that do not fit.
enum PatchFigureRefusal: StageRefusal {
  case sides([Int], [Int], [Int])
  case length(Int, patches: Int)

  var key: String? { "statistics" }

  var description: String {
    switch self {
    case .sides(let mean, let variances, let directions):
      "expected \"mean\" (D), \"eigenvalues\" (D), none of them negative, and \"eigenvectors\" (D, D), as "
        + "tessera fit writes them, found \(mean), \(variances) and \(directions)"
    case .length(let length, let patches):
      "these are statistics of patches of \(length) values, and here are patches of \(patches); tessera "
        + "fit with this pipeline learns others"
    }
  }
}

extension ParameterKind where Value == String {
  /// The path of a file with what was learned of patches.
  static var statistics: Self {
    .path("the path of a .safetensors file that tessera fit has written")
  }
}
