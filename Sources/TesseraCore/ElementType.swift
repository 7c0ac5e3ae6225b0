/// The type of one stored value.
public enum ElementType: String, Hashable, Sendable, CaseIterable {
  /// Unsigned 8-bit integers, 0…255.
  case uint8
  /// Unsigned 16-bit integers, 0…65535, in the byte order of the machine.
  case uint16
  /// IEEE 754 single precision.
  case float32

  /// Bytes that one value occupies.
  public var byteCount: Int {
    switch self {
    case .uint8: 1
    case .uint16: 2
    case .float32: 4
    }
  }

  /// The largest value of an integer type; `nil` for floats.
  public var maximum: Int? {
    switch self {
    case .uint8: 255
    case .uint16: 65_535
    case .float32: nil
    }
  }
}

/// A Swift type that an image or patch buffer can hold.
public protocol Element: BitwiseCopyable, Sendable {
  /// The vocabulary's name for this type.
  static var elementType: ElementType { get }
}

extension UInt8: Element {
  /// `uint8`.
  public static var elementType: ElementType { .uint8 }
}

extension UInt16: Element {
  /// `uint16`.
  public static var elementType: ElementType { .uint16 }
}

extension Float: Element {
  /// `float32`.
  public static var elementType: ElementType { .float32 }
}
