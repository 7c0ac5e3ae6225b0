/// Convolves several channels with a bank of filters, 4 output channels × one wide block at a time
/// and no column buffer.
///
/// All filters take a stretch of columns before any takes the next: what they read then stays in
/// the first-level cache.
@inlinable @inline(__always)
func convolveBank<V: Variant>(_ variant: V.Type, _ job: Convolution) {
  // 24 kB of input, but not so little that setting out for it tells.
  let stretch = max(6144 / (job.channels &* job.kernelHeight), 512) & ~63
  for row in 0..<job.outputRows {
    var first = 0
    while first < job.width {
      let rest = job.width &- first
      let width = rest < 2 &* stretch ? rest : stretch
      convolveBank(variant, job, row, first, width)
      first &+= width
    }
  }
}

/// Computes a stretch of one row of all output channels.
@inlinable @inline(__always)
func convolveBank<V: Variant>(
  _ variant: V.Type, _ job: Convolution, _ row: Int, _ first: Int, _ width: Int
) {
  let depth = job.channels &* job.kernelHeight &* job.kernelWidth
  let rows = job.rows + row
  var filter = 0
  while filter < job.filters {
    let targets = job.outputs + (filter &* job.outputRows &+ row)
    let weights = job.weights + filter &* depth
    let bias = job.bias.map { $0 + filter }
    if filter &+ 4 <= job.filters {
      sweep(
        variant, width,
        wide: { convolveFourFilters(V.Wide.self, job, rows, targets, weights, bias, first &+ $0) },
        vector: {
          convolveFourFilters(Single<V>.self, job, rows, targets, weights, bias, first &+ $0)
        },
        lone: { convolveFourFilters(Lone<V>.self, job, rows, targets, weights, bias, first &+ $0) })
      filter &+= 4
    } else {
      sweep(
        variant, width,
        wide: { convolveFilter(V.Wide.self, job, rows, targets[0], weights, bias, first &+ $0) },
        vector: {
          convolveFilter(Single<V>.self, job, rows, targets[0], weights, bias, first &+ $0)
        },
        lone: { convolveFilter(Lone<V>.self, job, rows, targets[0], weights, bias, first &+ $0) })
      filter &+= 1
    }
  }
}

/// Computes one block of one row of 4 output channels.
@inlinable @inline(__always)
func convolveFourFilters<B: ValueBlock>(
  _ block: B.Type, _ job: Convolution, _ rows: UnsafePointer<UnsafePointer<Float>>,
  _ targets: UnsafePointer<UnsafeMutablePointer<Float>>, _ weights: UnsafePointer<Float>,
  _ bias: UnsafePointer<Float>?, _ x: Int
) {
  let depth = job.channels &* job.kernelHeight &* job.kernelWidth
  var sums = FourSums<B>(bias: bias)
  var weight = weights
  var channel = 0
  while channel < job.channels {
    let channelRows = rows + channel &* job.rowsPerChannel
    var i = 0
    while i < job.kernelHeight {
      var source = channelRows[i &* job.dilationHeight] + x
      var j = 0
      while j < job.kernelWidth {
        sums.add(B(at: source), weight, depth)
        weight += 1
        source += job.dilationWidth
        j &+= 1
      }
      i &+= 1
    }
    channel &+= 1
  }
  let pitch = job.outputRows
  sums.first.store(to: targets[0] + x)
  sums.second.store(to: targets[pitch] + x)
  sums.third.store(to: targets[2 &* pitch] + x)
  sums.fourth.store(to: targets[3 &* pitch] + x)
}

/// Computes one block of one row of one output channel.
@inlinable @inline(__always)
func convolveFilter<B: ValueBlock>(
  _ block: B.Type, _ job: Convolution, _ rows: UnsafePointer<UnsafePointer<Float>>,
  _ target: UnsafeMutablePointer<Float>, _ weights: UnsafePointer<Float>,
  _ bias: UnsafePointer<Float>?, _ x: Int
) {
  var sum = B(repeating: bias?.pointee ?? 0)
  var weight = weights
  var channel = 0
  while channel < job.channels {
    let channelRows = rows + channel &* job.rowsPerChannel
    var i = 0
    while i < job.kernelHeight {
      var source = channelRows[i &* job.dilationHeight] + x
      var j = 0
      while j < job.kernelWidth {
        sum.add(B(at: source), times: weight.pointee)
        weight += 1
        source += job.dilationWidth
        j &+= 1
      }
      i &+= 1
    }
    channel &+= 1
  }
  sum.store(to: target + x)
}
