#if arch(x86_64)
  public import TesseraKernels

  /// x86-64-v4: the AVX-512 that every server processor with it has.
  public enum AVX512: Variant {
    /// 512 bits.
    public typealias Vector = SIMD16<Float>
    /// Two vectors.
    public typealias Two = Joined<Single<AVX512>, Single<AVX512>>
    /// Four vectors: 16 of 32 registers hold four sums.
    public typealias Wide = Joined<Two, Two>
    /// Two vectors: 24 of 32 registers hold twelve sums.
    public typealias Narrow = Two
    /// 512 bits.
    public typealias Words = SIMD32<Int16>
    /// 512 bits.
    public typealias Bytes = Bytes64
    /// 512 bits.
    public typealias Shorts = Shorts32
    /// 512 bits.
    public typealias Keys = Keys16
    /// Yes.
    @inlinable @inline(__always) public static var fusesMultiplyAdd: Bool { true }
  }

  extension KernelSet {
    /// The kernels for x86-64-v4.
    ///
    /// Calling them on a lesser processor is an illegal instruction.
    public static let avx512 = KernelSet(name: "avx512", for: AVX512.self)
  }
#endif
