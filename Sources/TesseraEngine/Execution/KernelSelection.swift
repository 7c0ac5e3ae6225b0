import CTesseraCPU
import Glibc
import TesseraCore
public import TesseraKernels
import TesseraKernelsAVX2
import TesseraKernelsAVX512
import TesseraKernelsBaseline

/// Why the kernels that were asked for cannot be used.
public enum KernelSelectionError: Error, Hashable, Sendable {
  /// `TESSERA_ISA` is not the name of a set of kernels.
  case unknown(name: String, known: [String])
  /// The processor, or the operating system, lacks the instructions.
  case unsupported(name: String, supported: [String])
}

extension KernelSelectionError: CustomStringConvertible {
  /// One sentence with what would have been possible.
  public var description: String {
    switch self {
    case .unknown(let name, let known):
      return "TESSERA_ISA is \"\(name.printable)\"; expected one of "
        + known.joined(separator: ", ")
    case .unsupported(let name, let supported):
      return """
        TESSERA_ISA is \"\(name.printable)\", which this processor cannot run; it supports \
        \(supported.joined(separator: ", "))
        """
    }
  }
}

extension KernelSet {
  /// The names of all sets of kernels, from the least to the most demanding.
  public static let names = ["baseline", "avx2", "avx512"]

  /// The sets that this processor can run, from the slowest to the fastest.
  public static var supported: [KernelSet] {
    #if arch(x86_64)
      let level = tessera_x86_64_level()
      if level >= 4 { return [.baseline, .avx2, .avx512] }
      if level >= 3 { return [.baseline, .avx2] }
    #endif
    return [.baseline]
  }

  /// The fastest set that this processor can run, or the one that `TESSERA_ISA` names.
  ///
  /// - Throws: `KernelSelectionError` where the environment names a set that does not exist or that
  ///   the processor cannot run.
  public static func selected() throws(KernelSelectionError) -> KernelSet {
    try selected(forced: getenv("TESSERA_ISA").map { String(cString: $0) })
  }

  /// The fastest set that this processor can run, or the one named `forced`.
  ///
  /// - Parameter forced: a name of `names`; `nil` or empty chooses by processor.
  /// - Returns: a set that this processor can run.
  /// - Throws: `KernelSelectionError` where that set does not exist or the processor cannot run it.
  public static func selected(forced: String?) throws(KernelSelectionError) -> KernelSet {
    let sets = supported
    guard let forced, !forced.isEmpty else { return sets.last ?? .baseline }
    if let set = sets.first(where: { $0.name == forced }) { return set }
    guard names.contains(forced) else { throw .unknown(name: forced, known: names) }
    throw .unsupported(name: forced, supported: sets.map(\.name))
  }
}
