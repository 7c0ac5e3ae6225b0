import TesseraCore
import TesseraEngine

extension Layout {
  /// The image at another size: what every stage that resizes comes down to.
  ///
  /// Colours beside opacity are weighed by it, unless loading has multiplied them already. The type
  /// stays; a size that is the image's gives no operator.
  ///
  /// - Parameters:
  ///   - size: the size that the image gets; sides of 1 up to `AxisGrid.largestSide`.
  ///   - filter: what its pixels are made with.
  ///   - precision: how weights are computed: as Pillow does, or in single precision and rows first,
  ///     as torch does for floats.
  /// - Returns: what flows on, and the steps.
  func resized(
    to size: Size, filter: ResizeFilter, precision: ResizeAxis.Precision = .double
  ) -> Lowered {
    let passes = ResizePass.passes(
      from: self.size, to: size, filter: filter, precision: precision)
    guard !passes.isEmpty else { return Lowered(layout: self, operators: []) }
    var layout = self
    layout.size = size
    if !filter.staysInside { layout.widen(by: passes) }
    guard hasAlpha, !isPremultiplied, filter != .nearest else {
      return Lowered(layout: layout, operators: passes)
    }
    if elementType == .float32 && !filter.staysInside { layout.values = .unbounded }
    let (opaque, black) = (Float(fullScale), blackValues)
    return Lowered(
      layout: layout,
      operators: [OpacityRows(.multiply, opaque: opaque, black: black)] + passes
        + [OpacityRows(.divide, opaque: opaque, black: black)])
  }

  /// Lets values pass the bounds that they had, by what weights below 0 can add.
  private mutating func widen(by passes: [ResizePass]) {
    straightValues = .unbounded
    let maximum = elementType.maximum.map(Double.init)
    for pass in passes {
      // It takes as long as all else that is planned, and often nobody asks.
      lazy var share = ResizeWeights(pass.axis).largestNegativeSum
      mapValues { interval in
        guard interval.isBounded else { return interval }
        if let maximum, interval.lower <= 0, interval.upper >= maximum { return interval }
        let excess = share * (interval.upper - interval.lower)
        let (lower, upper) = (interval.lower - excess, interval.upper + excess)
        guard let maximum else { return ValueInterval(lower, upper) }
        return ValueInterval(max(lower, 0), min(upper, maximum))
      }
    }
  }

  /// The value of black for each colour; 0 where nothing is known of it: it shows only where opacity
  /// is 0.
  private var blackValues: [Float] {
    guard case .affine(let maps) = inverse else { return Array(repeating: 0, count: channels) }
    return maps.map { $0.scale == 0 ? 0 : Float(-$0.offset / $0.scale) }
  }
}
