import TesseraCore

/// Opacity of a pixel that became a window: the last value of a patch, in the place of a window of
/// values, all 0 but for those in the middle that stand for the pixel.
package struct SpreadOpacity: TileTransform {
  /// Values before opacity.
  package var colorRows: Int
  /// Rows and columns of the window.
  package var kernelSize: Size
  /// The rows and columns of the window that get the opacity, from the first one on.
  package var first: Size
  package var count: Size

  package init(colorRows: Int, kernelSize: Size, first: Size, count: Size) {
    self.colorRows = colorRows
    self.kernelSize = kernelSize
    self.first = first
    self.count = count
  }

  package func output(of input: PatchShape) -> PatchShape {
    PatchShape(length: colorRows + kernelSize.height * kernelSize.width, width: 1)
  }

  package func prepared(for tile: TileShape, _ tools: RunTools) -> any PreparedTransform {
    PreparedSpread(work: self)
  }
}

private struct PreparedSpread: PreparedTransform {
  let work: SpreadOpacity

  func apply(to tile: inout Tile) {
    let (width, pitch) = (work.kernelSize.width, tile.pitch)
    let opacity = tile.values + work.colorRows * pitch
    // From the end on: the row of opacity is the first of those that are written.
    for place in (0..<work.kernelSize.height * width).reversed() {
      let (row, column) = place.quotientAndRemainder(dividingBy: width)
      let isPixel =
        (0..<work.count.height).contains(row - work.first.height)
        && (0..<work.count.width).contains(column - work.first.width)
      let target = opacity + place * pitch
      if isPixel {
        if place > 0 { target.update(from: opacity, count: pitch) }
      } else {
        target.update(repeating: 0, count: pitch)
      }
    }
    tile.length = work.colorRows + work.kernelSize.height * width
  }
}
