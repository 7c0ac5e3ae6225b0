/// One instruction set that the kernels are compiled for.
///
/// Every kernel is generic over a variant, and the variant is part of every specialised symbol's
/// name: code compiled for one instruction set can never stand in for another's at link time.
public protocol Variant: Sendable {
  /// The widest float vector of the instruction set.
  associatedtype Vector: FloatVector
  /// As many adjacent values as four accumulators of them still fit the register file.
  associatedtype Wide: ValueBlock
  /// As many adjacent values as twelve accumulators of them still fit the register file.
  associatedtype Narrow: ValueBlock

  /// Whether a × b + c is one instruction, rounded once.
  static var fusesMultiplyAdd: Bool { get }
}
