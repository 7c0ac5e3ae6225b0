import TesseraCore

/// One operation on what flows through a pipeline, with all of its numbers, for one size of image.
///
/// Stages lower to operators. Each of them owns its work: what flows out of it, which rows it needs,
/// what it prepares once per plan, and how it is carried out. The executor knows this protocol and
/// those below, and no stage.
package protocol Operator: Hashable, Sendable {
  /// Takes its place in a plan behind the operators before it.
  func join(_ builder: inout PlanBuilder)
  /// Whether it makes the same of values and of the integers that they round to, up to that rounding:
  /// it passes each value on, or takes integers.
  var commutesWithRounding: Bool { get }
}

extension Operator {
  package var commutesWithRounding: Bool { false }
}

/// Image rows as they flow from one operator to the next.
package struct RowFlow: Hashable, Sendable {
  /// Type, planes, columns, and what stands beside them.
  package var format: RowFormat
  /// Rows of the image.
  package var height: Int

  package init(format: RowFormat, height: Int) {
    self.format = format
    self.height = height
  }

  /// The image whose rows they are.
  package var shape: ImageShape {
    ImageShape(
      channels: format.channels * format.valuesPerPixel, height: height,
      width: format.width / format.valuesPerPixel)
  }
}

/// What an operator wants to find on both sides of the rows that it reads.
package struct Borders: Hashable, Sendable {
  /// Columns to the left of the first.
  package var left = 0
  /// Columns to the right of the last.
  package var right = 0
  /// What stands there.
  package var mode = PaddingMode.zeros
  /// Whether rows of zeros stand above or below.
  package var needsZeros = false

  package init(
    left: Int = 0, right: Int = 0, mode: PaddingMode = .zeros, needsZeros: Bool = false
  ) {
    self.left = left
    self.right = right
    self.mode = mode
    self.needsZeros = needsZeros
  }
}

/// An operator from image rows to image rows.
package protocol RowOperator: Operator {
  /// What must stand beside the rows that are read.
  var borders: Borders { get }
  /// What flows out.
  func output(of input: RowFlow) -> RowFlow
  /// Tables and factors for one plan, shared by every image that has it.
  func prepared(from input: RowFlow, to output: RowFlow, _ tools: RunTools) -> any PreparedStep
  /// What `explain` says of it, given the rows of a band.
  func manner(_ bandRows: Int) -> String
}

extension RowOperator {
  package var borders: Borders { Borders() }
  package func join(_ builder: inout PlanBuilder) { builder.append(self) }
  package func manner(_ bandRows: Int) -> String { "\(bandRows) rows at a time" }
}

/// An operator that takes image rows out of the flow: a file, a comparison.
package protocol RowTap: Operator {
  /// Whether it also reads the image as it was loaded.
  var readsLoaded: Bool { get }
  /// What every image of one plan shares.
  func prepared(from input: RowFlow, _ tools: RunTools) -> any PreparedSink
  /// What `explain` says of it; empty for nothing.
  var manner: String { get }
}

extension RowTap {
  package func join(_ builder: inout PlanBuilder) { builder.append(self) }
}

/// An operator that takes patches out of the flow.
package protocol PatchTap: Operator {
  /// Whether it writes values of a type just as they are.
  func copies(_ type: ElementType) -> Bool
  /// What every image of one plan shares.
  ///
  /// - Parameters:
  ///   - pass: Cuts the patches and transforms them.
  ///   - input: The rows that they are cut from.
  ///   - tools: Kernels and memory.
  /// - Returns: What is made once for the plan.
  func prepared(_ pass: TilePass, from input: RowFlow, _ tools: RunTools) -> any PreparedSink
  /// What `explain` says of it, given whether nothing is done to the patches.
  func manner(isCopy: Bool) -> String
}

extension PatchTap {
  package func join(_ builder: inout PlanBuilder) { builder.append(self) }
}

/// What an operator keeps for all images of one plan.
package protocol PreparedOperator: Sendable {
  /// Bytes of tables, factors and weights.
  var tableBytes: Int { get }
  /// Bytes of what the step or sink for one image keeps beside tables and rows.
  var stepBytes: Int { get }
  /// Rows to make, or units to take.
  var unitCount: Int { get }
  /// Units of a band below which too much work is repeated.
  var preferredUnits: Int { get }
  /// The input rows that some units are made from.
  func needs(_ units: Range<Int>) -> Range<Int>
  /// Bytes of working memory that one thread needs for some units.
  func scratchBytes(for units: Int) -> Int
}

extension PreparedOperator {
  package var tableBytes: Int { 0 }
  package var stepBytes: Int { 0 }
  package var preferredUnits: Int { 1 }
  package func needs(_ units: Range<Int>) -> Range<Int> { units }
  package func scratchBytes(for units: Int) -> Int { 0 }
}

/// A prepared operator from rows to rows.
package protocol PreparedStep: PreparedOperator {
  /// Whether the whole image is looked at before the first row is made; `needs(_:)` then asks for
  /// every row.
  var looksAtWholeImage: Bool { get }
  /// The step for one image; itself, where it keeps nothing of an image.
  func step() -> any RowStep
}

extension PreparedStep {
  package var looksAtWholeImage: Bool { false }
}

/// A prepared operator that takes rows or patches out of the flow.
package protocol PreparedSink: PreparedOperator {
  /// Whether units are tiles of patches rather than image rows.
  var isTiled: Bool { get }
  /// The sink for one image, its files open beside their final names.
  ///
  /// - Throws: `RunError` where a file cannot be created.
  func sink(in context: RunContext) throws(RunError) -> any Sink
}

extension PreparedSink {
  package var isTiled: Bool { false }
}
