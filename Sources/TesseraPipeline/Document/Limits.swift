/// Ranges that several parameters share; what an image can take is the planner's to decide.
enum Limits {
  /// Stages of a pipeline.
  static let stages = 1_000
  /// Kernel sizes, strides and dilations [px].
  static let window = 1...65_535
  /// Paddings [px].
  static let padding = 0...65_535
  /// Kernel sizes of banks [px].
  static let bankSize = 1...1_023
  /// Heights and widths of images [px].
  static let image = 1...1_000_000_000
  /// Groups of a convolution.
  static let groups = 1...65_535
}
