/// An array in memory: values of one type in C order, and the sides that they fill.
public struct ValueArray: Hashable, Sendable {
  /// Values of one of the types that images and patches have.
  public enum Values: Hashable, Sendable {
    /// Unsigned 8-bit integers.
    case uint8([UInt8])
    /// Unsigned 16-bit integers.
    case uint16([UInt16])
    /// IEEE 754 half precision, as bits.
    case float16(bits: [UInt16])
    /// The upper halves of IEEE 754 single precision, as bits.
    case bfloat16(bits: [UInt16])
    /// IEEE 754 single precision.
    case float32([Float])
  }

  /// Sides of the array, slowest first.
  public let shape: [Int]
  /// As many values as the shape has; the last side runs fastest.
  public let values: Values

  /// Lays values out; there are as many as `shape` says.
  public init(shape: [Int], values: Values) {
    precondition(
      values.count == shape.reduce(1, *), "an array has as many values as its shape says")
    self.shape = shape
    self.values = values
  }

  /// The type of the values.
  public var type: StoredType {
    switch values {
    case .uint8: .uint8
    case .uint16: .uint16
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .float32: .float32
    }
  }

  /// The values, where they are of a type; `nil` where they are of another one.
  ///
  /// - Parameter type: `UInt8`, `UInt16` or `Float`.
  /// - Returns: the values as they are, without a copy.
  public func values<Value: Element>(as type: Value.Type) -> [Value]? {
    switch values {
    case .uint8(let values): values as? [Value]
    case .uint16(let values): values as? [Value]
    case .float16, .bfloat16: nil
    case .float32(let values): values as? [Value]
    }
  }

  /// Every value as a float, which holds all of them exactly.
  public var floats: [Float] {
    switch values {
    case .uint8(let values): values.map { Float($0) }
    case .uint16(let values): values.map { Float($0) }
    case .float16(let bits): bits.map { Float(Float16(bitPattern: $0)) }
    case .bfloat16(let bits): bits.map { Float(bitPattern: UInt32($0) << 16) }
    case .float32(let values): values
    }
  }
}

extension ValueArray.Values {
  /// How many there are.
  public var count: Int {
    switch self {
    case .uint8(let values): values.count
    case .uint16(let values): values.count
    case .float16(let bits), .bfloat16(let bits): bits.count
    case .float32(let values): values.count
    }
  }
}

extension ValueArray {
  /// Calls `body` with the bytes of the values, in the machine's byte order.
  package func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
    switch values {
    case .uint8(let values): values.withUnsafeBytes(body)
    case .uint16(let values): values.withUnsafeBytes(body)
    case .float16(let bits), .bfloat16(let bits): bits.withUnsafeBytes(body)
    case .float32(let values): values.withUnsafeBytes(body)
    }
  }
}
