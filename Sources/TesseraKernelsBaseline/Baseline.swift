public import TesseraKernels

/// The instruction set that every processor of the architecture has: SSE2, or NEON.
public enum Baseline: Variant {
  /// 128 bits.
  public typealias Vector = SIMD4<Float>
  /// Two vectors: 8 of 16 registers hold four sums.
  public typealias Wide = Joined<Single<Baseline>, Single<Baseline>>
  /// One vector: 12 of 16 registers hold twelve sums.
  public typealias Narrow = Single<Baseline>
  /// 128 bits.
  public typealias Words = SIMD8<Int16>
  /// 128 bits.
  public typealias Bytes = Bytes16
  /// 128 bits.
  public typealias Shorts = Shorts8
  /// 128 bits.
  public typealias Keys = Keys4
  /// No: without the instruction it is a call of the C library, 25 times slower.
  @inlinable @inline(__always) public static var fusesMultiplyAdd: Bool { false }
}

extension KernelSet {
  /// The kernels that run everywhere.
  public static let baseline = KernelSet(name: "baseline", for: Baseline.self)
}
