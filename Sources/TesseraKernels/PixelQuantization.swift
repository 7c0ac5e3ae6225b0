/// How floats of interleaved pixels become integers: value · scale + offset, channel by channel.
public struct PixelQuantization: Sendable {
  /// Channels of a pixel.
  public let channels: Int
  /// Scales, then offsets; value `i` of a line is that of channel `i % channels`.
  @usableFromInline let constants: [Float]
  /// Values in a line: any channel may be the first of 16 pixels.
  @usableFromInline let pitch: Int

  /// Bytes of the prepared constants.
  public var byteCount: Int { constants.count * MemoryLayout<Float>.stride }

  /// Lays out the constants of every channel.
  ///
  /// - Parameters:
  ///   - scales: one factor per channel.
  ///   - offsets: as many values, which are added to the products.
  public init(scales: [Float], offsets: [Float]) {
    precondition(
      !scales.isEmpty && scales.count == offsets.count, "every channel has a scale and an offset")
    channels = scales.count
    let pitch = 17 * scales.count
    self.pitch = pitch
    constants = [scales, offsets].flatMap { line in (0..<pitch).map { line[$0 % line.count] } }
  }
}

extension KernelSet {
  /// A function that quantizes interleaved pixels as `quantizeToU8` does.
  ///
  /// Takes source, quantization, channel of the first value, destination, count of values.
  public typealias QuantizePixels<E> =
    @Sendable (UnsafePointer<Float>, PixelQuantization, Int, UnsafeMutablePointer<E>, Int) -> Int
}

/// Scale and offset of one vector of values.
@usableFromInline
struct PixelScales<V: Variant> {
  @usableFromInline let scale: Single<V>
  @usableFromInline let offset: Single<V>

  /// Takes the same for all values.
  @inlinable @inline(__always)
  init(scale: Float, offset: Float) {
    self.scale = Single(repeating: scale)
    self.offset = Single(repeating: offset)
  }

  /// Reads those from a channel on.
  @inlinable @inline(__always)
  init(_ constants: UnsafePointer<Float>, _ pitch: Int) {
    scale = Single(at: constants)
    offset = Single(at: constants + pitch)
  }

  /// Rounds a vector and returns all ones where a value fitted.
  @inlinable @inline(__always)
  func apply<E: PixelElement>(
    _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<E>
  ) -> V.Vector.Bits {
    let lowest = V.Vector(repeating: -0.5)
    let highest = V.Vector(repeating: (Float(E.max) + 0.5).nextDown)
    let value = Single<V>(at: source) * scale + offset
    // NaN is not greater, so it ends as the lowest.
    let clamped = Single<V>(highest.lesser(lowest.greater(value.lanes)))
    (clamped + Single<V>(repeating: 12_582_912)).lanes.storeLowBits(to: destination)
    return clamped.lanes.matches(value.lanes)
  }
}

/// Writes value · scale + offset as integers and returns how many did not fit.
@inlinable @inline(__always)
func quantize<V: Variant, E: PixelElement>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<E>,
  _ count: Int, _ scale: Float, _ offset: Float
) -> Int {
  quantizeRow(
    variant, source, destination, count, channels: 1, phase: 0,
    vector: { _ in PixelScales<V>(scale: scale, offset: offset) }, lone: { _ in (scale, offset) })
}

/// Quantizes interleaved pixels, of which the first value belongs to channel `phase`.
@inlinable @inline(__always)
func quantizePixels<V: Variant, E: PixelElement>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ map: PixelQuantization, _ phase: Int,
  _ destination: UnsafeMutablePointer<E>, _ count: Int
) -> Int {
  map.constants.withUnsafeBufferPointer { constants in
    let constants = constants.first()
    let pitch = map.pitch
    return quantizeRow(
      variant, source, destination, count, channels: map.channels, phase: phase,
      vector: { PixelScales<V>(constants + $0, pitch) },
      lone: { (constants[$0], constants[pitch &+ $0]) })
  }
}

/// Quantizes a row, given the scales and offsets from a channel on.
///
/// Rounding is half to even: adding 1.5 · 2²³ leaves the rounded value in the low bits of the float.
/// A value that does not survive the bounds, which round to 0 and to the maximum, does not fit.
@inlinable @inline(__always)
func quantizeRow<V: Variant, E: PixelElement>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ destination: UnsafeMutablePointer<E>,
  _ count: Int, channels: Int, phase: Int, vector: (Int) -> PixelScales<V>,
  lone: (Int) -> (Float, Float)
) -> Int {
  let lanes = V.Vector.scalarCount
  var kept = 0
  guard count >= lanes else {
    for x in 0..<count {
      let (scale, offset) = lone((phase &+ x) % channels)
      let value = source[x] * scale + offset
      let raised = value > -0.5 ? value : -0.5
      let clamped = min(raised, (Float(E.max) + 0.5).nextDown)
      kept &+= clamped.bitPattern == value.bitPattern ? 1 : 0
      destination[x] = E(truncatingIfNeeded: (clamped + 12_582_912).bitPattern)
    }
    return count &- kept
  }
  var fitting = V.Vector.Bits()
  sweepPixels(
    variant, count, channels: channels, phase: phase, constants: vector,
    vector: { fitting = V.Vector.sum(fitting, $0.apply(source + $1, destination + $1)) },
    last: { scales, x, done in
      let fits = scales.apply(source + x, destination + x)
      for lane in 0..<lanes where lane >= done && fits[lane] != 0 { kept &+= 1 }
    })
  // All ones are −1: each lane has counted down.
  for lane in 0..<lanes { kept &+= Int(0 &- fitting[lane]) }
  return count &- kept
}
