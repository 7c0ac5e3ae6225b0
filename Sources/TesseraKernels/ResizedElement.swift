/// A type of values that images are resized in: how they are weighed and summed, several at once.
public protocol ResizedElement: BitwiseCopyable, Sendable {
  /// The type of weights and sums.
  associatedtype Weight: BitwiseCopyable, Sendable
  /// Sums of `resizedLanes` values.
  associatedtype Sums
  /// What values are while those of several rows stand side by side.
  associatedtype Column: BitwiseCopyable, Sendable

  /// Weights as sums take them.
  static func resizeWeights(_ weights: [Double]) -> [Weight]
  /// Values that are summed at once.
  static var resizedLanes: Int { get }
  /// Columns that are transposed at once; there is room for as many values in every row.
  static var columnsAtOnce: Int { get }
  /// What sums start from.
  static var firstSums: Sums { get }
  /// Adds `resizedLanes` values times a weight.
  static func add(_ values: UnsafePointer<Self>, times weight: Weight, to sums: inout Sums)
  /// Adds `resizedLanes` values of a column times a weight.
  static func add(column: UnsafePointer<Column>, times weight: Weight, to sums: inout Sums)
  /// Rounds sums to values and writes them.
  static func store(_ sums: Sums, to values: UnsafeMutablePointer<Self>)
  /// Transposes `columnsAtOnce` values of `resizedLanes` rows: value c of row r becomes value r of
  /// column c.
  static func takeColumns(
    from rows: (Int) -> UnsafePointer<Self>, to columns: (Int) -> UnsafeMutablePointer<Column>)
  /// Transposes as many values back.
  static func giveRows(
    from columns: (Int) -> UnsafePointer<Self>, to rows: (Int) -> UnsafeMutablePointer<Self>)
}

/// Sums in double precision.
extension ResizedElement where Column == Double, Weight == Double, Sums == SIMD8<Double> {
  /// The weights.
  public static func resizeWeights(_ weights: [Double]) -> [Double] { weights }

  /// 8.
  @inlinable @inline(__always) public static var resizedLanes: Int { 8 }

  /// A square.
  @inlinable @inline(__always) public static var columnsAtOnce: Int { 8 }

  /// Zero.
  @inlinable @inline(__always) public static var firstSums: Sums { Sums() }

  /// Adds 8 products, each of them rounded by itself.
  @inlinable @inline(__always)
  public static func add(
    column: UnsafePointer<Double>, times weight: Double, to sums: inout Sums
  ) {
    sums = sums + loadVector(column, as: Sums.self) * Sums(repeating: weight)
  }
}

/// Bytes: weights of 22 bits below the point, sums in 32-bit integers, which are exact.
extension UInt8: ResizedElement {
  /// One 32-bit integer for each of 16 values.
  public typealias Sums = SIMD16<Int32>
  /// Bytes.
  public typealias Column = UInt8

  /// The weights times 2²², rounded half away from 0.
  public static func resizeWeights(_ weights: [Double]) -> [Int32] {
    weights.map { Int32($0 * 4_194_304 + ($0 < 0 ? -0.5 : 0.5)) }
  }

  /// 16.
  @inlinable @inline(__always) public static var resizedLanes: Int { 16 }

  /// Two squares.
  @inlinable @inline(__always) public static var columnsAtOnce: Int { 32 }

  /// A half.
  @inlinable @inline(__always) public static var firstSums: Sums { Sums(repeating: 1 &<< 21) }

  /// Adds 16 products.
  @inlinable @inline(__always)
  public static func add(
    _ values: UnsafePointer<UInt8>, times weight: Int32, to sums: inout Sums
  ) {
    let bytes = UnsafeRawPointer(values).loadUnaligned(as: SIMD16<UInt8>.self)
    var wide = Sums()
    for lane in 0..<16 { wide[lane] = Int32(truncatingIfNeeded: bytes[lane]) }
    sums = sums &+ wide &* Sums(repeating: weight)
  }

  /// Adds 16 products.
  @inlinable @inline(__always)
  public static func add(
    column: UnsafePointer<UInt8>, times weight: Int32, to sums: inout Sums
  ) {
    add(column, times: weight, to: &sums)
  }

  /// Drops what is below the point, and clips.
  @inlinable @inline(__always)
  public static func store(_ sums: Sums, to values: UnsafeMutablePointer<UInt8>) {
    // Smaller, larger and narrower, as `SIMD` has them, compile to loops over lanes.
    typealias Choice = SIMDMask<Sums>
    let whole = sums &>> Sums(repeating: 22)
    let largest = Sums(repeating: 255)
    let isLarger = whole .> largest
    let bits = unsafeBitCast(whole, to: Choice.self) .& .!isLarger
    let most = unsafeBitCast(largest, to: Choice.self) .& isLarger
    let clipped = (bits .| most) .& (whole .>= Sums())
    // Two lanes to a word, whose low half has both bytes then.
    let lanes = unsafeBitCast(clipped, to: SIMD8<UInt64>.self)
    let words = unsafeBitCast(lanes | lanes &>> 24, to: SIMD32<UInt16>.self)
    var pairs = SIMD8<UInt16>()
    for lane in 1..<8 { pairs[lane] = words[4 &* lane] }
    pairs[0] = words[0]
    UnsafeMutableRawPointer(values).storeBytes(of: pairs, as: SIMD8<UInt16>.self)
  }
}

/// 16-bit integers: weights and sums in double precision, one product after the other.
extension UInt16: ResizedElement {
  /// One double for each of 8 values.
  public typealias Sums = SIMD8<Double>
  /// Doubles: each is used some four times.
  public typealias Column = Double

  /// Adds 8 products, each of them rounded by itself.
  @inlinable @inline(__always)
  public static func add(
    _ values: UnsafePointer<UInt16>, times weight: Double, to sums: inout Sums
  ) {
    let words = UnsafeRawPointer(values).loadUnaligned(as: SIMD8<UInt16>.self)
    var wide = Sums()
    for lane in 0..<8 { wide[lane] = Double(words[lane]) }
    sums = sums + wide * Sums(repeating: weight)
  }

  /// Rounds half up, and clips.
  @inlinable @inline(__always)
  public static func store(_ sums: Sums, to values: UnsafeMutablePointer<UInt16>) {
    // Adding 2⁵² leaves the value in the low bits, rounded half to even: 1 too much here and there.
    let bias = 4_503_599_627_370_496.0
    var words = SIMD8<UInt16>()
    for lane in 0..<8 {
      let clipped = Swift.max(Swift.min(sums[lane] + 0.5, 65_535), 0)
      let rounded = (clipped + bias) - bias
      let whole = rounded > clipped ? rounded - 1 : rounded
      words[lane] = UInt16(truncatingIfNeeded: (whole + bias).bitPattern)
    }
    UnsafeMutableRawPointer(values).storeBytes(of: words, as: SIMD8<UInt16>.self)
  }
}

/// Floats: weights and sums in double precision, one product after the other.
extension Float: ResizedElement {
  /// One double for each of 8 values.
  public typealias Sums = SIMD8<Double>
  /// Doubles: each is used some four times.
  public typealias Column = Double

  /// Adds 8 products, each of them rounded by itself.
  @inlinable @inline(__always)
  public static func add(
    _ values: UnsafePointer<Float>, times weight: Double, to sums: inout Sums
  ) {
    let floats = UnsafeRawPointer(values).loadUnaligned(as: SIMD8<Float>.self)
    var wide = Sums()
    for lane in 0..<8 { wide[lane] = Double(floats[lane]) }
    sums = sums + wide * Sums(repeating: weight)
  }

  /// Rounds to single precision.
  @inlinable @inline(__always)
  public static func store(_ sums: Sums, to values: UnsafeMutablePointer<Float>) {
    var floats = SIMD8<Float>()
    for lane in 0..<8 { floats[lane] = Float(sums[lane]) }
    UnsafeMutableRawPointer(values).storeBytes(of: floats, as: SIMD8<Float>.self)
  }
}
