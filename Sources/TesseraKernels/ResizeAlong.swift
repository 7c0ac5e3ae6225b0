/// One pass of a resize within rows, for as many rows as are summed at once.
///
/// The rows are transposed a piece at a time, so that one vector holds the same column of all of
/// them: then no sum crosses lanes, and weights are the same for all lanes. Sums run over sources in
/// their order.
public struct ResizeAlong<E: ResizedElement> {
  /// `resizedLanes` pointers for each set to rows of `width` values, with room for `columnsAtOnce` at
  /// least.
  public var rows: UnsafePointer<UnsafePointer<E>>
  /// As many pointers for each set, or for each value of a pixel where they are parted, to rows with
  /// room for as many at least.
  public var outputs: UnsafePointer<UnsafeMutablePointer<E>>
  /// Sets of rows; more than one only where a pixel is one value.
  public var sets: Int
  /// Values of an input row.
  public var width: Int
  /// Values of a pixel, side by side.
  public var pixel: Int
  /// Whether each value of a pixel goes to a row of its own.
  public var parts: Bool
  /// The weights.
  public var axis: ResizeTable<E.Weight>
  /// `scratchBytes` of working memory.
  public var scratch: UnsafeMutableRawPointer

  /// Describes a pass within rows.
  public init(
    rows: UnsafePointer<UnsafePointer<E>>, outputs: UnsafePointer<UnsafeMutablePointer<E>>,
    sets: Int = 1, width: Int, pixel: Int = 1, parts: Bool = false, axis: ResizeTable<E.Weight>,
    scratch: UnsafeMutableRawPointer
  ) {
    self.rows = rows
    self.outputs = outputs
    self.sets = sets
    self.width = width
    self.pixel = pixel
    self.parts = parts || sets > 1
    self.axis = axis
    self.scratch = scratch
  }

  /// The most sets that are worked on at once: three share the loads of weights, as RGB does.
  public static var mostSets: Int { 3 }

  /// Bytes of working memory, where pieces are made of so many pixels, at most, of so many others.
  public static func scratchBytes(pixel: Int, targets: Int, sources: Int) -> Int {
    let (lanes, streams) = (E.resizedLanes, pixel == 1 ? mostSets : pixel)
    let columns = (sources &* streams &+ 2 &* E.columnsAtOnce &* streams) &* lanes
    let sums = targets &* streams &* lanes
    return columns &* MemoryLayout<E.Column>.stride &+ sums &* MemoryLayout<E>.stride
  }

  /// Values that stand side by side in a column.
  @inlinable @inline(__always) var streams: Int { pixel &* sets }
}

/// The weights of one axis as kernels take them.
public struct ResizeTable<Weight> {
  /// The first source pixel of each sum.
  public var starts: UnsafePointer<Int32>
  /// Where the weights of each sum begin, and where the last ones end.
  public var offsets: UnsafePointer<Int32>
  /// The weights, one sum after the other.
  public var weights: UnsafePointer<Weight>
  /// The first sum of each piece, and where the last one ends.
  public var pieces: UnsafePointer<Int32>
  /// Number of pieces.
  public var pieceCount: Int

  /// Describes the weights of an axis.
  public init(
    starts: UnsafePointer<Int32>, offsets: UnsafePointer<Int32>, weights: UnsafePointer<Weight>,
    pieces: UnsafePointer<Int32>, pieceCount: Int
  ) {
    self.starts = starts
    self.offsets = offsets
    self.weights = weights
    self.pieces = pieces
    self.pieceCount = pieceCount
  }

  /// The first source pixel of a sum.
  @inlinable @inline(__always)
  func start(_ sum: Int) -> Int { Int(starts[sum]) }

  /// Source pixels of a sum.
  @inlinable @inline(__always)
  func count(_ sum: Int) -> Int { Int(offsets[sum &+ 1] &- offsets[sum]) }
}

/// Resizes rows.
@inlinable @inline(__always)
func resizeAlong<V: Variant, E: ResizedElement>(_ variant: V.Type, _ job: ResizeAlong<E>) {
  let (lanes, streams) = (E.resizedLanes, job.streams)
  // Squares that would pass the end of the row begin before the piece.
  let before = E.columnsAtOnce &* lanes &* streams
  let columns = job.scratch.assumingMemoryBound(to: E.Column.self) + before
  var piece = 0
  while piece < job.axis.pieceCount {
    let first = Int(job.axis.pieces[piece])
    let count = Int(job.axis.pieces[piece &+ 1]) &- first
    let start = job.axis.start(first)
    let last = first &+ count &- 1
    let end = job.axis.start(last) &+ job.axis.count(last)
    var set = 0
    while set < job.sets {
      takeColumns(
        variant, job, set, start &* job.pixel, end &* job.pixel, into: columns + set &* lanes)
      set &+= 1
    }
    let values = (end &- start &+ E.columnsAtOnce) &* streams
    let sums = UnsafeMutableRawPointer(columns + values &* lanes).assumingMemoryBound(to: E.self)
    sumColumns(variant, job, first, count, from: UnsafePointer(columns), start, into: sums)
    giveRows(variant, job, first, count, from: UnsafePointer(sums))
    piece &+= 1
  }
}

/// Lays values `start..<end` of a set of rows side by side: `lanes` values for each column.
@inlinable @inline(__always)
func takeColumns<V: Variant, E: ResizedElement>(
  _ variant: V.Type, _ job: ResizeAlong<E>, _ set: Int, _ start: Int, _ end: Int,
  into columns: UnsafeMutablePointer<E.Column>
) {
  let lanes = E.resizedLanes
  let rows = job.rows + set &* lanes
  let pitch = job.sets &* lanes
  var position = start
  while position < end {
    let place = max(min(position, job.width &- E.columnsAtOnce), 0)
    let target = columns + (place &- start) &* pitch
    E.takeColumns(from: { rows[$0] + place }, to: { target + $0 &* pitch })
    position &+= E.columnsAtOnce
  }
}

/// Makes some pixels of all rows, as columns of `lanes` values: stream by stream where they are
/// parted, else side by side.
@inlinable @inline(__always)
func sumColumns<V: Variant, E: ResizedElement>(
  _ variant: V.Type, _ job: ResizeAlong<E>, _ first: Int, _ count: Int,
  from columns: UnsafePointer<E.Column>, _ start: Int, into sums: UnsafeMutablePointer<E>
) {
  let (lanes, streams) = (E.resizedLanes, job.streams)
  let nextPixel = job.parts ? lanes : streams &* lanes
  let nextStream = job.parts ? count &* lanes : lanes
  var target = sums
  var sum = first
  while sum < first &+ count {
    let weights = job.axis.weights + Int(job.axis.offsets[sum])
    let taps = job.axis.count(sum)
    let source = columns + (job.axis.start(sum) &- start) &* streams &* lanes
    if streams == 3 {
      sumThree(variant, E.self, source, weights, taps, into: target, nextStream)
    } else {
      var stream = 0
      while stream < streams {
        var total = E.firstSums
        var values = source + stream &* lanes
        var tap = 0
        while tap < taps {
          E.add(column: values, times: weights[tap], to: &total)
          values += streams &* lanes
          tap &+= 1
        }
        E.store(total, to: target + stream &* nextStream)
        stream &+= 1
      }
    }
    target += nextPixel
    sum &+= 1
  }
}

/// Makes one pixel of three streams of all rows.
@inlinable @inline(__always)
func sumThree<V: Variant, E: ResizedElement>(
  _ variant: V.Type, _ type: E.Type, _ source: UnsafePointer<E.Column>,
  _ weights: UnsafePointer<E.Weight>, _ taps: Int, into target: UnsafeMutablePointer<E>,
  _ nextStream: Int
) {
  let lanes = E.resizedLanes
  var (first, second, third) = (E.firstSums, E.firstSums, E.firstSums)
  var values = source
  var tap = 0
  while tap < taps {
    let weight = weights[tap]
    E.add(column: values, times: weight, to: &first)
    E.add(column: values + lanes, times: weight, to: &second)
    E.add(column: values + 2 &* lanes, times: weight, to: &third)
    values += 3 &* lanes
    tap &+= 1
  }
  E.store(first, to: target)
  E.store(second, to: target + nextStream)
  E.store(third, to: target + 2 &* nextStream)
}

/// Lays columns of `lanes` values into the rows that they belong to.
@inlinable @inline(__always)
func giveRows<V: Variant, E: ResizedElement>(
  _ variant: V.Type, _ job: ResizeAlong<E>, _ first: Int, _ count: Int,
  from sums: UnsafePointer<E>
) {
  let lanes = E.resizedLanes
  let parts = job.parts ? job.streams : 1
  let values = job.parts ? count : count &* job.pixel
  let place = job.parts ? first : first &* job.pixel
  var part = 0
  while part < parts {
    let source = sums + part &* values &* lanes
    let rows = job.outputs + part &* lanes
    var position = 0
    while position < values {
      if values >= E.columnsAtOnce {
        // The last square is moved back to end with the piece.
        let column = min(position, values &- E.columnsAtOnce)
        E.giveRows(
          from: { source + (column &+ $0) &* lanes }, to: { rows[$0] + (place &+ column) })
        position &+= E.columnsAtOnce
      } else {
        var row = 0
        while row < lanes {
          rows[row][place &+ position] = source[position &* lanes &+ row]
          row &+= 1
        }
        position &+= 1
      }
    }
    part &+= 1
  }
}
