/// Why a text is not JSON, at the first character that cannot be.
package struct JSONSyntaxError: Error, Hashable, Sendable {
  /// The character at fault.
  package let position: SourcePosition
  /// What could have stood there.
  package let expected: String
  /// What stands there.
  package let found: String
}
