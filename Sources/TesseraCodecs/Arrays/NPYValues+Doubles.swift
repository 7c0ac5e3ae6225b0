extension NPYValues {
  /// Copies values of any real type; wide integers are rounded.
  func copyDoubles(_ count: Int, to target: UnsafeMutableBufferPointer<Double>) {
    switch (type.kind, type.byteCount) {
    case ("f", 8): fill(target, count) { Double(bitPattern: load($0)) }
    case ("f", 4): fill(target, count) { Double(Float(bitPattern: load($0))) }
    case ("f", 2): fill(target, count) { Double(Float(halfBits: load($0))) }
    case (NPYType.bfloat16.kind, 2):
      fill(target, count) { Double(Float(bitPattern: UInt32(load($0) as UInt16) << 16)) }
    case ("u", 2): fill(target, count) { Double(load($0) as UInt16) }
    case ("u", 4): fill(target, count) { Double(load($0) as UInt32) }
    case ("u", 8): fill(target, count) { Double(load($0) as UInt64) }
    case ("i", 1): fill(target, count) { Double(load($0) as Int8) }
    case ("i", 2): fill(target, count) { Double(load($0) as Int16) }
    case ("i", 4): fill(target, count) { Double(load($0) as Int32) }
    case ("i", 8): fill(target, count) { Double(load($0) as Int64) }
    default: fill(target, count) { Double(load($0) as UInt8) }
    }
  }

  private func fill(
    _ target: UnsafeMutableBufferPointer<Double>, _ count: Int, _ value: (Int) -> Double
  ) {
    for index in 0..<count { target[index] = value(index) }
  }
}
