import TesseraCore
import TesseraKernels

/// A pass within rows, prepared; it keeps nothing of an image.
final class AlongStep<E: ResizedElement & Element>: PreparedStep, RowStep {
  let unitCount: Int
  private let weights: PreparedWeights<E>
  private let width: Int
  private let pixel: Int
  private let givesPlanes: Bool
  private let tools: RunTools
  private let kernel: @Sendable (ResizeAlong<E>) -> Void

  init(
    _ work: ResizePass, _ weights: ResizeWeights, from input: RowFlow, to output: RowFlow,
    _ tools: RunTools, _ kernel: @escaping @Sendable (ResizeAlong<E>) -> Void
  ) {
    unitCount = output.height
    width = input.format.width
    pixel = input.format.valuesPerPixel
    self.weights = PreparedWeights(weights, pixel: pixel)
    givesPlanes = work.givesPlanes
    self.tools = tools
    self.kernel = kernel
  }

  var tableBytes: Int { weights.byteCount }

  /// Twice what is summed at once.
  var preferredUnits: Int { 2 * E.resizedLanes }

  func scratchBytes(for rows: Int) -> Int {
    ResizeAlong<E>.scratchBytes(
      pixel: pixel, targets: weights.mostTargets, sources: weights.mostSources)
  }

  func step() -> any RowStep { self }

  func make(_ rows: Range<Int>, from input: RowWindow, into output: RowWindow) {
    let lanes = E.resizedLanes
    let streams = pixel == 1 ? ResizeAlong<E>.mostSets : pixel
    let room = scratchBytes(for: rows.count)
    tools.scratch.with(room, of: UInt8.self) { scratch in
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
                width: width, pixel: pixel, parts: givesPlanes, axis: table, scratch: scratch),
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
      kernel(job)
      first += sets * lanes
    }
  }
}
