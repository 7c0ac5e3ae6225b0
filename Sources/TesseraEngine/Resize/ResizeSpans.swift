import TesseraKernels

/// Which pixels each pixel that is kept of a resized axis is made of.
package struct ResizeSpans: Sendable {
  /// The first pixel of each sum, counted from the first that is given.
  package private(set) var starts: [Int] = []
  /// Where the weights of each sum begin, and where the last ones end.
  package private(set) var offsets = [0]

  package init(_ axis: ResizeAxis) {
    starts.reserveCapacity(axis.kept.count)
    offsets.reserveCapacity(axis.kept.count + 1)
    if axis.filter == .nearest {
      addNearest(axis)
    } else {
      for pixel in axis.kept { append(axis.window(of: pixel).sources, axis) }
    }
  }

  /// The pixels that a sum is made of.
  package func sources(of sum: Int) -> Range<Int> {
    starts[sum]..<starts[sum] + offsets[sum + 1] - offsets[sum]
  }

  /// The pixels that some sums are made of.
  package func sources(of sums: Range<Int>) -> Range<Int> {
    guard let last = sums.last else { return 0..<0 }
    return starts[sums.lowerBound]..<sources(of: last).upperBound
  }

  /// How many weights there are.
  var weightCount: Int { offsets[offsets.count - 1] }

  /// Bytes of the weights, and of what they are made from.
  func weightBytes<E: ResizedElement>(as type: E.Type) -> Int {
    weightCount * (MemoryLayout<E.Weight>.stride + MemoryLayout<Double>.stride)
  }

  var byteCount: Int { (starts.count + offsets.count) * MemoryLayout<Int>.stride }

  private mutating func append(_ sources: Range<Int>, _ axis: ResizeAxis) {
    starts.append(sources.lowerBound - axis.first)
    offsets.append(weightCount + sources.count)
  }

  private mutating func addNearest(_ axis: ResizeAxis) {
    let scale = axis.extent / Double(axis.target)
    // Adding up, as Pillow does, gives another pixel here and there than a product would.
    var place = scale * 0.5
    for pixel in 0..<axis.target {
      let source = min(Int(place), axis.source - 1)
      if axis.kept.contains(pixel) { append(source..<source + 1, axis) }
      place += scale
    }
  }
}

extension ResizeAxis {
  /// Where the middle of a pixel lies among those that there are, and which of these it is made of.
  typealias Window = (center: Double, sources: Range<Int>)

  /// What a pixel is made of; for filters that weigh more than one.
  func window(of pixel: Int) -> Window {
    switch precision {
    case .double:
      let scale = extent / Double(target)
      let support = filter.support * max(scale, 1)
      let center = origin + (Double(pixel) + 0.5) * scale
      return (center, sources(from: center - support, to: center + support))
    case .single:
      let scale = Float(extent) / Float(target)
      let support = max(scale, 1) * Float(filter.support)
      let center = Float(origin + Double(scale) * (Double(pixel) + 0.5))
      return (
        Double(center), sources(from: Double(center - support), to: Double(center + support))
      )
    }
  }

  private func sources(from start: Double, to end: Double) -> Range<Int> {
    let first = max(Int(start + 0.5), 0)
    return first..<max(min(Int(end + 0.5), source), first)
  }
}
