import TesseraConfiguration
import TesseraCore

/// A stage with a sliding window, whose size has a key of the stage's own or none.
protocol HasWindow: ConfigurableStage {
  /// Where blocks lie.
  var window: Window { get set }
}

extension HasWindow {
  /// The keys of a window, but for its size.
  static var windowParameters: [Parameter<Self>] {
    [
      Parameter(
        "stride", \.window.stride, .pair(in: Limits.window), "Distance between blocks [px]."),
      Parameter(
        "padding", \.window.padding, .padding(in: Limits.padding),
        "Padding around the image [px]; same makes ⌈size / stride⌉ blocks per axis."),
      Parameter(
        "dilation", \.window.dilation, .pair(in: Limits.window),
        "Distance between elements of the window [px]."),
      Parameter("padding_mode", \.window.paddingMode, .word, "What stands in the padding."),
      Parameter(
        "edge", \.window.edge, .word,
        "What becomes of rows and columns at the end that the windows do not reach."),
    ]
  }

  /// The keys that `windowParameters` adds.
  static var windowKeys: Set<String> { Set(windowParameters.map(\.key)) }

  /// What is wrong with keys that are right by themselves.
  func windowProblems(given: Set<String>) -> [KeyProblem] {
    guard window.padding == .same, given.contains("edge"), !holdsDefault(of: "edge") else {
      return []
    }
    return [KeyProblem("edge", "has no meaning beside \"padding\": \"same\", which decides it")]
  }
}
