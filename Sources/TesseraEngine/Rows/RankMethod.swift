import TesseraCore
import TesseraKernels

/// How the values of one rank are chosen from windows of one size: all ways give the same values.
package struct RankMethod<E: RankedElement>: Sendable {
  /// One of the ways.
  package enum Way: Sendable {
    /// Comparisons that are written out, for medians of 3 × 3 and 5 × 5.
    case medians(Int)
    /// Comparisons of whole lines, for small windows.
    case network(SelectionNetwork)
    /// Histograms of columns: the time does not grow with the window.
    case histograms(HistogramRanks)
    /// The order of blocks: the time grows with the height of the window.
    case sorting(SortedRanks)
  }

  /// The way that is taken.
  package let way: Way
  private let window: Size
  private let step: Int
  private let kernels: KernelSet

  /// Chooses the way that takes the least time.
  ///
  /// - Parameters:
  ///   - window: rows and columns of a window, two values or more.
  ///   - rank: which value, counted from the smallest as 0.
  ///   - results: rows, and values of a row, that are made.
  ///   - step: values from one column of a window to the next; above 1 only where a row is at least
  ///     as wide as a vector.
  ///   - kernels: the arithmetic.
  package init(_ window: Size, rank: Int, of results: Size, step: Int = 1, _ kernels: KernelSet) {
    self.window = window
    self.step = step
    self.kernels = kernels
    let (height, width) = (window.height, window.width)
    way = {
      guard results.width >= Self.lanes(of: kernels) else {
        return E.way(window, rank: rank, of: results)
      }
      if height == width, height == 3 || height == 5, 2 * rank == height * width - 1 {
        return .medians(height)
      }
      if SelectionNetwork.suits(height: height, width: width, rank: rank) {
        let network = SelectionNetwork(height: height, width: width, rank: rank)
        // Vectors of 64 bytes are hardly faster than two of 32 here: lines are read and written.
        if network.cost * 32 <= E.mostCost * min(Self.vectorBytes(of: kernels), 32) {
          return .network(network)
        }
      }
      return E.way(window, rank: rank, of: results)
    }()
  }

  /// Bytes of a vector.
  private static func vectorBytes(of kernels: KernelSet) -> Int {
    kernels.lanes * MemoryLayout<Float>.stride
  }

  /// Values of a vector.
  package static func lanes(of kernels: KernelSet) -> Int {
    vectorBytes(of: kernels) / MemoryLayout<E>.stride
  }

  /// Whether vectors of neighbouring values are compared, whatever they belong to.
  package var comparesVectors: Bool {
    switch way {
    case .medians, .network: true
    case .histograms, .sorting: false
    }
  }

  /// Rows below which too much work is repeated.
  package var preferredRows: Int {
    switch way {
    case .medians, .network, .histograms: 2 * window.height
    case .sorting(let ranks): ranks.preferredRows
    }
  }

  /// Bytes of what all images share.
  package var tableBytes: Int {
    if case .network(let network) = way { network.byteCount } else { 0 }
  }

  /// Values of working memory.
  package var scratchCount: Int {
    let lanes = Self.lanes(of: kernels)
    switch way {
    case .medians(let size):
      return SmallMedians.scratchCount(size: size, lanes: lanes)
    case .network(let network):
      return network.scratchCount(
        lanes: lanes, bytes: Self.vectorBytes(of: kernels), step: step)
    case .histograms(let ranks):
      return ranks.scratchCount
    case .sorting(let ranks):
      let size = MemoryLayout<E>.stride
      return (ranks.scratchBytes + size - 1) / size
    }
  }

  /// Makes some rows.
  ///
  /// - Parameters:
  ///   - rows: those of the input, window height − 1 more than those of the result.
  ///   - outputs: where the result goes.
  ///   - width: values of a row of it.
  ///   - scratch: `scratchCount` values.
  package func make(
    _ rows: [UnsafePointer<E>], into outputs: [UnsafeMutablePointer<E>], width: Int,
    _ scratch: UnsafeMutablePointer<E>
  ) {
    rows.withUnsafeBufferPointer { rows in
      outputs.withUnsafeBufferPointer { outputs in
        let job = WindowRanks(
          rows: rows.first(), outputs: outputs.first(), outputRows: outputs.count, width: width,
          step: step, scratch: scratch)
        switch way {
        case .medians(let size): E.chooseMedians(job, size: size, with: kernels)
        case .network(let network): E.select(job, by: network, with: kernels)
        case .histograms(let ranks): E.count(job, ranks, with: kernels)
        case .sorting(let ranks): E.sort(job, ranks, with: kernels)
        }
      }
    }
  }
}
