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
  ///   - maxValues: A larger array is refused before memory is taken.
  /// - Returns: The values in C order, whatever the order in the file.
  /// - Throws: `CodecError`.
  public static func load(path: String, maxValues: Int = 1 << 28) throws(CodecError) -> NPYArray {
    let source = try OpenSource.regular(ByteSource(path: path))
    let firstBytes = try CodecError.mapping(
      source.bytes(at: 0, count: ImageFormat.signatureLength))
    guard firstBytes.withUnsafeBytes(ImageFormat.sniff) == .npy else {
      throw .unknownFormat(firstBytes: firstBytes)
    }
    let header = try NPYHeader(source: source)
    guard header.type.elementType != nil || "iu".contains(header.type.kind) else {
      throw .unsupported(
        .npy, "values of type \(header.type.text); save it with \(NPYFix.float32)")
    }
    guard header.valueCount <= maxValues else {
      throw .overLimit(.npy, "\(header.valueCount) values, more than \(maxValues)")
    }
    let bytes = try CodecError.mapping(
      source.bytes(at: header.dataOffset, count: header.byteCount))
    guard bytes.count == header.byteCount else {
      throw .truncated(
        .npy, "the array needs \(header.byteCount) bytes of values, the file has \(bytes.count)")
    }
    let values = try floats(bytes, header)
    return NPYArray(shape: header.shape, values: values)
  }

  private static func floats(_ bytes: [UInt8], _ header: NPYHeader) throws(CodecError) -> [Float] {
    let count = header.valueCount
    var inexact: Double?
    let stored = [Float](unsafeUninitializedCapacity: count) { floats, initialized in
      floats.initialize(repeating: 0)
      initialized = count
      bytes.withUnsafeBytes { raw in
        guard let base = raw.baseAddress, let target = floats.baseAddress else { return }
        inexact =
          NPYValues(type: header.type, base: base)
          .copyFloats(count, to: target, step: 1)?.value
      }
    }
    if let inexact { throw NPYFix.inexact(inexact, header.type) }
    return header.isFortranOrder ? transposed(stored, shape: header.shape) : stored
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
