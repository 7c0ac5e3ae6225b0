import TesseraCore

/// What the kernels compute, written to be read rather than to be fast.
///
/// Tests hold every variant of every kernel against these functions. Images are arrays in the order
/// channel, row, column; columns matrices are D × L, row after row, in torch's order. Sums are in
/// double precision. Nothing in the product calls them.
public enum ReferenceKernels {}

// MARK: Patches

extension ReferenceKernels {
  /// The columns matrix of an image: D × L.
  ///
  /// - Parameters:
  ///   - image: values in the order channel, row, column.
  ///   - channels: planes of the image.
  ///   - grid: blocks; their image size is that of `image`.
  ///   - mode: what stands outside the image.
  ///   - zero: the value of padding under `PaddingMode.zeros`.
  /// - Returns: D × L values.
  public static func unfold<E>(
    _ image: [E], channels: Int, grid: BlockGrid, mode: PaddingMode, zero: E
  ) -> [E] {
    let size = grid.imageSize
    var columns: [E] = []
    for channel in 0..<channels {
      for i in 0..<grid.kernelSize.height {
        for j in 0..<grid.kernelSize.width {
          for rowStart in grid.rows.starts {
            for columnStart in grid.columns.starts {
              let y = mode.source(of: rowStart + i * grid.rows.dilation, size: size.height)
              let x = mode.source(of: columnStart + j * grid.columns.dilation, size: size.width)
              guard let y, let x else {
                columns.append(zero)
                continue
              }
              columns.append(image[(channel * size.height + y) * size.width + x])
            }
          }
        }
      }
    }
    return columns
  }

  /// The image of sums of a columns matrix: what falls outside the image is left out.
  ///
  /// - Parameters:
  ///   - columns: D × L values.
  ///   - channels: planes of the image.
  ///   - grid: blocks.
  /// - Returns: values in the order channel, row, column.
  public static func fold(_ columns: [Double], channels: Int, grid: BlockGrid) -> [Double] {
    let size = grid.imageSize
    var image = [Double](repeating: 0, count: channels * size.height * size.width)
    var index = 0
    for channel in 0..<channels {
      for i in 0..<grid.kernelSize.height {
        for j in 0..<grid.kernelSize.width {
          for rowStart in grid.rows.starts {
            for columnStart in grid.columns.starts {
              let y = rowStart + i * grid.rows.dilation
              let x = columnStart + j * grid.columns.dilation
              if (0..<size.height).contains(y) && (0..<size.width).contains(x) {
                image[(channel * size.height + y) * size.width + x] += columns[index]
              }
              index += 1
            }
          }
        }
      }
    }
    return image
  }

  /// The product of a matrix and a columns matrix: `rows` × `count`.
  ///
  /// - Parameters:
  ///   - weights: `rows` × `depth` weights.
  ///   - columns: `depth` × `count` values.
  ///   - bias: one value per row, or empty.
  ///   - rows: rows of the result.
  ///   - depth: rows of the columns matrix.
  ///   - count: columns of both.
  /// - Returns: `rows` × `count` values.
  public static func multiply(
    _ weights: [Float], _ columns: [Float], bias: [Float] = [], rows: Int, depth: Int, count: Int
  ) -> [Double] {
    var result = [Double](repeating: 0, count: rows * count)
    for row in 0..<rows {
      for column in 0..<count {
        var sum = bias.isEmpty ? 0 : Double(bias[row])
        for step in 0..<depth {
          sum += Double(weights[row * depth + step]) * Double(columns[step * count + column])
        }
        result[row * count + column] = sum
      }
    }
    return result
  }

  /// One patch, or one channel of it, less its mean.
  public static func subtractMean(_ values: [Float]) -> [Double] {
    let mean = values.reduce(0) { $0 + Double($1) } / Double(values.count)
    return values.map { Double($0) - mean }
  }

  /// One patch, or one channel of it, as (x − mean) / √(variance + 1e-6), the variance over n − 1.
  public static func standardize(_ values: [Float]) -> [Double] {
    let centred = subtractMean(values)
    let squares = centred.reduce(0) { $0 + $1 * $1 }
    let variance = squares / Double(max(values.count - 1, 1))
    return centred.map { $0 / (variance + 1e-6).squareRoot() }
  }
}

extension ReferenceKernels {
  /// An image of patches of which each was normalized before they were folded.
  ///
  /// - Parameters:
  ///   - image: values in the order channel, row, column.
  ///   - channels: planes of the image.
  ///   - groups: parts of a patch that are normalized by themselves; divides `channels`.
  ///   - grid: blocks of the unfold and of the fold.
  ///   - mode: what stands outside the image.
  ///   - standardizes: whether patches are standardized, not only freed of their means.
  ///   - dividesByCount: whether sums are divided by how many blocks cover a pixel.
  /// - Returns: values in the order channel, row, column; 0 where no block is.
  public static func normalizePatches(
    _ image: [Float], channels: Int, groups: Int, grid: BlockGrid, mode: PaddingMode,
    standardizes: Bool, dividesByCount: Bool
  ) -> [Double] {
    let columns = unfold(image, channels: channels, grid: grid, mode: mode, zero: 0)
    let size = channels / groups * grid.kernelSize.height * grid.kernelSize.width
    var normalized = [Double](repeating: 0, count: columns.count)
    for block in 0..<grid.blockCount {
      for group in 0..<groups {
        let places = (0..<size).map { (group * size + $0) * grid.blockCount + block }
        let patch = places.map { columns[$0] }
        let values = standardizes ? standardize(patch) : subtractMean(patch)
        for (place, value) in zip(places, values) { normalized[place] = value }
      }
    }
    let sums = fold(normalized, channels: channels, grid: grid)
    guard dividesByCount else { return sums }
    let counts = fold(
      [Double](repeating: 1, count: columns.count), channels: channels, grid: grid)
    return zip(sums, counts).map { $1 == 0 ? 0 : $0 / $1 }
  }
}

// MARK: Convolution

extension ReferenceKernels {
  /// The convolution of an image, as the product of the weights and the unfolded image: M × L.
  ///
  /// - Parameters:
  ///   - image: values in the order channel, row, column.
  ///   - channels: planes of the image.
  ///   - weights: `filters` × (channels / groups) × kernel height × kernel width.
  ///   - bias: one value per filter, or empty.
  ///   - filters: output channels.
  ///   - groups: parts of the input channels that have filters of their own; divides `channels` and
  ///     `filters`.
  ///   - grid: blocks; one per output pixel.
  ///   - mode: what stands outside the image.
  /// - Returns: `filters` × blocks.
  public static func convolve(
    _ image: [Float], channels: Int, weights: [Float], bias: [Float] = [], filters: Int,
    groups: Int = 1, grid: BlockGrid, mode: PaddingMode
  ) -> [Double] {
    let columns = unfold(image, channels: channels, grid: grid, mode: mode, zero: 0)
    let depth = channels / groups * grid.kernelSize.height * grid.kernelSize.width
    let perGroup = filters / groups
    var result: [Double] = []
    for group in 0..<groups {
      let rows = (group * perGroup)..<((group + 1) * perGroup)
      let values = (group * depth * grid.blockCount)..<((group + 1) * depth * grid.blockCount)
      result += multiply(
        Array(weights[(rows.lowerBound * depth)..<(rows.upperBound * depth)]),
        Array(columns[values]), bias: bias.isEmpty ? [] : Array(bias[rows]), rows: perGroup,
        depth: depth, count: grid.blockCount)
    }
    return result
  }
}

// MARK: Values

extension ReferenceKernels {
  /// A float as an integer of `0...maximum`, and whether something was lost other than by rounding.
  public static func quantize(
    _ value: Float, scale: Float, offset: Float, maximum: Int
  ) -> (value: Int, isLost: Bool) {
    let scaled = value * scale
    let mapped = scaled + offset
    if mapped.isNaN { return (0, true) }
    let isInside = mapped >= -0.5 && mapped < Float(maximum) + 0.5
    let clamped = min(max(mapped, 0), Float(maximum))
    return (Int(clamped.rounded(.toNearestOrEven)), !isInside)
  }

  /// The quotient of two integers, rounded half to even; 0 where the divisor is 0.
  public static func divide(_ sum: Int, by count: Int) -> Int {
    guard count > 0 else { return 0 }
    let (quotient, remainder) = sum.quotientAndRemainder(dividingBy: count)
    if 2 * remainder == count { return quotient + quotient % 2 }
    return 2 * remainder > count ? quotient + 1 : quotient
  }
}
