/// Where a value was written.
public struct SourcePosition: Hashable, Sendable {
  /// The text that a position counts in.
  public enum Origin: Hashable, Sendable {
    /// The pipeline file.
    case document
    /// An override, as messages call it: "override stages[2].stride=4"; numbered in the order they are
    /// applied.
    case override(number: Int, text: String)
    /// Nowhere: the pipeline was made in code.
    case code
  }

  /// The text that the position counts in.
  public var origin: Origin
  /// Line, from 1.
  public var line: Int
  /// Unicode scalar in the line, from 1.
  public var column: Int

  /// Counts lines and columns from 1.
  public init(origin: Origin = .document, line: Int, column: Int) {
    self.origin = origin
    self.line = line
    self.column = column
  }

  /// The position of everything that was made in code.
  public static let code = SourcePosition(origin: .code, line: 0, column: 0)
}

extension SourcePosition: Comparable {
  /// The file first, from top to bottom, then the overrides in order.
  public static func < (left: Self, right: Self) -> Bool {
    (left.rank, left.line, left.column) < (right.rank, right.line, right.column)
  }

  private var rank: Int {
    switch origin {
    case .code: -1
    case .document: 0
    case .override(let number, _): number
    }
  }
}
