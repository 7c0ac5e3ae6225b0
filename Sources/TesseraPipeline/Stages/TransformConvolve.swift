import TesseraCore

/// Filters inside each patch, which keeps its size.
///
/// Input and output: patches (C·kH·kW) × L, the output in float32. Each channel of each patch is
/// padded by itself and filtered by cross-correlation; the window stays in force.
public struct TransformConvolve: Stage {
  /// `transform.convolve`.
  public static let name = "transform.convolve"
  /// One line.
  public static let summary = "Filters inside each patch, which keeps its size."
  /// What it does.
  public static let discussion = """
    Every channel of every patch is padded by itself and filtered with a kernel: one for all \
    channels, or one per channel. The window stays in force, so a fold by count may follow. Gives \
    float32.
    """
  /// Patches to patches.
  public static let role = StageRole.patches

  /// Coefficients written in place: one kernel, or one per channel.
  public var kernels: KernelArray?
  /// A kernel known by name.
  public var bank: AnyKernelBank?
  /// The path of a .npy file: kH × kW, or C × kH × kW.
  public var weights: String?
  /// What stands outside a patch.
  public var paddingMode = PaddingMode.zeros
  /// Whether kernels are turned by 180°.
  public var flipKernel = false

  /// Creates a stage that still needs kernels, a bank or weights.
  public init() {}

  /// Creates a stage for a bank.
  public init(bank: some KernelBank) { self.bank = AnyKernelBank(bank) }
}

extension TransformConvolve: HasKernels {
  static let kernelDimensions = 2...3

  static let parameters: [Parameter<Self>] =
    kernelParameters + [
      Parameter("padding_mode", \.paddingMode, .word, "What stands outside a patch."),
      Parameter(
        "flip_kernel", \.flipKernel, .bool,
        "Turns kernels by 180°: convolution as mathematics has it, not cross-correlation."),
    ]

  static let rules: [KeyRule] = [kernelRule]
}
