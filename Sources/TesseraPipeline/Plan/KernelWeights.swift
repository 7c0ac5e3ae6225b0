import TesseraCodecs
import TesseraCore

/// The coefficients of kernels as the engine takes them.
///
/// Those of a file are the array that was read, not a copy, and others are shared by plans.
struct KernelWeights {
  let sides: KernelShape
  private(set) var values: [Float]

  /// The coefficients that a stage names, from the pipeline file or an array beside it.
  ///
  /// - Parameters:
  ///   - source: which; a stage that was checked has one.
  ///   - isFlipped: whether each kernel is turned by 180°.
  ///   - context: has the arrays, and the kernels of other plans.
  /// - Throws: `StageError` where an array has the sides of something else.
  init(
    _ source: KernelSource?, isFlipped: Bool, in context: StageContext
  ) throws(StageError) {
    switch source {
    case nil:
      preconditionFailure("a stage that was checked has kernels")
    case .kernels(let kernels):
      sides = kernels.sides
      values = context.sharedKernels.floats(of: kernels)
    case .file(let file):
      let array = context.array(file)
      guard let sides = KernelShape(array.shape, valueCount: array.values.count)
      else { throw StageError(SharedRefusal.kernelSides(array.shape)) }
      self.sides = sides
      values = array.values
    }
    if isFlipped {
      let taps = kernelSize.height * kernelSize.width
      for first in stride(from: 0, to: values.count, by: taps) {
        values[first..<first + taps].reverse()
      }
    }
  }

  var kernelSize: Size { Size(height: sides.height, width: sides.width) }

  /// Sides in words: `16 × 3 × 7 × 7`.
  static func description(of shape: [Int]) -> String {
    shape.map(String.init).joined(separator: " × ")
  }
}

extension KernelSource {
  /// The array of a file, where one holds the coefficients.
  var array: ArrayReference? {
    if case .file(let array) = self { array } else { nil }
  }
}
