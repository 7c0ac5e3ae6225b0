/// A run of blocks, to be cut out of image rows and laid one after the other.
///
/// Unlike in a tile, a block's values lie side by side, so that each row of a window is one copy: the
/// layout for values that are only moved.
public struct BlockCut<E> {
  /// For each channel and window row, in the order c·kH + i, the image row under it; `rowCount`
  /// pointers.
  public var rows: UnsafePointer<UnsafePointer<E>>
  /// Channels × kernel height.
  public var rowCount: Int
  /// The first column of each block, relative to the row pointers.
  public var starts: UnsafePointer<Int>
  /// Blocks of the run.
  public var blockCount: Int
  /// Columns of the window, next to each other.
  public var kernelWidth: Int
  /// Room for `blockCount` × `rowCount` × `kernelWidth` values.
  public var blocks: UnsafeMutablePointer<E>

  /// Describes a run of blocks.
  public init(
    rows: UnsafePointer<UnsafePointer<E>>, rowCount: Int, starts: UnsafePointer<Int>,
    blockCount: Int, kernelWidth: Int, blocks: UnsafeMutablePointer<E>
  ) {
    self.rows = rows
    self.rowCount = rowCount
    self.starts = starts
    self.blockCount = blockCount
    self.kernelWidth = kernelWidth
    self.blocks = blocks
  }
}

/// A run of blocks as `BlockCut` lays them, to be added back to image rows in ascending order.
public struct BlockAddition<E, Sum> {
  /// `blockCount` × `rowCount` × `kernelWidth` values.
  public var blocks: UnsafePointer<E>
  /// For each channel and window row, in the order c·kH + i, the sums of the image row under it;
  /// `nil` stands for a row outside the image.
  public var accumulators: UnsafePointer<UnsafeMutablePointer<Sum>?>
  /// Channels × kernel height.
  public var rowCount: Int
  /// The first column of each block.
  ///
  /// Columns outside `0..<width` are left out.
  public var starts: UnsafePointer<Int>
  /// Blocks of the run.
  public var blockCount: Int
  /// Columns of the window, next to each other.
  public var kernelWidth: Int
  /// Columns of the image.
  public var width: Int

  /// Describes a run of blocks.
  public init(
    blocks: UnsafePointer<E>, accumulators: UnsafePointer<UnsafeMutablePointer<Sum>?>,
    rowCount: Int, starts: UnsafePointer<Int>, blockCount: Int, kernelWidth: Int, width: Int
  ) {
    self.blocks = blocks
    self.accumulators = accumulators
    self.rowCount = rowCount
    self.starts = starts
    self.blockCount = blockCount
    self.kernelWidth = kernelWidth
    self.width = width
  }
}

/// Cuts blocks, 16 bytes at a time; the last ones of a row are moved back to end with it.
@inlinable @inline(__always)
func cutBlocks<V: Variant, E: BitwiseCopyable>(_ variant: V.Type, _ run: BlockCut<E>) {
  let bytes = run.kernelWidth &* MemoryLayout<E>.stride
  var target = UnsafeMutableRawPointer(run.blocks)
  var block = 0
  while block < run.blockCount {
    let start = run.starts[block]
    var row = 0
    while row < run.rowCount {
      let source = UnsafeRawPointer(run.rows[row] + start)
      var offset = 0
      if bytes >= 16 {
        while offset < bytes {
          let place = min(offset, bytes &- 16)
          let piece = (source + place).loadUnaligned(as: SIMD16<UInt8>.self)
          (target + place).storeBytes(of: piece, as: SIMD16<UInt8>.self)
          offset &+= 16
        }
      } else {
        while offset < bytes {
          (target + offset).storeBytes(
            of: (source + offset).load(as: UInt8.self), as: UInt8.self)
          offset &+= 1
        }
      }
      target += bytes
      row &+= 1
    }
    block &+= 1
  }
}

/// Adds blocks to sums.
///
/// All rows of a block before the next one: a row of sums that was just written is not read again at
/// once, which would wait for the stores.
@inlinable @inline(__always)
func addBlocks<V: Variant, E, Sum: AdditiveArithmetic>(
  _ variant: V.Type, _ run: BlockAddition<E, Sum>, _ widen: (E) -> Sum,
  _ addEight: (UnsafePointer<E>, UnsafeMutablePointer<Sum>) -> Void
) {
  var source = run.blocks
  var block = 0
  while block < run.blockCount {
    let start = run.starts[block]
    let first = max(0, 0 &- start)
    let end = min(run.kernelWidth, run.width &- start)
    var row = 0
    while row < run.rowCount {
      if let sums = run.accumulators[row] {
        let target = sums + start
        var column = first
        while column &+ 8 <= end {
          addEight(source + column, target + column)
          column &+= 8
        }
        while column < end {
          target[column] = target[column] + widen(source[column])
          column &+= 1
        }
      }
      source += run.kernelWidth
      row &+= 1
    }
    block &+= 1
  }
}

/// Adds eight integers to eight sums.
///
/// LLVM makes one conversion of the lanes' own ones; of a loop over memory it makes a slow start and
/// a slow end, and a window's row is not much more than that.
@inlinable @inline(__always)
func addEightIntegers<V: Variant, E: FixedWidthInteger & SIMDScalar & BitwiseCopyable>(
  _ variant: V.Type, _ source: UnsafePointer<E>, _ sums: UnsafeMutablePointer<UInt32>
) {
  let values = UnsafeRawPointer(source).loadUnaligned(as: SIMD8<E>.self)
  var wide = SIMD8<UInt32>()
  for lane in 0..<8 { wide[lane] = UInt32(truncatingIfNeeded: values[lane]) }
  let target = UnsafeMutableRawPointer(sums)
  let sum = target.loadUnaligned(as: SIMD8<UInt32>.self) &+ wide
  target.storeBytes(of: sum, as: SIMD8<UInt32>.self)
}

/// Adds eight floats to eight double sums.
@inlinable @inline(__always)
func addEightFloats<V: Variant>(
  _ variant: V.Type, _ source: UnsafePointer<Float>, _ sums: UnsafeMutablePointer<Double>
) {
  let values = UnsafeRawPointer(source).loadUnaligned(as: SIMD8<Float>.self)
  let target = UnsafeMutableRawPointer(sums)
  let sum = target.loadUnaligned(as: SIMD8<Double>.self) + SIMD8<Double>(values)
  target.storeBytes(of: sum, as: SIMD8<Double>.self)
}
