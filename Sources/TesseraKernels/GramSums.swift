/// The products of every two values of some patches, to be added up.
public struct GramUpdate {
  /// The first patch; each lies `pitch` values behind the one before, zeros behind its own.
  public var patches: UnsafePointer<Double>
  /// How many patches there are.
  public var count: Int
  /// Values of a patch.
  public var length: Int
  /// Values from one patch, and one row of sums, to the next: `pitch(of:)` of the length.
  public var pitch: Int
  /// A row for every value, and up to three more; entries at and behind the diagonal are those of the
  /// sums, others anything.
  public var sums: UnsafeMutablePointer<Double>

  /// Adds to sums.
  public init(
    patches: UnsafePointer<Double>, count: Int, length: Int, pitch: Int,
    sums: UnsafeMutablePointer<Double>
  ) {
    self.patches = patches
    self.count = count
    self.length = length
    self.pitch = pitch
    self.sums = sums
  }

  /// Values from one row to the next, for patches of a length.
  public static func pitch(of length: Int) -> Int { (length + 15) / 16 * 16 }

  /// Rows of sums that there must be room for.
  public static func rows(of length: Int) -> Int { (length + 3) / 4 * 4 }
}

/// Adds the products of every two values of patches, in double precision, patch after patch.
///
/// Four rows of sums and two vectors of each stay in registers while all patches go by.
@inlinable @inline(__always)
func addGram<V: Variant>(_ variant: V.Type, _ job: GramUpdate) {
  typealias Doubles = V.Vector.Pairs
  let lanes = Doubles.scalarCount
  let step = 2 &* lanes
  var row = 0
  while row < job.length {
    var column = row / step &* step
    while column < job.length {
      let target = job.sums + (row &* job.pitch &+ column)
      var sums = (
        Doubles(), Doubles(), Doubles(), Doubles(), Doubles(), Doubles(), Doubles(), Doubles()
      )
      var patch = job.patches
      var index = 0
      while index < job.count {
        let bytes = UnsafeRawPointer(patch + column)
        let first = bytes.loadUnaligned(as: Doubles.self)
        let second = bytes.loadUnaligned(
          fromByteOffset: lanes &* MemoryLayout<Double>.stride, as: Doubles.self)
        addProduct(variant, &sums.0, first, patch[row])
        addProduct(variant, &sums.1, second, patch[row])
        addProduct(variant, &sums.2, first, patch[row &+ 1])
        addProduct(variant, &sums.3, second, patch[row &+ 1])
        addProduct(variant, &sums.4, first, patch[row &+ 2])
        addProduct(variant, &sums.5, second, patch[row &+ 2])
        addProduct(variant, &sums.6, first, patch[row &+ 3])
        addProduct(variant, &sums.7, second, patch[row &+ 3])
        patch += job.pitch
        index &+= 1
      }
      addTo(target, sums.0, sums.1)
      addTo(target + job.pitch, sums.2, sums.3)
      addTo(target + 2 &* job.pitch, sums.4, sums.5)
      addTo(target + 3 &* job.pitch, sums.6, sums.7)
      column &+= step
    }
    row &+= 4
  }
}

@inlinable @inline(__always)
func addProduct<V: Variant>(
  _ variant: V.Type, _ sum: inout V.Vector.Pairs, _ values: V.Vector.Pairs, _ factor: Double
) {
  if V.fusesMultiplyAdd {
    sum.addProduct(values, V.Vector.Pairs(repeating: factor))
  } else {
    sum += values * V.Vector.Pairs(repeating: factor)
  }
}

@inlinable @inline(__always)
func addTo<Doubles: SIMD & BitwiseCopyable>(
  _ sums: UnsafeMutablePointer<Double>, _ first: Doubles, _ second: Doubles
) where Doubles.Scalar == Double {
  let bytes = UnsafeMutableRawPointer(sums)
  let offset = Doubles.scalarCount &* MemoryLayout<Double>.stride
  bytes.storeBytes(of: bytes.loadUnaligned(as: Doubles.self) + first, as: Doubles.self)
  bytes.storeBytes(
    of: bytes.loadUnaligned(fromByteOffset: offset, as: Doubles.self) + second,
    toByteOffset: offset, as: Doubles.self)
}
