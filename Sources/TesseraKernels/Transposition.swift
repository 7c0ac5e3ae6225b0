// Swift has no shuffles. LLVM makes one of a chain of insertions, if the chain does not start with a
// lane that stays where it was and no lane comes from a shuffle of elements of the same width. So the
// order of assignments matters below, and stages alternate between lanes and pairs of lanes.

extension FloatVector {
  /// a₀ b₀ a₁ b₁ of every group of four lanes.
  @inlinable @inline(__always)
  static func interleaveLow(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    var lane = 0
    while lane < scalarCount {
      result[lane &+ 1] = b[lane]
      result[lane &+ 3] = b[lane &+ 1]
      result[lane] = a[lane]
      result[lane &+ 2] = a[lane &+ 1]
      lane &+= 4
    }
    return result
  }

  /// a₂ b₂ a₃ b₃ of every group of four lanes.
  @inlinable @inline(__always)
  static func interleaveHigh(_ a: Self, _ b: Self) -> Self {
    var result = Self()
    var lane = 0
    while lane < scalarCount {
      result[lane &+ 1] = b[lane &+ 2]
      result[lane &+ 3] = b[lane &+ 3]
      result[lane] = a[lane &+ 2]
      result[lane &+ 2] = a[lane &+ 3]
      lane &+= 4
    }
    return result
  }

  /// a₀ a₁ b₀ b₁ of every group of four lanes.
  @inlinable @inline(__always)
  static func joinLow(_ a: Self, _ b: Self) -> Self {
    let first = unsafeBitCast(a, to: Pairs.self)
    let second = unsafeBitCast(b, to: Pairs.self)
    var result = Pairs()
    var pair = 0
    while pair < Pairs.scalarCount {
      result[pair &+ 1] = second[pair]
      pair &+= 2
    }
    pair = 0
    while pair < Pairs.scalarCount {
      result[pair] = first[pair]
      pair &+= 2
    }
    return unsafeBitCast(result, to: Self.self)
  }

  /// a₂ a₃ b₂ b₃ of every group of four lanes.
  @inlinable @inline(__always)
  static func joinHigh(_ a: Self, _ b: Self) -> Self {
    let first = unsafeBitCast(a, to: Pairs.self)
    let second = unsafeBitCast(b, to: Pairs.self)
    var result = Pairs()
    var pair = 0
    while pair < Pairs.scalarCount {
      result[pair] = first[pair &+ 1]
      result[pair &+ 1] = second[pair &+ 1]
      pair &+= 2
    }
    return unsafeBitCast(result, to: Self.self)
  }

  /// Groups of four lanes read from `source + starts[first + 4 · group]`.
  @inlinable @inline(__always)
  init(groupsAt source: UnsafePointer<Float>, _ starts: UnsafePointer<Int>, _ first: Int) {
    var result = Pairs()
    var pair = 0
    while pair < Pairs.scalarCount {
      let group = UnsafeRawPointer(source + starts[first &+ 2 &* pair])
        .loadUnaligned(as: SIMD2<Double>.self)
      result[pair] = group[0]
      result[pair &+ 1] = group[1]
      pair &+= 2
    }
    self = unsafeBitCast(result, to: Self.self)
  }

  /// Adds one group of four lanes to `sums + start`.
  @inlinable @inline(__always)
  func addGroup(_ group: Int, to sums: UnsafeMutablePointer<Float>, _ start: Int) {
    let lane = 4 &* group
    let values = SIMD4(self[lane], self[lane &+ 1], self[lane &+ 2], self[lane &+ 3])
    let target = UnsafeMutableRawPointer(sums + start)
    let sum = target.loadUnaligned(as: SIMD4<Float>.self) + values
    target.storeBytes(of: sum, as: SIMD4<Float>.self)
  }
}

/// Adds eight values to eight others.
@inlinable @inline(__always)
func addEight(_ values: SIMD8<Float>, to sums: UnsafeMutablePointer<Float>) {
  let target = UnsafeMutableRawPointer(sums)
  let sum = target.loadUnaligned(as: SIMD8<Float>.self) + values
  target.storeBytes(of: sum, as: SIMD8<Float>.self)
}

extension SIMD4<Float> {
  /// Adds one pair of groups.
  @inlinable @inline(__always)
  public static func addGroups(
    _ first: Self, _ second: Self, to sums: UnsafeMutablePointer<Float>,
    _ starts: UnsafePointer<Int>
  ) {
    first.addGroup(0, to: sums, starts[0])
    second.addGroup(0, to: sums + 4, starts[0])
  }
}

extension SIMD8<Float> {
  /// Adds two pairs of groups.
  @inlinable @inline(__always)
  public static func addGroups(
    _ first: Self, _ second: Self, to sums: UnsafeMutablePointer<Float>,
    _ starts: UnsafePointer<Int>
  ) {
    addEight(Self(lowHalf: first.lowHalf, highHalf: second.lowHalf), to: sums + starts[0])
    addEight(Self(lowHalf: first.highHalf, highHalf: second.highHalf), to: sums + starts[4])
  }
}

extension SIMD16<Float> {
  /// Adds four pairs of groups.
  @inlinable @inline(__always)
  public static func addGroups(
    _ first: Self, _ second: Self, to sums: UnsafeMutablePointer<Float>,
    _ starts: UnsafePointer<Int>
  ) {
    var (low, high) = (Self(), Self())
    for lane in 0..<4 {
      low[4 &+ lane] = second[lane]
      low[12 &+ lane] = second[4 &+ lane]
      high[4 &+ lane] = second[8 &+ lane]
      high[12 &+ lane] = second[12 &+ lane]
    }
    for lane in 0..<4 {
      low[lane] = first[lane]
      low[8 &+ lane] = first[4 &+ lane]
      high[lane] = first[8 &+ lane]
      high[8 &+ lane] = first[12 &+ lane]
    }
    addHalves(low, to: sums, starts[0], starts[4])
    addHalves(high, to: sums, starts[8], starts[12])
  }

  /// Adds the two halves to different places.
  @inlinable @inline(__always)
  static func addHalves(
    _ values: Self, to sums: UnsafeMutablePointer<Float>, _ first: Int, _ second: Int
  ) {
    let pairs = unsafeBitCast(values, to: Pairs.self)
    addEight(unsafeBitCast(pairs.lowHalf, to: SIMD8<Float>.self), to: sums + first)
    addEight(unsafeBitCast(pairs.highHalf, to: SIMD8<Float>.self), to: sums + second)
  }
}

/// The transpose of 4 × 4 groups: four vectors whose groups are columns become four of rows.
@inlinable @inline(__always)
func transposeGroups<Vector: FloatVector>(
  _ a: Vector, _ b: Vector, _ c: Vector, _ d: Vector
) -> (Vector, Vector, Vector, Vector) {
  let (lowAB, highAB) = (Vector.interleaveLow(a, b), Vector.interleaveHigh(a, b))
  let (lowCD, highCD) = (Vector.interleaveLow(c, d), Vector.interleaveHigh(c, d))
  return (
    .joinLow(lowAB, lowCD), .joinHigh(lowAB, lowCD), .joinLow(highAB, highCD),
    .joinHigh(highAB, highCD)
  )
}
