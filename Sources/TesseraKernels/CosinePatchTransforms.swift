/// Small cosine coefficients are let go: what is done to the patches of a tile between the transform
/// and its inverse.
public struct CosineShrinkage {
  /// Whether coefficients that stay are made smaller by the bound: soft thresholding.
  public var isSoft: Bool
  /// For each channel, or for each mix of channels, at least 0: coefficients from −bound to bound
  /// become 0.
  public var bounds: UnsafePointer<Float>
  /// 3 × 3: mixes of three channels that are looked at in their place; `nil` for the channels.
  public var mixes: UnsafePointer<Float>?
  /// 3 × 3: the inverse.
  public var unmixes: UnsafePointer<Float>?
  /// Where 1 / (coefficients of a patch that are not 0) goes, at least one of them, for each lane;
  /// `nil` if nobody asks.
  public var weights: UnsafeMutablePointer<Float>?

  /// Describes a shrinkage.
  public init(
    isSoft: Bool, bounds: UnsafePointer<Float>, mixes: UnsafePointer<Float>? = nil,
    unmixes: UnsafePointer<Float>? = nil, weights: UnsafeMutablePointer<Float>? = nil
  ) {
    self.isSoft = isSoft
    self.bounds = bounds
    self.mixes = mixes
    self.unmixes = unmixes
    self.weights = weights
  }
}

/// Takes every channel of every patch to its cosine coefficients.
@inlinable @inline(__always)
func analyseCosines<V: Variant>(_ variant: V.Type, _ patches: CosinePatches) {
  patches.forEachBlock(
    variant,
    vector: { first, _ in
      analysePatch(Single<V>.self, patches, first)
      copyBack(Single<V>.self, patches, first)
    },
    lone: { first, _ in
      analysePatch(Lone<V>.self, patches, first)
      copyBack(Lone<V>.self, patches, first)
    })
}

/// Takes cosine coefficients back to values.
@inlinable @inline(__always)
func synthesizeCosines<V: Variant>(_ variant: V.Type, _ patches: CosinePatches) {
  patches.forEachBlock(
    variant,
    vector: { first, _ in
      copyOut(Single<V>.self, patches, first)
      synthesizePatch(Single<V>.self, patches, first)
    },
    lone: { first, _ in
      copyOut(Lone<V>.self, patches, first)
      synthesizePatch(Lone<V>.self, patches, first)
    })
}

/// Transforms, lets go of coefficients within the bounds, but for those of means (of the first mix alone,
/// where there are mixes), and transforms back.
@inlinable @inline(__always)
func shrinkCosines<V: Variant>(
  _ variant: V.Type, _ patches: CosinePatches, _ shrinkage: CosineShrinkage
) {
  patches.forEachBlock(
    variant,
    vector: { shrinkPatch(Single<V>.self, patches, $0, $1, shrinkage) },
    lone: { shrinkPatch(Lone<V>.self, patches, $0, $1, shrinkage) })
}

/// Shrinks one block of lanes.
@inlinable @inline(__always)
func shrinkPatch<B: ValueBlock>(
  _ block: B.Type, _ patches: CosinePatches, _ first: UnsafeMutablePointer<Float>, _ lane: Int,
  _ shrinkage: CosineShrinkage
) {
  analysePatch(block, patches, first)
  if let mixes = shrinkage.mixes { mixChannels(block, patches, mixes) }
  let size = patches.height &* patches.width
  // A patch keeps its brightness, or the mean of every channel; differences have means as small as noise.
  let means = shrinkage.mixes == nil ? patches.channels : 1
  var count = B(repeating: Float(means))
  let one = B(repeating: 1)
  var channel = 0
  while channel < patches.channels {
    let bound = shrinkage.bounds[channel]
    var place = channel < means ? 1 : 0
    while place < size {
      let target = patches.scratch + (channel &* size &+ place) &* B.count
      let value = B(at: target)
      let rest = value - value.limited(by: bound)
      let kept = shrinkage.isSoft ? rest : value.replacingWithZero(where: rest)
      kept.store(to: target)
      if shrinkage.weights != nil { count = count + one.replacingWithZero(where: kept) }
      place &+= 1
    }
    channel &+= 1
  }
  if let weights = shrinkage.weights { (one / count).store(to: weights + lane) }
  if let unmixes = shrinkage.unmixes { mixChannels(block, patches, unmixes) }
  synthesizePatch(block, patches, first)
}

/// The working memory of lines, behind that of patches.
@inlinable @inline(__always)
func halves<B: ValueBlock>(_ block: B.Type, _ patches: CosinePatches) -> UnsafeMutablePointer<
  Float
> {
  patches.scratch + patches.channels &* patches.height &* patches.width &* B.count
}

/// The coefficients of one block of lanes, into the working memory.
@inlinable @inline(__always)
func analysePatch<B: ValueBlock>(
  _ block: B.Type, _ patches: CosinePatches, _ first: UnsafeMutablePointer<Float>
) {
  let (height, width, lanes) = (patches.height, patches.width, B.count)
  let halves = halves(block, patches)
  var channel = 0
  while channel < patches.channels {
    let plane = patches.scratch + channel &* height &* width &* lanes
    let source = first + channel &* height &* width &* patches.pitch
    var row = 0
    while row < height {
      analyse(
        block,
        CosineLine(
          source + row &* width &* patches.pitch, patches.pitch,
          to: plane + row &* width &* lanes, lanes, count: width, basis: patches.columnBasis,
          halves: halves))
      row &+= 1
    }
    var column = 0
    while column < width {
      let line = plane + column &* lanes
      analyse(
        block,
        CosineLine(
          line, width &* lanes, to: line, width &* lanes, count: height,
          basis: patches.rowBasis, halves: halves))
      column &+= 1
    }
    channel &+= 1
  }
}

/// The values of one block of lanes, from the working memory.
@inlinable @inline(__always)
func synthesizePatch<B: ValueBlock>(
  _ block: B.Type, _ patches: CosinePatches, _ first: UnsafeMutablePointer<Float>
) {
  let (height, width, lanes) = (patches.height, patches.width, B.count)
  let halves = halves(block, patches)
  var channel = 0
  while channel < patches.channels {
    let plane = patches.scratch + channel &* height &* width &* lanes
    let target = first + channel &* height &* width &* patches.pitch
    var column = 0
    while column < width {
      let line = plane + column &* lanes
      synthesize(
        block,
        CosineLine(
          line, width &* lanes, to: line, width &* lanes, count: height,
          basis: patches.rowBasis, halves: halves))
      column &+= 1
    }
    var row = 0
    while row < height {
      synthesize(
        block,
        CosineLine(
          plane + row &* width &* lanes, lanes, to: target + row &* width &* patches.pitch,
          patches.pitch, count: width, basis: patches.columnBasis, halves: halves))
      row &+= 1
    }
    channel &+= 1
  }
}

/// Puts three mixes in the place of three channels of the working memory.
@inlinable @inline(__always)
func mixChannels<B: ValueBlock>(
  _ block: B.Type, _ patches: CosinePatches, _ matrix: UnsafePointer<Float>
) {
  let size = patches.height &* patches.width &* B.count
  var place = 0
  while place < size {
    let target = patches.scratch + place
    let (red, green, blue) = (B(at: target), B(at: target + size), B(at: target + 2 &* size))
    var row = 0
    while row < 3 {
      var sum = red * B(repeating: matrix[3 &* row])
      sum.add(green, times: matrix[3 &* row &+ 1])
      sum.add(blue, times: matrix[3 &* row &+ 2])
      sum.store(to: target + row &* size)
      row &+= 1
    }
    place &+= B.count
  }
}

/// Writes the working memory to one block of lanes.
@inlinable @inline(__always)
func copyBack<B: ValueBlock>(
  _ block: B.Type, _ patches: CosinePatches, _ first: UnsafeMutablePointer<Float>
) {
  var row = 0
  while row < patches.channels &* patches.height &* patches.width {
    B(at: patches.scratch + row &* B.count).store(to: first + row &* patches.pitch)
    row &+= 1
  }
}

/// Reads one block of lanes into the working memory.
@inlinable @inline(__always)
func copyOut<B: ValueBlock>(
  _ block: B.Type, _ patches: CosinePatches, _ first: UnsafeMutablePointer<Float>
) {
  var row = 0
  while row < patches.channels &* patches.height &* patches.width {
    B(at: first + row &* patches.pitch).store(to: patches.scratch + row &* B.count)
    row &+= 1
  }
}
