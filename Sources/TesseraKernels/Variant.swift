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

  /// The widest vector of 16-bit integers.
  associatedtype Words: WordVector

  /// The widest vector of bytes in order.
  associatedtype Bytes: OrderedVector where Bytes.Scalar == UInt8
  /// The widest vector of 16-bit values in order.
  associatedtype Shorts: OrderedVector where Shorts.Scalar == UInt16
  /// The widest vector of keys of floats in order.
  associatedtype Keys: OrderedVector where Keys.Scalar == Int32

  /// Whether a × b + c is one instruction, rounded once.
  static var fusesMultiplyAdd: Bool { get }
}
