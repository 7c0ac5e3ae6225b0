/// The type of the values in an array file.
///
/// Values flow as ``ElementType``; some types are only stored.
public enum StoredType: String, Hashable, Sendable, CaseIterable {
  /// Unsigned 8-bit integers.
  case uint8
  /// Unsigned 16-bit integers.
  case uint16
  /// IEEE 754 half precision.
  case float16
  /// The upper half of IEEE 754 single precision.
  case bfloat16
  /// IEEE 754 single precision.
  case float32
  /// Signed 32-bit integers.
  case int32
  /// Signed 64-bit integers.
  case int64

  /// The type in which values flow is that in which they are stored.
  public init(_ type: ElementType) {
    switch type {
    case .uint8: self = .uint8
    case .uint16: self = .uint16
    case .float32: self = .float32
    }
  }

  /// Bytes that one value occupies.
  public var byteCount: Int {
    switch self {
    case .uint8: 1
    case .uint16, .float16, .bfloat16: 2
    case .float32, .int32: 4
    case .int64: 8
    }
  }

  /// The type in which the values of a picture or of patches flow before they are stored; `nil` for
  /// those that hold places and masks.
  public var elementType: ElementType? {
    switch self {
    case .uint8: .uint8
    case .uint16: .uint16
    case .float16, .bfloat16, .float32: .float32
    case .int32, .int64: nil
    }
  }
}
