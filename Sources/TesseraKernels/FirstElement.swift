extension UnsafeBufferPointer {
  /// The first element of a buffer that holds some, as planning made sure.
  @inlinable @inline(__always)
  package func first(of count: Int = 1) -> UnsafePointer<Element> {
    guard let baseAddress, self.count >= count else {
      preconditionFailure("a buffer is filled before it is read")
    }
    return baseAddress
  }
}

extension UnsafeMutableBufferPointer {
  /// The first element of a buffer that holds some.
  @inlinable @inline(__always)
  package var first: UnsafeMutablePointer<Element> {
    guard let baseAddress else { preconditionFailure("a buffer of no elements is not read") }
    return baseAddress
  }
}
