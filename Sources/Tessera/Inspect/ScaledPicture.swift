import TesseraCore

/// An image as large as it is drawn, still in its own values.
struct ScaledPicture {
  /// Planes.
  var channels: Int
  /// Height and width of one plane.
  var size: Size
  /// Over channel, row, column.
  var values: [Float]
  /// Rows and columns of blocks that gaps part; `nil` for an image without blocks.
  var blocks: Size?
  /// Whether a block is there, in raster order; `nil`: all are.
  var isThere: [Bool]?
  /// What values mean.
  var scale: ValueScale

  /// Pixels of a plane.
  var pixelCount: Int { size.height * size.width }

  /// Height and width of a block, or of the whole.
  var blockSize: Size {
    guard let blocks else { return size }
    return Size(height: size.height / blocks.height, width: size.width / blocks.width)
  }

  /// Whether a pixel belongs to a block that is there.
  func isThere(row: Int, column: Int) -> Bool {
    guard let isThere, let blocks else { return true }
    return isThere[row / blockSize.height * blocks.width + column / blockSize.width]
  }
}

/// How values become levels 0…255.
enum ValueScale: Hashable {
  /// The value of white is known, black is 0.
  case upTo(Double)
  /// Pixels are (value · std + mean) / scale, and the value of white is known.
  case normalized(scale: Double, mean: [Double], std: [Double], white: Double)
  /// Nothing is known: the smallest value that is drawn is black, the largest white.
  case open
}
