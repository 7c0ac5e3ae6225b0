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
  /// Pixels that are made.
  package var target: Int
  /// What they are made with.
  package var filter: ResizeFilter
  /// How their weights are computed.
  package var precision: Precision

  package init(
    from source: Int, to target: Int, filter: ResizeFilter, precision: Precision = .double
  ) {
    self.source = source
    self.target = target
    self.filter = filter
    self.precision = precision
  }
}
