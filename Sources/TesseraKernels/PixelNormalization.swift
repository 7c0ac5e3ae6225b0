/// A normalization of pixels whose channels lie side by side, prepared for one element type and one
/// set of kernels.
///
/// Made by `KernelSet.prepareU8` and `prepareU16`, which find out which arithmetic gives the bits of
/// `Normalization.apply` for every value that there is.
public struct PixelNormalization: Sendable {
  /// How values are computed, the fastest first.
  @usableFromInline
  enum Form: Sendable {
    /// Products and quotients as two products each, that of a factor's rounding error first.
    case products
    /// Products as two products; quotients by division.
    case division
    /// As `Normalization.apply` does it.
    case stepwise
  }

  /// What each channel becomes.
  public let channels: [Normalization]
  @usableFromInline let form: Form
  /// Lines of constants, of which value `i` is that of channel `i % channels.count`.
  @usableFromInline let constants: [Float]
  @usableFromInline let scales: [Double]
  /// Values in a line: any channel may be the first of 16 pixels.
  @usableFromInline let pitch: Int

  /// Bytes of the prepared constants.
  public var byteCount: Int {
    constants.count * MemoryLayout<Float>.stride + scales.count * MemoryLayout<Double>.stride
      + channels.count * MemoryLayout<Normalization>.stride
  }

  /// Lays out constants.
  ///
  /// - Parameters:
  ///   - channels: what each channel becomes.
  ///   - form: the arithmetic.
  ///   - leadingBits: bits of the larger part of a scale: 24, or fewer where its products must be
  ///     exact by themselves.
  @usableFromInline
  init(_ channels: [Normalization], form: Form, leadingBits: Int) {
    precondition(!channels.isEmpty, "a pixel has channels")
    self.channels = channels
    self.form = form
    pitch = 17 * channels.count
    let every = (0..<pitch).map { channels[$0 % channels.count] }
    scales = every.map(\.scale)
    let scale = every.map { Self.leading(leadingBits, of: $0.scale) }
    let reciprocal = every.map { Float(1 / Double($0.std)) }
    constants =
      scale + zip(every, scale).map { Float($0.scale - Double($1)) } + every.map(\.mean)
      + every.map(\.std) + reciprocal
      + zip(every, reciprocal).map { Float(1 / Double($0.std) - Double($1)) }
  }

  /// The leading bits of a number.
  private static func leading(_ bits: Int, of value: Double) -> Float {
    let rounded = Float(value)
    guard bits < 24, rounded.isFinite else { return rounded }
    return Float(bitPattern: rounded.bitPattern & ~((1 << (24 - UInt32(bits))) - 1))
  }
}

extension KernelSet {
  /// A function that normalizes interleaved pixels.
  ///
  /// Takes source, prepared normalization, channel of the first value, destination, count of values.
  public typealias NormalizePixels<E> =
    @Sendable (UnsafePointer<E>, PixelNormalization, Int, UnsafeMutablePointer<Float>, Int) -> Void
}

/// The constants of one vector of pixels.
@usableFromInline
struct PixelFactors<V: Variant> {
  @usableFromInline let scale: Single<V>
  @usableFromInline let scaleRest: Single<V>
  @usableFromInline let mean: Single<V>
  @usableFromInline let std: Single<V>
  @usableFromInline let reciprocal: Single<V>
  @usableFromInline let reciprocalRest: Single<V>

  /// Reads the constants from those of a channel on.
  @inlinable @inline(__always)
  init(_ constants: UnsafePointer<Float>, _ pitch: Int) {
    scale = Single(at: constants)
    scaleRest = Single(at: constants + pitch)
    mean = Single(at: constants + 2 &* pitch)
    std = Single(at: constants + 3 &* pitch)
    reciprocal = Single(at: constants + 4 &* pitch)
    reciprocalRest = Single(at: constants + 5 &* pitch)
  }

  /// Normalizes a vector; `divides` is a constant once inlined.
  @inlinable @inline(__always)
  func apply<E: PixelElement>(
    _ source: UnsafePointer<E>, _ destination: UnsafeMutablePointer<Float>, divides: Bool
  ) {
    let value = Single<V>(V.Vector(widening: source))
    var product = value * scaleRest
    product.add(value, times: scale)
    let difference = product - mean
    if divides {
      (difference / std).store(to: destination)
    } else {
      var quotient = difference * reciprocalRest
      quotient.add(difference, times: reciprocal)
      quotient.store(to: destination)
    }
  }
}

/// Normalizes interleaved pixels, of which the first value belongs to channel `phase`.
@inlinable @inline(__always)
func normalizePixels<V: Variant, E: PixelElement>(
  _ variant: V.Type, _ source: UnsafePointer<E>, _ map: PixelNormalization, _ phase: Int,
  _ destination: UnsafeMutablePointer<Float>, _ count: Int
) {
  map.constants.withUnsafeBufferPointer { constants in
    let constants = constants.first()
    switch map.form {
    case .products where count >= V.Vector.scalarCount:
      normalizeVectors(variant, source, map, constants, phase, destination, count, divides: false)
    case .division where count >= V.Vector.scalarCount:
      normalizeVectors(variant, source, map, constants, phase, destination, count, divides: true)
    default:
      normalizeStepwise(variant, source, map, constants, phase, destination, count)
    }
  }
}

/// Normalizes at least one vector of pixels.
@inlinable @inline(__always)
func normalizeVectors<V: Variant, E: PixelElement>(
  _ variant: V.Type, _ source: UnsafePointer<E>, _ map: PixelNormalization,
  _ constants: UnsafePointer<Float>, _ phase: Int, _ destination: UnsafeMutablePointer<Float>,
  _ count: Int, divides: Bool
) {
  let pitch = map.pitch
  sweepPixels(
    variant, count, channels: map.channels.count, phase: phase,
    constants: { PixelFactors<V>(constants + $0, pitch) },
    vector: { $0.apply(source + $1, destination + $1, divides: divides) },
    last: { factors, x, _ in factors.apply(source + x, destination + x, divides: divides) })
}

/// Normalizes pixels as `Normalization.apply` does.
@inlinable @inline(__always)
func normalizeStepwise<V: Variant, E: PixelElement>(
  _ variant: V.Type, _ source: UnsafePointer<E>, _ map: PixelNormalization,
  _ constants: UnsafePointer<Float>, _ phase: Int, _ destination: UnsafeMutablePointer<Float>,
  _ count: Int
) {
  map.scales.withUnsafeBufferPointer { scales in
    let scales = scales.first()
    let (scale, mean, std) = (
      scales + phase, constants + 2 &* map.pitch + phase, constants + 3 &* map.pitch + phase
    )
    let block = 16 &* map.channels.count
    var first = 0
    while first < count {
      let (values, results) = (source + first, destination + first)
      let length = min(block, count &- first)
      var x = 0
      while x < length {
        results[x] = (Float(Double(values[x]) * scale[x]) - mean[x]) / std[x]
        x &+= 1
      }
      first &+= block
    }
  }
}
