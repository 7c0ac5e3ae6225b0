import TesseraCore

/// Ranges that several parameters share; what an image can take is the planner's to decide.
enum Limits {
  /// Heights and widths of images that a stage makes [px].
  static let side = 1...AxisGrid.largestSide
  /// First rows and columns [px].
  static let offset = 0...AxisGrid.largestSide
  /// What random choices follow from: integers that every reader of JSON holds.
  static let seed = 0...9_007_199_254_740_991
  /// Stages of a pipeline.
  static let stages = 1_000
  /// Kernel sizes, strides and dilations [px].
  static let window = 1...65_535
  /// Paddings [px].
  static let padding = 0...65_535
  /// Kernel sizes of banks [px].
  static let bankSize = 1...1_023
  /// Windows of which a value is chosen [px]: up to that their values have counts of 16 bits.
  static let rankWindow = 1...255
  /// Heights and widths of images [px].
  static let image = 1...1_000_000_000
  /// Groups of a convolution.
  static let groups = 1...65_535
}
