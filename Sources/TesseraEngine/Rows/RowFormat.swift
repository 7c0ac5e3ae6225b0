import TesseraCore

/// What the rows are: type, planes, columns, and the padding that their consumer wants.
package struct RowFormat: Hashable, Sendable {
  package var elementType: ElementType
  package var channels: Int
  package var width: Int
  package var leftMargin = 0
  package var rightMargin = 0
  package var paddingMode = PaddingMode.zeros
  /// Whether rows of zeros stand above or below the image.
  package var needsZeros = false
  /// Values that a pixel has side by side in a row.
  ///
  /// 1 where rows are planar; the number of the image's channels where the only plane holds all of
  /// them, interleaved. Width and margins count values.
  package var valuesPerPixel = 1

  /// Bytes from one row to the next.
  package var pitch: Int {
    let bytes = (leftOffset + width + rightMargin) * elementType.byteCount
    let rounded = (bytes + 63) / 64 * 64
    // Rows a multiple of 1 KiB apart would fight for the same cache sets.
    return rounded % 1024 == 0 ? rounded + 64 : rounded
  }

  /// Elements before the first column; a whole number of cache lines, so that rows are aligned.
  package var leftOffset: Int { (leftMargin + 63) / 64 * 64 }

  /// Bytes of one row of every channel.
  package var bytesPerRow: Int { pitch * channels }

  package init(
    elementType: ElementType, channels: Int, width: Int, valuesPerPixel: Int = 1
  ) {
    self.elementType = elementType
    self.channels = channels
    self.width = width
    self.valuesPerPixel = valuesPerPixel
  }
}
