extension SelectionNetwork {
  /// Columns of the result that are made at once: as many as keep all lines in the first cache.
  ///
  /// - Parameters:
  ///   - lanes: values of a vector.
  ///   - bytes: those of a vector.
  /// - Returns: a multiple of `lanes`.
  @inlinable @inline(__always)
  func columns(lanes: Int, bytes: Int) -> Int {
    max(4, min(16, 24_576 / (bytes &* lineCount))) &* lanes
  }

  /// Values from one line to the next.
  @inlinable @inline(__always)
  func pitch(lanes: Int, bytes: Int, step: Int) -> Int {
    columns(lanes: lanes, bytes: bytes) &+ (width &- 1) &* step &+ 2 &* lanes
  }

  /// Values of working memory.
  ///
  /// - Parameters:
  ///   - lanes: values of a vector.
  ///   - bytes: those of a vector.
  ///   - step: values from one column of a window to the next.
  /// - Returns: how many a call works in.
  public func scratchCount(lanes: Int, bytes: Int, step: Int) -> Int {
    (lineCount - height) * pitch(lanes: lanes, bytes: bytes, step: step)
  }
}

/// Chooses one value of every window by comparisons of whole lines; rows are at least as wide as a vector.
@inlinable @inline(__always)
func selectRanks<V: Variant, O: OrderedVector>(
  _ variant: V.Type, _ vector: O.Type, _ job: WindowRanks<O.Scalar>, _ network: SelectionNetwork
) {
  let bytes = O.count &* MemoryLayout<O.Scalar>.stride
  let (height, columns) = (network.height, network.columns(lanes: O.count, bytes: bytes))
  let pitch = network.pitch(lanes: O.count, bytes: bytes, step: job.step)
  withUnsafeTemporaryAllocation(
    of: UnsafeMutablePointer<O.Scalar>.self, capacity: network.lineCount
  ) { lines in
    let lines = lines.first
    for line in height..<network.lineCount {
      lines[line] = job.scratch + (line &- height) &* pitch
    }
    network.steps.withUnsafeBufferPointer { steps in
      let steps = steps.first()
      let count = network.steps.count
      let length = min(columns, job.width)
      for row in 0..<job.outputRows {
        var x = 0
        while x < job.width {
          let column = min(x, job.width &- length)
          // Rows of the image are only read.
          for line in 0..<height {
            lines[line] = UnsafeMutablePointer(mutating: job.rows[row &+ line] + column)
          }
          var index = 0
          while index < count {
            compareLines(variant, vector, steps + index, lines, job.step, length)
            index &+= 1
          }
          (job.outputs[row] + column).update(from: lines[network.result], count: length)
          x &+= length
        }
      }
    }
  }
}

/// Does one step.
@inlinable @inline(__always)
func compareLines<V: Variant, O: OrderedVector>(
  _ variant: V.Type, _ vector: O.Type, _ step: UnsafePointer<SelectionNetwork.Step>,
  _ lines: UnsafeMutablePointer<UnsafeMutablePointer<O.Scalar>>, _ distance: Int, _ length: Int
) {
  let first = lines[step.pointee.first] + step.pointee.firstShift &* distance
  let second = lines[step.pointee.second] + step.pointee.secondShift &* distance
  let count = length &+ step.pointee.reach &* distance
  // Behind a row of the image there may be nothing, behind other lines there is room for a vector.
  let last = step.pointee.readsImage ? count &- O.count : count
  let (lesser, greater) = (step.pointee.lesser, step.pointee.greater)
  var position = 0
  if lesser >= 0 && greater >= 0 {
    let (low, high) = (lines[lesser], lines[greater])
    while position < count {
      let place = min(position, last)
      let (a, b) = (O(at: first + place), O(at: second + place))
      a.lesser(b).store(to: low + place)
      a.greater(b).store(to: high + place)
      position &+= O.count
    }
  } else if lesser >= 0 {
    let low = lines[lesser]
    while position < count {
      let place = min(position, last)
      O(at: first + place).lesser(O(at: second + place)).store(to: low + place)
      position &+= O.count
    }
  } else {
    let high = lines[greater]
    while position < count {
      let place = min(position, last)
      O(at: first + place).greater(O(at: second + place)).store(to: high + place)
      position &+= O.count
    }
  }
}
