/// A step of one image's run that makes image rows from image rows.
///
/// Steps are functions of rows: the same output rows come out whatever bands they are asked for in
/// and whoever else works on the same image. That is what makes results independent of the number
/// of workers and of the height of bands. One that takes long asks its input whether it `isCancelled`,
/// and may then leave anything.
package protocol RowStep: AnyObject, Sendable {
  /// Looks at the whole image, once and before the first row is made, where the operator
  /// `looksAtWholeImage`.
  func look(at input: RowWindow)
  /// Makes the rows `rows`; `output` has room for them and `input` holds what they need.
  ///
  /// - Throws: `RunError` of a transform that can fail while it works.
  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) throws(RunError)
  /// What was rounded to integers on the way; `nil` for steps that round nothing.
  var counts: QuantizationCounts? { get }
  /// How many blocks were let go; `nil` for steps that let none go.
  var dropped: DroppedBlocks? { get }
  /// What was odd about the values.
  var warnings: [RunWarning] { get }
  /// How this image's values turn back, where the step knows.
  var inverse: (any ImageInverse)? { get }
}

extension RowStep {
  package func look(at input: RowWindow) {}
  package var counts: QuantizationCounts? { nil }
  package var dropped: DroppedBlocks? { nil }
  package var warnings: [RunWarning] { [] }
  package var inverse: (any ImageInverse)? { nil }
}
