import TesseraCore
import TesseraKernels

/// An integer that stands for a value of an image where values are put in order.
package protocol RankedElement: FixedWidthInteger & BitwiseCopyable & Sendable {
  /// The value.
  associatedtype Stored: Element
  /// Lines that a network writes where it takes as long as the other way, with vectors of 32 bytes:
  /// measured on a Zen 4.
  static var mostCost: Int { get }

  /// Chooses medians of windows of 3 × 3 or 5 × 5.
  static func chooseMedians(_ job: WindowRanks<Self>, size: Int, with kernels: KernelSet)
  /// Chooses values by comparisons.
  static func select(
    _ job: WindowRanks<Self>, by network: SelectionNetwork, with kernels: KernelSet)
  /// The other way, for large windows and narrow rows.
  static func way(_ window: Size, rank: Int, of results: Size) -> RankMethod<Self>.Way
  /// Chooses values by the order of blocks.
  static func sort(_ job: WindowRanks<Self>, _ ranks: SortedRanks, with kernels: KernelSet)
  /// Chooses values by histograms.
  static func count(_ job: WindowRanks<Self>, _ ranks: HistogramRanks, with kernels: KernelSet)
  /// Puts integers for values.
  static func take(
    _ values: UnsafePointer<Stored>, _ integers: UnsafeMutablePointer<Self>, _ count: Int,
    with kernels: KernelSet)
  /// Puts values for integers.
  static func give(
    _ integers: UnsafePointer<Self>, _ values: UnsafeMutablePointer<Stored>, _ count: Int,
    with kernels: KernelSet)
}

extension RankedElement {
  package static func way(_ window: Size, rank: Int, of results: Size) -> RankMethod<Self>.Way {
    .sorting(SortedRanks(height: window.height, width: window.width, rank: rank, of: results))
  }

  package static func count(
    _ job: WindowRanks<Self>, _ ranks: HistogramRanks, with kernels: KernelSet
  ) {
    preconditionFailure("only bytes are counted")
  }
}

extension RankedElement where Stored == Self {
  package static func take(
    _ values: UnsafePointer<Self>, _ integers: UnsafeMutablePointer<Self>, _ count: Int,
    with kernels: KernelSet
  ) {
    integers.update(from: values, count: count)
  }

  package static func give(
    _ integers: UnsafePointer<Self>, _ values: UnsafeMutablePointer<Self>, _ count: Int,
    with kernels: KernelSet
  ) {
    values.update(from: integers, count: count)
  }
}

extension UInt8: RankedElement {
  package typealias Stored = UInt8
  package static var mostCost: Int { 600 }

  package static func chooseMedians(_ job: WindowRanks<UInt8>, size: Int, with kernels: KernelSet) {
    kernels.medianU8(job, size)
  }

  package static func select(
    _ job: WindowRanks<UInt8>, by network: SelectionNetwork, with kernels: KernelSet
  ) {
    kernels.selectU8(job, network)
  }

  package static func way(_ window: Size, rank: Int, of results: Size) -> RankMethod<UInt8>.Way {
    .histograms(HistogramRanks(height: window.height, width: window.width, rank: rank))
  }

  package static func sort(
    _ job: WindowRanks<UInt8>, _ ranks: SortedRanks, with kernels: KernelSet
  ) {
    preconditionFailure("bytes are counted, not sorted")
  }

  package static func count(
    _ job: WindowRanks<UInt8>, _ ranks: HistogramRanks, with kernels: KernelSet
  ) {
    kernels.rankByHistograms(job, ranks)
  }
}

extension UInt16: RankedElement {
  package typealias Stored = UInt16
  package static var mostCost: Int { 900 }

  package static func chooseMedians(_ job: WindowRanks<UInt16>, size: Int, with kernels: KernelSet)
  {
    kernels.medianU16(job, size)
  }

  package static func select(
    _ job: WindowRanks<UInt16>, by network: SelectionNetwork, with kernels: KernelSet
  ) {
    kernels.selectU16(job, network)
  }

  package static func sort(
    _ job: WindowRanks<UInt16>, _ ranks: SortedRanks, with kernels: KernelSet
  ) {
    kernels.rankBySortingU16(job, ranks)
  }
}

/// The keys of floats.
extension Int32: RankedElement {
  package typealias Stored = Float
  package static var mostCost: Int { 500 }

  package static func chooseMedians(_ job: WindowRanks<Int32>, size: Int, with kernels: KernelSet) {
    kernels.medianKeys(job, size)
  }

  package static func select(
    _ job: WindowRanks<Int32>, by network: SelectionNetwork, with kernels: KernelSet
  ) {
    kernels.selectKeys(job, network)
  }

  package static func sort(
    _ job: WindowRanks<Int32>, _ ranks: SortedRanks, with kernels: KernelSet
  ) {
    kernels.rankBySortingKeys(job, ranks)
  }

  package static func take(
    _ values: UnsafePointer<Float>, _ integers: UnsafeMutablePointer<Int32>, _ count: Int,
    with kernels: KernelSet
  ) {
    kernels.takeKeys(values, integers, count)
  }

  package static func give(
    _ integers: UnsafePointer<Int32>, _ values: UnsafeMutablePointer<Float>, _ count: Int,
    with kernels: KernelSet
  ) {
    kernels.takeValues(integers, values, count)
  }
}
