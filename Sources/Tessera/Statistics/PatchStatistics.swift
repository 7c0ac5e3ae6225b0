import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraFiles

/// Mean, covariance and principal directions of patches: what `transform.pca` and `transform.zca` read.
public struct PatchStatistics: Hashable, Sendable {
  /// How many patches there were.
  public let count: Int
  /// Patches that were left out, as some value of theirs is not finite.
  public let leftOutCount: Int
  /// The mean of each of the D values.
  public let mean: [Float]
  /// The covariance of every two values, D × D: sums of products of deviations, divided by count − 1.
  public let covariance: [Float]
  /// The variances along the principal directions, descending; none is negative.
  public let eigenvalues: [Float]
  /// The principal directions, D × D, one a row: of each, the component of largest magnitude is
  /// positive.
  public let eigenvectors: [Float]

  /// Values of a patch.
  public var length: Int { mean.count }

  /// Finds the principal directions.
  init(_ moments: PatchMoments, by algebra: LinearAlgebra) throws(PatchStatisticsError) {
    guard moments.count > 1 else { throw .tooFew(moments.count, leftOut: moments.leftOutCount) }
    count = moments.count
    leftOutCount = moments.leftOutCount
    mean = moments.mean.map { Float($0) }
    let length = moments.length
    var matrix: [Double] = []
    matrix.reserveCapacity(length * length)
    for row in 0..<length {
      for column in 0..<length {
        matrix.append(moments.product(row, column) / Double(moments.count - 1))
      }
    }
    covariance = matrix.map { Float($0) }
    let (values, vectors) = try algebra.eigenvectors(of: matrix, order: length)
    eigenvalues = values.map { Float(max($0, 0)) }
    eigenvectors = vectors.map { Float($0) }
    // Deviations whose squares floats do not hold have no figures that a stage could use.
    guard (mean + covariance).allSatisfy(\.isFinite) else { throw .tooLarge }
  }

  /// Writes a .safetensors file with `count`, `mean`, `covariance`, `eigenvalues` and `eigenvectors`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - overwrites: whether one that exists is replaced.
  /// - Throws: ``FileError`` where the system does not take it.
  public func write(to path: String, overwrites: Bool = false) throws(FileError) {
    let arrays: [(name: String, shape: [Int], values: [Float])] = [
      ("mean", [length], mean), ("covariance", [length, length], covariance),
      ("eigenvalues", [length], eigenvalues), ("eigenvectors", [length, length], eigenvectors),
    ]
    let header = SafetensorsHeader(
      [SafetensorsHeader.Tensor("count", .int64, [])]
        + arrays.map { SafetensorsHeader.Tensor($0.name, .float32, $0.shape) })
    let file = try AtomicFile.removingLeftovers(at: path)
    try file.write(header.bytes())
    try file.write((0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) })
    for array in arrays {
      try file.write(
        array.values.flatMap { value in
          (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) }
        })
    }
    try file.finish(synchronized: true, replacing: overwrites)
  }
}

/// Why nothing is learned of patches.
public enum PatchStatisticsError: Error, Hashable, Sendable {
  /// No patches come to a stage that could learn from them.
  case noPatches
  /// The system has no LAPACK, in its own words.
  case noLinearAlgebra(String)
  /// LAPACK finds no eigenvectors, and this is its `info`.
  case noEigenvectors(code: Int)
  /// Fewer than two patches have no covariance.
  case tooFew(Int, leftOut: Int)
  /// Floats do not hold what is learned.
  case tooLarge
}

extension PatchStatisticsError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .noPatches:
      "expected patches to learn from, and no stage of the pipeline cuts any before one that uses them"
    case .noLinearAlgebra(let reason):
      "LAPACK is needed and cannot be loaded: \(reason)"
    case .noEigenvectors(let code): "LAPACK found no eigenvectors (info \(code))"
    case .tooFew(let count, let leftOut):
      "expected at least 2 patches, found \(count)"
        + (leftOut == 0
          ? "" : "; \(leftOut) were left out, for they have values that are not finite")
    case .tooLarge:
      "the variances are too large for float32; \"scale\" in a stage before makes them smaller"
    }
  }
}
