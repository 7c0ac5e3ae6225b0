import TesseraCore
import TesseraKernels

/// A pass within rows, prepared; weights are made for each image.
struct AlongPass<E: ResizedElement & Element>: PreparedStep {
  let unitCount: Int
  let axis: ResizeAxis
  let spans: ResizeSpans
  let pieces: ResizePieces
  let width: Int
  let pixel: Int
  let givesPlanes: Bool
  let tools: RunTools
  let kernel: @Sendable (ResizeAlong<E>) -> Void

  init(
    _ work: ResizePass, from input: RowFlow, to output: RowFlow, _ tools: RunTools,
    _ kernel: @escaping @Sendable (ResizeAlong<E>) -> Void
  ) {
    unitCount = output.height
    axis = work.axis
    width = input.format.width
    pixel = input.format.valuesPerPixel
    spans = ResizeSpans(axis)
    let streams = pixel == 1 ? ResizeAlong<E>.mostSets : pixel
    pieces = ResizePieces(
      spans, columnBytes: streams * E.resizedLanes * MemoryLayout<E.Column>.stride)
    givesPlanes = work.givesPlanes
    self.tools = tools
    self.kernel = kernel
  }

  var tableBytes: Int { spans.byteCount + pieces.byteCount }

  var stepBytes: Int { PreparedWeights<E>.byteCount(spans) }

  /// Twice what is summed at once.
  var preferredUnits: Int { 2 * E.resizedLanes }

  func scratchBytes(for rows: Int) -> Int { scratchBytes }

  var scratchBytes: Int {
    ResizeAlong<E>.scratchBytes(
      pixel: pixel, targets: pieces.mostTargets, sources: pieces.mostSources)
  }

  func step() -> any RowStep { AlongStep(self) }
}

/// A pass within rows of one image.
private final class AlongStep<E: ResizedElement & Element>: RowStep {
  private let pass: AlongPass<E>
  private let weights: PreparedWeights<E>

  init(_ pass: AlongPass<E>) {
    self.pass = pass
    weights = PreparedWeights(pass.axis, pass.spans, pieces: pass.pieces.bounds)
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let lanes = E.resizedLanes
    let pixel = pass.pixel
    let streams = pixel == 1 ? ResizeAlong<E>.mostSets : pixel
    pass.tools.scratch.with(pass.scratchBytes, of: UInt8.self) { scratch in
      withUnsafeTemporaryAllocation(of: UnsafePointer<E>.self, capacity: lanes * streams) {
        sources in
        withUnsafeTemporaryAllocation(
          of: UnsafeMutablePointer<E>.self, capacity: lanes * streams
        ) { targets in
          weights.withTable { table in
            make(
              rows, from: input, into: output,
              ResizeAlong(
                rows: UnsafePointer(sources.first), outputs: UnsafePointer(targets.first),
                width: pass.width, pixel: pixel, parts: pass.givesPlanes, axis: table,
                scratch: scratch),
              sources, targets)
          }
        }
      }
    }
  }

  /// Lanes are rows of any channel: where there are few rows, those of all of them.
  private func make(
    _ rows: Range<Int>, from input: RowWindow, into output: RowWindow, _ job: ResizeAlong<E>,
    _ sources: UnsafeMutableBufferPointer<UnsafePointer<E>>,
    _ targets: UnsafeMutableBufferPointer<UnsafeMutablePointer<E>>
  ) {
    let (lanes, channels) = (E.resizedLanes, input.format.channels)
    let (pixel, givesPlanes) = (pass.pixel, pass.givesPlanes)
    let count = rows.count * channels
    var first = 0
    while first < count, !input.isCancelled {
      let sets = pixel == 1 ? min((count - first + lanes - 1) / lanes, ResizeAlong<E>.mostSets) : 1
      for lane in 0..<sets * lanes {
        // Lanes beyond the last row do its work once more.
        let index = min(first + lane, count - 1)
        let (row, channel) = (rows.lowerBound + index / channels, index % channels)
        sources[lane] = UnsafePointer(input.row(row, channel: channel, as: E.self))
        for plane in 0..<(givesPlanes ? pixel : 1) {
          targets[plane * lanes + lane] = output.row(
            row, channel: givesPlanes ? plane : channel, as: E.self)
        }
      }
      var job = job
      job.sets = sets
      job.parts = givesPlanes || sets > 1
      pass.kernel(job)
      first += sets * lanes
    }
  }
}
