/// One axis of an image that is resized: how many pixels it has and gets, and how.
package struct ResizeAxis: Hashable, Sendable {
  /// How weights are computed.
  package enum Precision: Hashable, Sendable {
    /// In double precision, as Pillow does.
    case double
    /// In single precision, as torch does for floats.
    case single
  }

  /// Pixels that there are.
  package var source: Int
  /// How many pixels what there is covers: fewer, where the last one reaches beyond the image.
  package var extent: Double
  /// Where the image begins: beyond 0, where the first pixel reaches beyond it.
  package var origin = 0.0
  /// The first pixel that is given, where those before it are not.
  package var first = 0
  /// Pixels that there will be.
  package var target: Int
  /// Which of them are kept: all, unless a crop follows.
  package var kept: Range<Int>
  /// What they are made with.
  package var filter: ResizeFilter
  /// How their weights are computed.
  package var precision: Precision

  package init(
    from source: Int, extent: Double? = nil, to target: Int, filter: ResizeFilter,
    precision: Precision = .double
  ) {
    self.source = source
    self.extent = extent ?? Double(source)
    self.target = target
    kept = 0..<target
    self.filter = filter
    self.precision = precision
  }
}
