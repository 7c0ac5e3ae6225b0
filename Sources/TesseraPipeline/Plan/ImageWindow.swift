import TesseraCore
import TesseraEngine

/// A rectangle of an image, which may reach beyond it: zeros stand there.
struct ImageWindow: Hashable, Sendable {
  /// Its first row; below zero where zeros come first.
  var top: Int
  /// Its first column; below zero where zeros come first.
  var left: Int
  /// Its height and width.
  var size: Size

  /// Whether no row and column of it lies outside of an image.
  func lies(in image: Size) -> Bool {
    top >= 0 && left >= 0 && top + size.height <= image.height && left + size.width <= image.width
  }

  /// The operators that cut it out of an image of a size: none where it is the image.
  func operators(on image: Size) -> [any Operator] {
    top == 0 && left == 0 && size == image ? [] : [CropRows(top: top, left: left, size: size)]
  }
}

extension Layout {
  /// What flows once a window was cut out of the image.
  func cropped(to window: ImageWindow) -> Layout {
    var layout = self
    layout.size = window.size
    layout.hasFixedSize = true
    if !window.lies(in: size) { layout.addZeros() }
    return layout
  }
}
