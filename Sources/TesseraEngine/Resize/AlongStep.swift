import TesseraCore
import TesseraKernels

/// A pass within rows of one image.
final class AlongStep<E: ResizedElement & Element>: RowStep {
  private let pass: PreparedAlong<E>
  private let weights: [E.Weight]

  init(_ pass: PreparedAlong<E>) {
    self.pass = pass
    weights = pass.tools.weights.weights(of: pass.axis, pass.spans, for: E.self)
  }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let lanes = E.resizedLanes
    let pixel = pass.pixel
    let streams = pixel == 1 ? ResizeAlong<E>.mostSets : pixel
    pass.tools.scratch.with(pass.scratchBytes(for: rows.count), of: UInt8.self) { scratch in
      withUnsafeTemporaryAllocation(of: UnsafePointer<E>.self, capacity: lanes * streams) {
        sources in
        withUnsafeTemporaryAllocation(
          of: UnsafeMutablePointer<E>.self, capacity: lanes * streams
        ) { targets in
          pass.tables.with(weights) { table in
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
        sources[lane] = UnsafePointer(
          input.row(pass.firstRow + row, channel: channel, as: E.self))
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
