import TesseraCore

/// Where an array's values go: a file, or memory.
///
/// Its size is known from the start, and values come in any order. A store is used by one thread at a
/// time.
package protocol ArrayStore: AnyObject {
  /// The type of the values that are given to it.
  var elementType: ElementType { get }
  /// The type of the values that it keeps.
  var storedType: StoredType { get }

  /// Takes values from the one at `position` on, in the machine's byte order.
  ///
  /// - Throws: `CodecError.io` where the system refuses to write.
  func write(_ bytes: UnsafeRawBufferPointer, at position: Int) throws(CodecError)

  /// Takes rows that lie `bytesPerRow` apart in memory one after the other, from the value at
  /// `position` on.
  ///
  /// - Throws: `CodecError.io` where the system refuses to write.
  func write(
    rows: UnsafeRawPointer, count: Int, rowBytes: Int, bytesPerRow: Int, at position: Int
  ) throws(CodecError)

  /// Ends an array that has the shape that was planned.
  ///
  /// - Throws: `CodecError.io` with what the system has put off until now.
  func finish() throws(CodecError)

  /// Ends an array that came out shorter along its first side than was planned.
  ///
  /// - Parameter firstSide: How long it is; the values written are the first ones of the array.
  /// - Throws: `CodecError.io`.
  func finish(firstSide: Int) throws(CodecError)

  /// Gives an array that was kept in memory, once it is finished; `nil` where it is elsewhere.
  func takeArray() -> ValueArray?
}
