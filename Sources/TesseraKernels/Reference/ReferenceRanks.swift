import TesseraCore

// MARK: Ranks

extension ReferenceKernels {
  /// The value of one rank of the window around every pixel of a plane: every window is sorted.
  ///
  /// - Parameters:
  ///   - plane: values row by row.
  ///   - size: rows and columns.
  ///   - window: rows and columns of the window, odd.
  ///   - rank: which value, counted from the smallest as 0.
  ///   - mode: what stands outside.
  ///   - zero: the value of padding under `PaddingMode.zeros`.
  ///   - isLess: the order.
  /// - Returns: values row by row.
  public static func rank<E>(
    _ plane: [E], size: Size, window: Size, rank: Int, mode: PaddingMode, zero: E,
    by isLess: (E, E) -> Bool
  ) -> [E] {
    var result: [E] = []
    for y in 0..<size.height {
      for x in 0..<size.width {
        var values: [E] = []
        for i in -(window.height / 2)...window.height / 2 {
          for j in -(window.width / 2)...window.width / 2 {
            let row = mode.source(of: y + i, size: size.height)
            let column = mode.source(of: x + j, size: size.width)
            if let row, let column {
              values.append(plane[row * size.width + column])
            } else {
              values.append(zero)
            }
          }
        }
        result.append(values.sorted(by: isLess)[rank])
      }
    }
    return result
  }

  /// Whether a value comes before another one where NaN comes last.
  public static func isBefore(_ first: Double, _ second: Double) -> Bool {
    first.isNaN ? false : second.isNaN || first < second
  }
}
