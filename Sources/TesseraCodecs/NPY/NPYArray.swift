import TesseraCore
import TesseraFiles

/// A small array file, read whole: weights, biases, matrices.
public struct NPYArray: Hashable, Sendable {
  /// Sides of the array; none for a single number.
  public var shape: [Int]
  /// Values in C order.
  public var values: [Float]

  /// Lays values out; there are as many as `shape` says.
  public init(shape: [Int], values: [Float]) {
    precondition(values.count == shape.reduce(1, *), "as many values as the shape has")
    self.shape = shape
    self.values = values
  }

  /// Reads a file of any shape and numeric type whose values are exact as float32.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - maxValues: A larger array is refused before memory is taken, and so is one for which the
  ///     system has none.
  /// - Returns: The values in C order, whatever the order in the file.
  /// - Throws: `CodecError`.
  public static func load(path: String, maxValues: Int = 1 << 28) throws(CodecError) -> NPYArray {
    let source = try OpenSource.regular(ByteSource(path: path))
    let header = try NPYHeader(source: source)
    guard header.type.elementType != nil else { throw NPYFix.unsupported(header.type.text) }
    guard header.valueCount <= maxValues else {
      throw .overLimit(.npy, "\(header.valueCount) values, more than \(maxValues)")
    }
    // In Fortran order they are held twice while they are brought to C order.
    try CodecError.checkMemory(
      forFloats: header.valueCount, copies: header.isFortranOrder ? 2 : 1, of: .npy)
    let held = max(source.byteCount - header.dataOffset, 0)
    guard held >= header.byteCount else { throw .truncated(header, held: held) }
    let values = try floats(source, header)
    return NPYArray(
      shape: header.shape,
      values: header.isFortranOrder ? transposed(values, shape: header.shape) : values)
  }

  private static func floats(
    _ source: OpenSource, _ header: NPYHeader
  ) throws(CodecError) -> [Float] {
    var values = [Float](repeating: 0, count: header.valueCount)
    let type = header.type
    let held = try source.forEachPiece(
      of: header.valueCount, size: type.byteCount, at: header.dataOffset
    ) { (base, places) throws(CodecError) in
      if let inexact = NPYValues(type: type, base: base).copyFloats(to: &values, places) {
        throw NPYFix.inexact(inexact, type, ofImage: false)
      }
    }
    guard held == header.byteCount else { throw .truncated(header, held: held) }
    return values
  }

  /// Brings values from Fortran order to C order.
  private static func transposed(_ values: [Float], shape: [Int]) -> [Float] {
    var result: [Float] = []
    result.reserveCapacity(values.count)
    var strides = [Int](repeating: 1, count: shape.count)
    for axis in 1..<shape.count { strides[axis] = strides[axis - 1] * shape[axis - 1] }
    var position = [Int](repeating: 0, count: shape.count)
    for _ in 0..<values.count {
      result.append(values[zip(position, strides).reduce(0) { $0 + $1.0 * $1.1 }])
      for axis in shape.indices.reversed() {
        position[axis] += 1
        if position[axis] < shape[axis] { break }
        position[axis] = 0
      }
    }
    return result
  }
}

extension CodecError {
  /// The file ends inside the values.
  fileprivate static func truncated(_ header: NPYHeader, held: Int) -> CodecError {
    .truncated(
      .npy, "the array needs \(header.byteCount) bytes of values, the file has \(held)")
  }
}
