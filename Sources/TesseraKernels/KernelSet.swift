/// Every kernel, compiled for one instruction set.
///
/// The executor picks a set once and calls it once per band, row or tile. All data is planar, and rows
/// are reached through arrays of row pointers: vertical padding, ring buffers and mirrored rows cost
/// nothing. A function checks nothing: planning has made its arguments consistent.
///
/// No result depends on how an image is divided into bands, tiles or runs of blocks. Sets may differ
/// from each other in the last bits of sums of products, as some round them once and some twice.
public struct KernelSet: Sendable {
  /// `baseline`, `avx2` or `avx512`.
  public let name: String
  /// Floats in one vector.
  ///
  /// Pitches of tiles are multiples of it.
  public let lanes: Int

  // MARK: Rows: conversion

  /// Looks bytes up in a table of 256 floats: source, table, destination, count.
  public let convertU8:
    @Sendable (UnsafePointer<UInt8>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  /// Turns bytes into floats of the same value: source, destination, count.
  public let widenU8: @Sendable (UnsafePointer<UInt8>, UnsafeMutablePointer<Float>, Int) -> Void
  /// Normalizes 16-bit values: source, normalization, destination, count.
  public let normalizeU16:
    @Sendable (UnsafePointer<UInt16>, Normalization, UnsafeMutablePointer<Float>, Int) -> Void
  /// Normalizes floats, in place if wished: source, normalization, destination, count.
  public let normalizeF32:
    @Sendable (UnsafePointer<Float>, Normalization, UnsafeMutablePointer<Float>, Int) -> Void
  /// Writes value · scale + offset as bytes: source, destination, count, scale, offset.
  ///
  /// Rounded half to even and saturated, NaN as 0. Returns how many values were NaN or outside
  /// −0.5 ..< 255.5.
  public let quantizeToU8:
    @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<UInt8>, Int, Float, Float) -> Int
  /// The same for 16 bits; values outside −0.5 ..< 65535.5 count.
  public let quantizeToU16:
    @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<UInt16>, Int, Float, Float) -> Int

  /// A function that rounds floats to values of 16 bits: source, destination, count.
  public typealias Narrow =
    @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<UInt16>, Int) -> Void
  /// Rounds floats to half precision.
  public let narrowToF16: Narrow
  /// Rounds floats to bfloat16.
  public let narrowToBF16: Narrow

  // MARK: Rows: interleaved pixels

  /// Prepares the normalization of pixels of bytes, one rule per channel, for this set alone.
  public let preparePixelsU8: @Sendable ([Normalization]) -> PixelNormalization
  /// Prepares the normalization of pixels of 16-bit values; computes some 65 536 values per channel.
  public let preparePixelsU16: @Sendable ([Normalization]) -> PixelNormalization
  /// Normalizes pixels of bytes, by what `preparePixelsU8` of this set made.
  public let normalizePixelsU8: NormalizePixels<UInt8>
  /// Normalizes pixels of 16-bit values, by what `preparePixelsU16` of this set made.
  public let normalizePixelsU16: NormalizePixels<UInt16>
  /// Writes pixels of bytes.
  public let quantizePixelsToU8: QuantizePixels<UInt8>
  /// Writes pixels of 16-bit values.
  public let quantizePixelsToU16: QuantizePixels<UInt16>

  // MARK: Rows: interleaving

  /// A function that splits interleaved pixels: source, channels, planes, count.
  public typealias Deinterleave<E> =
    @Sendable (UnsafePointer<E>, Int, UnsafePointer<UnsafeMutablePointer<E>>, Int) -> Void
  /// A function that interleaves pixels: planes, channels, destination, count.
  public typealias Interleave<E> =
    @Sendable (UnsafePointer<UnsafePointer<E>>, Int, UnsafeMutablePointer<E>, Int) -> Void

  /// Splits interleaved bytes into planes.
  public let deinterleaveU8: Deinterleave<UInt8>
  /// Splits interleaved 16-bit values into planes.
  public let deinterleaveU16: Deinterleave<UInt16>
  /// Splits interleaved floats into planes.
  public let deinterleaveF32: Deinterleave<Float>
  /// Interleaves planes of bytes.
  public let interleaveU8: Interleave<UInt8>
  /// Interleaves planes of 16-bit values.
  public let interleaveU16: Interleave<UInt16>
  /// Interleaves planes of floats.
  public let interleaveF32: Interleave<Float>

  // MARK: Tiles: unfold and fold

  /// Unfolds bytes.
  public let gatherU8: @Sendable (TileGather<UInt8>) -> Void
  /// Unfolds 16-bit values.
  public let gatherU16: @Sendable (TileGather<UInt16>) -> Void
  /// Unfolds floats.
  public let gatherF32: @Sendable (TileGather<Float>) -> Void
  /// Folds bytes into 32-bit sums.
  public let scatterAddU8: @Sendable (TileScatter<UInt8, UInt32>) -> Void
  /// Folds 16-bit values into 32-bit sums.
  public let scatterAddU16: @Sendable (TileScatter<UInt16, UInt32>) -> Void
  /// Folds floats into float sums.
  public let scatterAddF32: @Sendable (TileScatter<Float, Float>) -> Void
  /// Folds floats into double sums.
  public let scatterAddF64: @Sendable (TileScatter<Float, Double>) -> Void
  /// Cuts blocks of bytes.
  public let cutBlocksU8: @Sendable (BlockCut<UInt8>) -> Void
  /// Cuts blocks of 16-bit values.
  public let cutBlocksU16: @Sendable (BlockCut<UInt16>) -> Void
  /// Cuts blocks of floats.
  public let cutBlocksF32: @Sendable (BlockCut<Float>) -> Void
  /// Adds blocks of bytes to 32-bit sums.
  public let addBlocksU8: @Sendable (BlockAddition<UInt8, UInt32>) -> Void
  /// Adds blocks of 16-bit values to 32-bit sums.
  public let addBlocksU16: @Sendable (BlockAddition<UInt16, UInt32>) -> Void
  /// Adds blocks of floats to double sums.
  public let addBlocksF32: @Sendable (BlockAddition<Float, Double>) -> Void
  /// Divides float sums by coverage.
  public let divideF32: @Sendable (CoverageDivision<Float, Float>) -> Void
  /// Divides double sums by coverage.
  public let divideF64: @Sendable (CoverageDivision<Double, Float>) -> Void
  /// Divides integer sums by coverage, rounding half to even, to bytes.
  public let divideToU8: @Sendable (CoverageDivision<UInt32, UInt8>) -> Void
  /// Divides integer sums by coverage, rounding half to even, to 16 bits.
  public let divideToU16: @Sendable (CoverageDivision<UInt32, UInt16>) -> Void

  /// Lays the patches of a tile of bytes one after the other.
  public let transposeU8: @Sendable (TileTransposition<UInt8>) -> Void
  /// Lays the patches of a tile of 16-bit values one after the other.
  public let transposeU16: @Sendable (TileTransposition<UInt16>) -> Void
  /// Lays the patches of a tile of floats one after the other.
  public let transposeF32: @Sendable (TileTransposition<Float>) -> Void

  // MARK: Tiles: transforms

  /// Subtracts the mean of every patch or channel of a patch.
  public let subtractMean: @Sendable (TilePatches) -> Void
  /// Standardizes every patch or channel of a patch.
  public let standardize: @Sendable (TilePatches) -> Void
  /// Multiplies a matrix and a tile.
  public let multiply: @Sendable (TileProduct) -> Void

  /// Takes every channel of every patch to its cosine coefficients.
  public let analyseCosines: @Sendable (CosinePatches) -> Void
  /// Takes cosine coefficients back to values.
  public let synthesizeCosines: @Sendable (CosinePatches) -> Void
  /// Lets go of small cosine coefficients.
  public let shrinkCosines: @Sendable (CosinePatches, CosineShrinkage) -> Void
  /// Adds the products of every two values of patches, in double precision.
  public let addGram: @Sendable (GramUpdate) -> Void

  // MARK: Rows: blocks without tiles

  /// Computes the statistics of a row of blocks.
  public let blockStatistics: @Sendable (BlockStatistics) -> Void
  /// Looks values up by their place: values, places, destination, count.
  public let spread:
    @Sendable (UnsafePointer<Float>, UnsafePointer<Int32>, UnsafeMutablePointer<Float>, Int) -> Void
  /// Folds normalized blocks to one image row.
  public let foldNormalized: @Sendable (NormalizedFold) -> Void

  // MARK: Rows: convolution

  /// Convolves bytes with a kernel of integers and returns how many results did not fit a byte.
  public let convolveU8: @Sendable (IntegerConvolution) -> Int
  /// Convolves one channel with one or several kernels.
  public let depthwise: @Sendable (Convolution) -> Void
  /// Convolves several channels with a bank of filters.
  public let bank: @Sendable (Convolution) -> Void
  /// Convolves one channel with a kernel of rank 1.
  public let separable: @Sendable (SeparableConvolution) -> Void
  /// Convolves one channel with one kernel, sums in double precision: job, factors, what
  /// becomes of sums.
  public let convolveWide: @Sendable (Convolution, SeparableKernel?, WideRounding) -> Void
  /// Multiplies a matrix and a tile, sums in double precision, with a rounding for each row.
  public let multiplyWide: @Sendable (TileProduct, (Int) -> WideRounding) -> Void
  /// Absolute values, in place if wished: source, destination, count.
  public let absolute: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  /// Squares, in place if wished: source, destination, count.
  public let square: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  /// Larger values, in place if wished: first, second, destination, count.
  public let maximum:
    @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  /// Divides a row; takes source, divisor, destination and count of values.
  public let divideRow:
    @Sendable (UnsafePointer<Float>, Float, UnsafeMutablePointer<Float>, Int) -> Void
  /// Multiplies a row, in place if wished: source, factor, destination, count.
  public let scaleRow:
    @Sendable (UnsafePointer<Float>, Float, UnsafeMutablePointer<Float>, Int) -> Void
  /// Multiplies two rows, in place if wished: first, second, destination, count.
  public let multiplyRows:
    @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  /// √(a² + b²), in place if wished: first, second, destination, count.
  public let magnitude:
    @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void

  // MARK: Rows: values by rank

  /// Chooses medians of windows of 3 × 3 or 5 × 5 bytes; takes the size of windows too.
  public let medianU8: @Sendable (WindowRanks<UInt8>, Int) -> Void
  /// The same for 16-bit values.
  public let medianU16: @Sendable (WindowRanks<UInt16>, Int) -> Void
  /// The same for keys of floats.
  public let medianKeys: @Sendable (WindowRanks<Int32>, Int) -> Void
  /// Chooses values of windows of bytes by comparisons.
  public let selectU8: @Sendable (WindowRanks<UInt8>, SelectionNetwork) -> Void
  /// The same for 16-bit values.
  public let selectU16: @Sendable (WindowRanks<UInt16>, SelectionNetwork) -> Void
  /// The same for keys of floats.
  public let selectKeys: @Sendable (WindowRanks<Int32>, SelectionNetwork) -> Void
  /// Chooses values of windows of bytes by histograms.
  public let rankByHistograms: @Sendable (WindowRanks<UInt8>, HistogramRanks) -> Void
  /// Chooses values of windows of 16-bit values by the order of blocks.
  public let rankBySortingU16: @Sendable (WindowRanks<UInt16>, SortedRanks) -> Void
  /// The same for keys of floats.
  public let rankBySortingKeys: @Sendable (WindowRanks<Int32>, SortedRanks) -> Void
  /// Turns floats into integers in their order, NaN last: source, destination, count.
  public let takeKeys: @Sendable (UnsafePointer<Float>, UnsafeMutablePointer<Int32>, Int) -> Void
  /// Turns such integers into floats: source, destination, count.
  public let takeValues: @Sendable (UnsafePointer<Int32>, UnsafeMutablePointer<Float>, Int) -> Void
  /// Makes one value of each group of values of a patch, in rows as far apart as those of the tile.
  public let reduce: @Sendable (TilePatches, PatchReduction, UnsafeMutablePointer<Float>) -> Void
  /// Brings values into an interval, in place if wished: source, ends, destination, count.
  public let clamp:
    @Sendable (UnsafePointer<Float>, Float, Float, UnsafeMutablePointer<Float>, Int) -> Void

  // MARK: Rows: another size

  /// Resizes rows of bytes.
  public let resizeAlongU8: @Sendable (ResizeAlong<UInt8>) -> Void
  /// Resizes rows of 16-bit values.
  public let resizeAlongU16: @Sendable (ResizeAlong<UInt16>) -> Void
  /// Resizes rows of floats.
  public let resizeAlongF32: @Sendable (ResizeAlong<Float>) -> Void
  /// Sums rows of bytes.
  public let resizeAcrossU8: @Sendable (ResizeAcross<UInt8>) -> Void
  /// Sums rows of 16-bit values.
  public let resizeAcrossU16: @Sendable (ResizeAcross<UInt16>) -> Void
  /// Sums rows of floats.
  public let resizeAcrossF32: @Sendable (ResizeAcross<Float>) -> Void

  // MARK: Rows: statistics

  /// Statistics of a row: values, count.
  public let statistics: @Sendable (UnsafePointer<Float>, Int) -> RowStatistics
  /// Compares two rows of bytes: first, second, count.
  public let differenceU8:
    @Sendable (UnsafePointer<UInt8>, UnsafePointer<UInt8>, Int) -> RowDifference<UInt64>
  /// Compares two rows of 16-bit values: first, second, count.
  public let differenceU16:
    @Sendable (UnsafePointer<UInt16>, UnsafePointer<UInt16>, Int) -> RowDifference<UInt64>
  /// Compares two rows of floats: first, second, count.
  public let differenceF32:
    @Sendable (UnsafePointer<Float>, UnsafePointer<Float>, Int) -> RowDifference<Double>

  /// Instantiates every kernel for a variant.
  ///
  /// Called once in each variant's module, whose compiler flags decide the instructions.
  @inlinable @inline(__always)
  public init<V: Variant>(name: String, for variant: V.Type) {
    self.name = name
    lanes = V.Vector.scalarCount
    convertU8 = { convert(V.self, $0, $1, $2, $3) }
    widenU8 = { widen(V.self, $0, $1, $2) }
    normalizeU16 = { normalize(V.self, $0, $1, $2, $3) }
    normalizeF32 = { normalize(V.self, $0, $1, $2, $3) }
    quantizeToU8 = { quantize(V.self, $0, $1, $2, $3, $4) }
    quantizeToU16 = { quantize(V.self, $0, $1, $2, $3, $4) }
    narrowToF16 = { narrowToFloat16(V.self, $0, $1, $2) }
    narrowToBF16 = { narrowToBFloat16(V.self, $0, $1, $2) }
    preparePixelsU8 = { TesseraKernels.preparePixels(V.self, UInt8.self, $0) }
    preparePixelsU16 = { TesseraKernels.preparePixels(V.self, UInt16.self, $0) }
    normalizePixelsU8 = { normalizePixels(V.self, $0, $1, $2, $3, $4) }
    normalizePixelsU16 = { normalizePixels(V.self, $0, $1, $2, $3, $4) }
    quantizePixelsToU8 = { quantizePixels(V.self, $0, $1, $2, $3, $4) }
    quantizePixelsToU16 = { quantizePixels(V.self, $0, $1, $2, $3, $4) }
    deinterleaveU8 = { deinterleave(V.self, $0, $1, $2, $3) }
    deinterleaveU16 = { deinterleave(V.self, $0, $1, $2, $3) }
    deinterleaveF32 = { deinterleave(V.self, $0, $1, $2, $3) }
    interleaveU8 = { interleave(V.self, $0, $1, $2, $3) }
    interleaveU16 = { interleave(V.self, $0, $1, $2, $3) }
    interleaveF32 = { interleave(V.self, $0, $1, $2, $3) }
    gatherU8 = { gather(V.self, $0) }
    gatherU16 = { gather(V.self, $0) }
    gatherF32 = { gatherFloats(V.self, $0) }
    scatterAddU8 = { scatterAdd(V.self, $0) { UInt32($0) } }
    scatterAddU16 = { scatterAdd(V.self, $0) { UInt32($0) } }
    scatterAddF32 = { scatterAddFloats(V.self, $0) }
    scatterAddF64 = { scatterAdd(V.self, $0) { Double($0) } }
    cutBlocksU8 = { cutBlocks(V.self, $0) }
    cutBlocksU16 = { cutBlocks(V.self, $0) }
    cutBlocksF32 = { cutBlocks(V.self, $0) }
    addBlocksU8 = {
      addBlocks(V.self, $0, { UInt32($0) }, { addEightIntegers(V.self, $0, $1) })
    }
    addBlocksU16 = {
      addBlocks(V.self, $0, { UInt32($0) }, { addEightIntegers(V.self, $0, $1) })
    }
    addBlocksF32 = {
      addBlocks(V.self, $0, { Double($0) }, { addEightFloats(V.self, $0, $1) })
    }
    divideF32 = { divide(V.self, $0) }
    divideF64 = { divide(V.self, $0) }
    divideToU8 = { divide(V.self, $0) }
    divideToU16 = { divide(V.self, $0) }
    transposeU8 = { transpose(V.self, $0) }
    transposeU16 = { transpose(V.self, $0) }
    transposeF32 = { transposeFloats(V.self, $0) }
    subtractMean = { TesseraKernels.subtractMean(V.self, $0) }
    standardize = { TesseraKernels.standardize(V.self, $0) }
    multiply = { TesseraKernels.multiply(V.self, $0) }
    analyseCosines = { TesseraKernels.analyseCosines(V.self, $0) }
    synthesizeCosines = { TesseraKernels.synthesizeCosines(V.self, $0) }
    shrinkCosines = { TesseraKernels.shrinkCosines(V.self, $0, $1) }
    addGram = { TesseraKernels.addGram(V.self, $0) }
    blockStatistics = { TesseraKernels.blockStatistics(V.self, $0) }
    spread = { TesseraKernels.spread(V.self, $0, $1, $2, $3) }
    foldNormalized = { TesseraKernels.foldNormalized(V.self, $0) }
    convolveU8 = { convolveIntegers(V.self, $0) }
    depthwise = { convolveDepthwise(V.self, $0) }
    bank = { convolveBank(V.self, $0) }
    separable = { convolveSeparable(V.self, $0) }
    convolveWide = { TesseraKernels.convolveWide($0, $1, $2) }
    multiplyWide = { TesseraKernels.multiplyWide($0, $1) }
    absolute = { takeAbsolute(V.self, $0, $1, $2) }
    square = { takeSquare(V.self, $0, $1, $2) }
    maximum = { takeMaximum(V.self, $0, $1, $2, $3) }
    divideRow = { TesseraKernels.divideRow(V.self, $0, $1, $2, $3) }
    scaleRow = { TesseraKernels.scaleRow(V.self, $0, $1, $2, $3) }
    multiplyRows = { TesseraKernels.multiplyRows(V.self, $0, $1, $2, $3) }
    magnitude = { takeMagnitude(V.self, $0, $1, $2, $3) }
    medianU8 = { chooseMedians(V.self, V.Bytes.self, $0, $1) }
    medianU16 = { chooseMedians(V.self, V.Shorts.self, $0, $1) }
    medianKeys = { chooseMedians(V.self, V.Keys.self, $0, $1) }
    selectU8 = { selectRanks(V.self, V.Bytes.self, $0, $1) }
    selectU16 = { selectRanks(V.self, V.Shorts.self, $0, $1) }
    selectKeys = { selectRanks(V.self, V.Keys.self, $0, $1) }
    rankByHistograms = { TesseraKernels.rankByHistograms(V.self, $0, $1) }
    rankBySortingU16 = { rankBySorting(V.self, $0, $1) }
    rankBySortingKeys = { rankBySorting(V.self, $0, $1) }
    takeKeys = { TesseraKernels.takeKeys(V.self, $0, $1, $2) }
    takeValues = { TesseraKernels.takeValues(V.self, $0, $1, $2) }
    reduce = { reducePatches(V.self, $0, $1, $2) }
    clamp = { clampRow(V.self, $0, $1, $2, $3, $4) }
    resizeAlongU8 = { resizeAlong(V.self, $0) }
    resizeAlongU16 = { resizeAlong(V.self, $0) }
    resizeAlongF32 = { resizeAlong(V.self, $0) }
    resizeAcrossU8 = { resizeAcross(V.self, $0) }
    resizeAcrossU16 = { resizeAcross(V.self, $0) }
    resizeAcrossF32 = { resizeAcross(V.self, $0) }
    statistics = { TesseraKernels.statistics(V.self, $0, $1) }
    differenceU8 = { difference(V.self, $0, $1, $2) }
    differenceU16 = { difference(V.self, $0, $1, $2) }
    differenceF32 = { difference(V.self, $0, $1, $2) }
  }
}
