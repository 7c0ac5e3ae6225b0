import TesseraConfiguration

/// A stage that takes kernels: written in place, by name, or from a file.
protocol HasKernels: ConfigurableStage {
  /// Coefficients written in place.
  var kernels: KernelArray? { get set }
  /// Kernels known by name.
  var bank: AnyKernelBank? { get set }
  /// The path of a file.
  var weights: String? { get set }
  /// The name of the coefficients in a .safetensors file.
  var tensor: String? { get set }
  /// How many sizes the shape of the kernels may have.
  static var kernelDimensions: ClosedRange<Int> { get }
}

/// Where coefficients come from.
enum KernelSource: Hashable, Sendable {
  /// They are known.
  case kernels(KernelArray)
  /// They are in a file.
  case file(ArrayReference)
}

extension HasKernels {
  /// Where the coefficients come from; `nil` before any are given.
  var source: KernelSource? {
    if let known = kernels ?? bank?.bank.kernels { return .kernels(known) }
    return weights.map {
      .file(ArrayReference("weights", path: $0, tensor: tensor, tensorKey: "tensor"))
    }
  }

  /// The keys of kernels.
  static var kernelParameters: [Parameter<Self>] {
    [
      Parameter(
        "kernels", optional: \.kernels, .kernels(dimensions: kernelDimensions),
        "Coefficients in place: rows of a kernel, or a list of kernels."),
      Parameter("bank", optional: \.bank, .bank, "Kernels by name, with their parameters."),
      Parameter(
        "weights", optional: \.weights, .arrayFile, "A .npy or .safetensors file of kernels."),
      Parameter(
        "tensor", optional: \.tensor, .tensorName, "The kernels in a .safetensors file."),
    ]
  }

  /// The key of what becomes of opacity.
  static func alphaParameter(_ path: WritableKeyPath<Self, FilteredAlpha?> & Sendable) -> Parameter<
    Self
  > {
    Parameter(
      "alpha", optional: path, .word,
      otherwise: "keep, or filter where load premultiplies",
      "What becomes of opacity: it stays as it is, or is filtered as colours are. Where a "
        + "channel becomes several, it stays in any case, as the last one.")
  }

  /// What is wrong with the keys of a file.
  var fileProblems: [KeyProblem] {
    ArrayReference.problems(("weights", weights), ("tensor", tensor))
  }

  /// What is wrong with a bank that is a maximum of many kernels, where those do their work alone.
  var maximumProblems: [KeyProblem] {
    guard let bank = bank?.bank, bank.maximumRuns != nil else { return [] }
    let name = JSONWriter.quoted(type(of: bank).name)
    return [
      KeyProblem("bank", "expected a bank of kernels, and \(name) is a maximum of many responses")
    ]
  }

  /// One source, and only one.
  static var kernelRule: KeyRule { .exactlyOne(["kernels", "bank", "weights"]) }
}
