import TesseraCore

/// Where pictures lie on a sheet.
struct SheetLayout {
  /// The longest side of a picture that is alone on its sheet [px].
  static let wholeSide = 1024
  /// The longest side of each of several [px].
  static let smallSide = 160
  /// Between pictures, and around them.
  private static let margin = 8
  /// What lies between.
  private static let paper: UInt8 = 235

  let size: Size
  private let columns: Int
  private let cell: Size
  private let enlargement: Int

  init(_ pictures: [ScaledPicture]) {
    let longest = pictures.map { max($0.size.height, $0.size.width) }.max() ?? 1
    let wanted = pictures.count == 1 ? Self.wholeSide / 2 : Self.smallSide
    // Small things are made large enough to be seen, by whole factors.
    let enlargement = max(1, min(32, wanted / max(longest, 1)))
    self.enlargement = enlargement
    let sizes = pictures.map { Self.drawnSize($0, enlargement) }
    let cell = Size(
      height: sizes.map(\.height).max() ?? 1, width: sizes.map(\.width).max() ?? 1)
    self.cell = cell
    // About as wide as high, rather wider.
    var columns = 1
    while columns < pictures.count,
      columns * (cell.width + Self.margin)
        < (pictures.count + columns - 1) / columns * (cell.height + Self.margin)
    {
      columns += 1
    }
    self.columns = columns
    let rows = (pictures.count + columns - 1) / columns
    size = Size(
      height: rows * (cell.height + Self.margin) + Self.margin,
      width: columns * (cell.width + Self.margin) + Self.margin)
  }

  /// The size of a picture with its gaps.
  private static func drawnSize(_ picture: ScaledPicture, _ enlargement: Int) -> Size {
    let gaps = picture.blocks ?? Size(height: 1, width: 1)
    let gap = gap(picture, enlargement)
    return Size(
      height: picture.size.height * enlargement + (gaps.height - 1) * gap,
      width: picture.size.width * enlargement + (gaps.width - 1) * gap)
  }

  /// What lies between blocks: less between small ones.
  private static func gap(_ picture: ScaledPicture, _ enlargement: Int) -> Int {
    max(picture.blockSize.height, picture.blockSize.width) * enlargement < 16 ? 1 : 2
  }

  /// Draws pictures in rows.
  func draw(_ pictures: [ScaledPicture], _ colors: SheetColors) -> [UInt8] {
    var pixels = [UInt8](repeating: Self.paper, count: 3 * size.height * size.width)
    for (index, picture) in pictures.enumerated() {
      let (row, column) = index.quotientAndRemainder(dividingBy: columns)
      let drawn = Self.drawnSize(picture, enlargement)
      let top = Self.margin + row * (cell.height + Self.margin) + (cell.height - drawn.height) / 2
      let left = Self.margin + column * (cell.width + Self.margin) + (cell.width - drawn.width) / 2
      draw(picture, colors, top: top, left: left, on: &pixels)
    }
    return pixels
  }

  private func draw(
    _ picture: ScaledPicture, _ colors: SheetColors, top: Int, left: Int, on pixels: inout [UInt8]
  ) {
    let (block, gap) = (picture.blockSize, Self.gap(picture, enlargement))
    for y in 0..<picture.size.height {
      for x in 0..<picture.size.width where picture.isThere(row: y, column: x) {
        let color = colors.color(picture, y * picture.size.width + x)
        let firstRow = top + y * enlargement + y / block.height * gap
        let firstColumn = left + x * enlargement + x / block.width * gap
        for row in firstRow..<firstRow + enlargement {
          for column in firstColumn..<firstColumn + enlargement {
            let place = 3 * (row * size.width + column)
            (pixels[place], pixels[place + 1], pixels[place + 2]) = color
          }
        }
      }
    }
  }
}
