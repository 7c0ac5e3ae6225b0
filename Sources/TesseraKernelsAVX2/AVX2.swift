#if arch(x86_64)
  public import TesseraKernels

  /// x86-64-v3: AVX2 and FMA.
  public enum AVX2: Variant {
    /// 256 bits.
    public typealias Vector = SIMD8<Float>
    /// Three vectors: 12 of 16 registers hold four sums.
    public typealias Wide = Joined<Single<AVX2>, Joined<Single<AVX2>, Single<AVX2>>>
    /// One vector: 12 of 16 registers hold twelve sums.
    public typealias Narrow = Single<AVX2>
    /// 256 bits.
    public typealias Words = SIMD16<Int16>
    /// 256 bits.
    public typealias Bytes = Bytes32
    /// 256 bits.
    public typealias Shorts = Shorts16
    /// 256 bits.
    public typealias Keys = Keys8
    /// Yes.
    @inlinable @inline(__always) public static var fusesMultiplyAdd: Bool { true }
  }

  extension KernelSet {
    /// The kernels for x86-64-v3.
    ///
    /// Calling them on a lesser processor is an illegal instruction.
    public static let avx2 = KernelSet(name: "avx2", for: AVX2.self)
  }
#endif
