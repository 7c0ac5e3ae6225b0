import TesseraCodecs
import TesseraCore
import TesseraEngine

/// The convolutions of a pipeline as one matrix: every value of the result is a row times the values of
/// the image (a Toeplitz matrix, for a convolution with zeros around).
///
/// The transpose of a convolution's matrix is the transposed convolution. Biases are left out: they are
/// no part of a matrix.
public struct KernelMatrix: Sendable {
  /// The image that is multiplied; values in the order channel, row, column.
  public let input: ImageShape
  /// The image that the product is.
  public let output: ImageShape
  /// output values × input values, row after row.
  public let values: [Float]
  /// Whether a stage adds a bias, which the matrix does not hold.
  public let leavesOutBias: Bool

  /// The most values of a matrix: 1 GiB of floats.
  static let largest = 1 << 28
}

/// Why a pipeline has no matrix.
public enum KernelMatrixError: Error, Hashable, Sendable {
  /// A stage is no convolution.
  case stage(index: Int, name: String)
  /// No stage is a convolution.
  case noConvolution
  /// The matrix would have more values than fit.
  case tooLarge(rows: Int, columns: Int)
  /// A stage cannot work on an image of that size.
  case planning(PlanningError)
}

extension KernelMatrixError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    switch self {
    case .stage(let index, let name):
      "stages[\(index)] (\(name)): expected load, convolve without a response, convolve_transpose and encode, "
        + "which have a matrix"
    case .noConvolution: "expected a convolve or convolve_transpose among the stages, found none"
    case .tooLarge(let rows, let columns):
      "the matrix would have \(rows) × \(columns) values; take a smaller image: at most "
        + "\(KernelMatrix.largest) fit"
    case .planning(let error): error.description
    }
  }
}

extension Planner {
  /// The matrix of the pipeline's convolutions for images of a size.
  ///
  /// - Parameter shape: channels, height and width; no channel is opacity.
  /// - Returns: the product of all of them, in the order of the stages.
  /// - Throws: ``KernelMatrixError``.
  public func kernelMatrix(of shape: ImageShape) throws(KernelMatrixError) -> KernelMatrix {
    let lowered: LoweredStages
    do throws(PlanningError) {
      lowered = try self.lowered(
        ImageHeader(
          format: .npy, shape: shape, elementType: .float32, colorModel: .unknown, hasAlpha: false,
          sourceBitDepth: 32, decoderBytes: 0, decoder: ""), of: .example)
    } catch {
      throw .planning(error)
    }
    guard let count = shape.valueCount, count <= KernelMatrix.largest else {
      throw .tooLarge(rows: shape.valueCount ?? .max, columns: shape.valueCount ?? .max)
    }
    var product = MatrixProduct(shape, columns: count)
    var links = lowered.graph.links[...]
    while let link = links.first {
      if link.work is any RowTap || link.work is WrapRows {
        links.removeFirst()
        continue
      }
      guard let unfold = link.work as? UnfoldRows,
        let end = links.firstIndex(where: { $0.work is FoldPatches }),
        let fold = links[end].work as? FoldPatches,
        links.distance(from: links.startIndex, to: end) == 2,
        let map = links[links.startIndex + 1].work as? any MatrixOfBlocks,
        !fold.dividesByCount || fold.mostBlocks == 1, fold.window == nil, fold.margin == Size(0)
      else {
        let stage = pipeline.stages[link.stageIndex]
        throw .stage(index: link.stageIndex, name: type(of: stage).name)
      }
      try product.multiply(unfold, map, fold)
      links = links[(end + 1)...]
      if let bias = links.first, bias.stageIndex == link.stageIndex, bias.work is Pointwise {
        product.leavesOutBias = true
        links.removeFirst()
      }
    }
    if product.rows.isEmpty { throw .noConvolution }
    return KernelMatrix(
      input: shape, output: product.shape, values: product.rows.flatMap { $0.map { Float($0) } },
      leavesOutBias: product.leavesOutBias)
  }
}

/// What turns patches into patches by a matrix, one for all blocks or one each.
private protocol MatrixOfBlocks {
  var outputs: Int { get }
  var hasBias: Bool { get }
  /// The weights of an output of a block, and the first value of the patch that they meet.
  func row(_ output: Int, of block: Int) -> (first: Int, weights: [Double])
}

extension LinearMap: MatrixOfBlocks {
  fileprivate var hasBias: Bool { bias != nil }

  fileprivate func row(_ output: Int, of block: Int) -> (first: Int, weights: [Double]) {
    let first = firstWeight(of: output)
    let divisor = Double(divisor(of: output))
    return (
      output / filters * depth, weights[first..<first + depth].map { Double($0) / divisor }
    )
  }
}

extension LocalProducts: MatrixOfBlocks {
  fileprivate var hasBias: Bool { bias != nil }

  fileprivate func row(_ output: Int, of block: Int) -> (first: Int, weights: [Double]) {
    let first = (block * outputs + output) * inputs
    return (0, weights[first..<first + inputs].map(Double.init))
  }
}

/// The product of the matrices so far: a row for each value of an image.
private struct MatrixProduct {
  var shape: ImageShape
  var rows: [[Double]]
  var leavesOutBias = false
  private let columns: Int

  /// The matrix of an image that nothing was done to: 1 at each of its values.
  ///
  /// One row stands for itself until it is multiplied; no n × n matrix of mostly zeros is held.
  init(_ shape: ImageShape, columns: Int) {
    self.shape = shape
    self.columns = columns
    rows = []
  }

  mutating func multiply(
    _ unfold: UnfoldRows, _ map: some MatrixOfBlocks, _ fold: FoldPatches
  ) throws(KernelMatrixError) {
    if map.hasBias { leavesOutBias = true }
    let output = ImageShape(
      channels: fold.channels, height: fold.grid.rows.size, width: fold.grid.columns.size)
    let count = output.valueCount ?? .max
    guard count.saturating(times: columns) <= KernelMatrix.largest else {
      throw .tooLarge(rows: count, columns: columns)
    }
    var product = [[Double]](
      repeating: [Double](repeating: 0, count: columns), count: count)
    let sources = sources(unfold)
    for block in 0..<unfold.grid.blockCount {
      for row in 0..<map.outputs {
        guard let target = target(row, block, fold.grid, output) else { continue }
        let (first, weights) = map.row(row, of: block)
        for (element, weight) in weights.enumerated() {
          guard let source = sources(block, first + element) else { continue }
          if rows.isEmpty {
            product[target][source] += weight
          } else {
            for column in 0..<columns { product[target][column] += weight * rows[source][column] }
          }
        }
      }
    }
    (rows, shape) = (product, output)
  }

  /// Where the values of patches come from: the number of a value of the image, `nil` for a zero.
  private func sources(_ unfold: UnfoldRows) -> (_ block: Int, _ value: Int) -> Int? {
    let (grid, mode, shape) = (unfold.grid, unfold.paddingMode, shape)
    return { block, value in
      let (blockRow, blockColumn) = block.quotientAndRemainder(dividingBy: grid.columns.count)
      let (line, j) = value.quotientAndRemainder(dividingBy: grid.columns.kernel)
      let (channel, i) = line.quotientAndRemainder(dividingBy: grid.rows.kernel)
      let y = grid.rows.starts[blockRow] + i * grid.rows.dilation
      let x = grid.columns.starts[blockColumn] + j * grid.columns.dilation
      guard let y = mode.source(of: y, size: shape.height),
        let x = mode.source(of: x, size: shape.width)
      else { return nil }
      return (channel * shape.height + y) * shape.width + x
    }
  }

  /// The value of the image that a value of a block is added to.
  private func target(_ value: Int, _ block: Int, _ grid: BlockGrid, _ output: ImageShape) -> Int? {
    let (blockRow, blockColumn) = block.quotientAndRemainder(dividingBy: grid.columns.count)
    let (line, j) = value.quotientAndRemainder(dividingBy: grid.columns.kernel)
    let (channel, i) = line.quotientAndRemainder(dividingBy: grid.rows.kernel)
    let y = grid.rows.starts[blockRow] + i * grid.rows.dilation
    let x = grid.columns.starts[blockColumn] + j * grid.columns.dilation
    guard (0..<output.height).contains(y), (0..<output.width).contains(x) else { return nil }
    return (channel * output.height + y) * output.width + x
  }
}
