public import CTesseraStream

extension TileGather {
  /// Columns of the window that are collected at once: a line of floats.
  @inlinable @inline(__always)
  static var stagedColumns: Int { 16 }

  /// Rows of blocks that a call should take for a tile that is written past the caches: as many as
  /// leave the collected columns in a third of a first-level cache.
  ///
  /// Twice as many took 10 to 20 % longer, though pieces of the tile's rows were longer.
  public static func streamedRows(blockCount: Int) -> Int {
    max(16_384 / (stagedColumns * MemoryLayout<E>.stride * max(blockCount, 1)), 1)
  }

  /// Values of working memory for writing past the caches.
  public static func stageCount(blockCount: Int, blockRows: Int) -> Int {
    stagedColumns * blockCount * blockRows
  }
}

/// Unfolds values of any type past the caches.
///
/// Stores that bypass the caches must fill whole lines, which the columns of a window do not begin
/// at: so they are collected in `stage` first, and a row of the tile is written in one piece for all
/// rows of blocks. Ordinary stores would make the processor read every line before it writes it:
/// 2.2 times as long at stride 1, 1.7 times at k = s = 16.
@inlinable @inline(__always)
func gatherStreamed<V: Variant, E: BitwiseCopyable>(
  _ variant: V.Type, _ run: TileGather<E>, _ stage: UnsafeMutablePointer<E>,
  _ collect: (UnsafePointer<E>, Range<Int>, UnsafeMutablePointer<E>, Int) -> Void
) {
  let length = run.blockCount &* run.blockRows
  for row in 0..<run.rowCount {
    var column = 0
    while column < run.kernelWidth {
      let columns = column..<min(column &+ TileGather<E>.stagedColumns, run.kernelWidth)
      for blockRow in 0..<run.blockRows {
        let source = run.rows[blockRow &* run.rowCount &+ row]
        collect(source, columns, stage + blockRow &* run.blockCount, length)
      }
      for index in 0..<columns.count {
        // While stores wait for memory, loads can.
        if columns.upperBound == run.kernelWidth && row &+ 1 < run.rowCount {
          prefetch(variant, run, row &+ 1, part: index, of: columns.count)
        }
        let line = run.tile + (row &* run.kernelWidth &+ column &+ index) &* run.pitch
        stream(variant, to: line, from: stage + index &* length, count: length)
      }
      column = columns.upperBound
    }
  }
  endStreaming(variant)
}

/// Copies some columns of the window from every block of a row of blocks.
@inlinable @inline(__always)
func collect<V: Variant, E>(
  _ variant: V.Type, _ run: TileGather<E>, _ source: UnsafePointer<E>, _ columns: Range<Int>,
  _ line: UnsafeMutablePointer<E>, _ pitch: Int
) {
  var (column, target) = (columns.lowerBound, line)
  while column &+ 4 <= columns.upperBound {
    gatherFourColumns(variant, run, column, source, target, pitch)
    column &+= 4
    target += 4 &* pitch
  }
  while column < columns.upperBound {
    gatherColumn(variant, run, column, source, target)
    column &+= 1
    target += pitch
  }
}

/// Copies some columns of floats, by transposes where there are 4 of them.
@inlinable @inline(__always)
func collectFloats<V: Variant>(
  _ variant: V.Type, _ run: TileGather<Float>, _ source: UnsafePointer<Float>,
  _ columns: Range<Int>, _ line: UnsafeMutablePointer<Float>, _ pitch: Int
) {
  guard columns.count >= 4 else { return collect(variant, run, source, columns, line, pitch) }
  var next = columns.lowerBound
  while next < columns.upperBound {
    let column = min(next, columns.upperBound &- 4)
    let target = line + (column &- columns.lowerBound) &* pitch
    transposeColumns(variant, run, column, source, target, pitch)
    next &+= 4
  }
}

/// Asks for a part of an image row under every row of blocks.
@inlinable @inline(__always)
func prefetch<V: Variant, E>(
  _ variant: V.Type, _ run: TileGather<E>, _ row: Int, part: Int, of parts: Int
) {
  let span = run.starts[run.blockCount &- 1] &- run.starts[0] &+ run.kernelWidth &* run.dilation
  let lines = (span &* MemoryLayout<E>.stride &+ 63) / 64
  let range = (lines &* part / parts)..<(lines &* (part &+ 1) / parts)
  for blockRow in 0..<run.blockRows {
    let first = UnsafeRawPointer(run.rows[blockRow &* run.rowCount &+ row] + run.starts[0])
    for line in range { tessera_prefetch(first + 64 &* line) }
  }
}
