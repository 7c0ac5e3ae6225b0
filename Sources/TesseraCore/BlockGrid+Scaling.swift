extension BlockGrid {
  /// The same blocks on an image that is a number of times as high and wide.
  ///
  /// - Parameter factor: at least 1.
  /// - Returns: the same grid, every length of it multiplied.
  /// - Throws: `GeometryError.overflow` where that is more than can be counted.
  public func scaled(by factor: Int) throws(GeometryError) -> BlockGrid {
    BlockGrid(
      rows: try AxisGrid(scaling: rows, .height, by: factor),
      columns: try AxisGrid(scaling: columns, .width, by: factor))
  }
}

extension Window {
  /// The same window over an image that is a number of times as high and wide; its elements stand side
  /// by side.
  ///
  /// - Parameter factor: at least 1.
  /// - Returns: the window, every length of it multiplied.
  public func scaled(by factor: Int) -> Window {
    func scaled(_ size: Size) -> Size {
      Size(height: size.height * factor, width: size.width * factor)
    }
    var window = self
    window.kernelSize = scaled(kernelSize)
    window.stride = scaled(stride)
    window.halo = scaled(halo)
    if case .symmetric(let size) = padding { window.padding = .symmetric(scaled(size)) }
    return window
  }
}
