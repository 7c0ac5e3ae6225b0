import TesseraConfiguration
import TesseraCore
import TesseraEngine

/// A stage that chooses one value of the window around every pixel.
protocol HasRankWindow: ConfigurableStage {
  /// Rows and columns of the window, odd.
  var kernelSize: Size { get set }
  /// What stands outside.
  var paddingMode: PaddingMode { get set }
  /// What becomes of opacity; `nil` keeps it, but filters it where colours were multiplied by it.
  var alpha: FilteredAlpha? { get set }
  /// Which value is chosen: 0 is the smallest, 1 the largest.
  var rank: Double { get }
}

extension HasRankWindow {
  /// The size of the window.
  static var kernelSizeParameter: Parameter<Self> {
    Parameter(
      "kernel_size", \.kernelSize, .oddPair(in: Limits.rankWindow),
      "Height and width of the window, odd [px].")
  }

  /// What stands around `place`, and what becomes of opacity.
  static func borderParameters(around place: String) -> [Parameter<Self>] {
    [
      Parameter(
        "padding_mode", \.paddingMode, .word,
        "What stands outside \(place); symmetric is what SciPy calls reflect, replicate is OpenCV's."
      ),
      Parameter(
        "alpha", optional: \.alpha, .word, otherwise: "keep, or filter where load premultiplies",
        "What becomes of opacity: it stays as it is, or is filtered as colours are."),
    ]
  }

  /// The value that is chosen of a window, counted from the smallest as 0: ⌊rank · (n − 1) + ½⌋ of n.
  var rankIndex: Int {
    Int((rank * Double(kernelSize.height * kernelSize.width - 1) + 0.5).rounded(.down))
  }

  /// What flows behind the stage; values are chosen, so that units and bounds stay.
  ///
  /// - Throws: `StageError` where opacity is to be kept and colours were multiplied by it.
  func chosen(from input: Layout) throws(StageError) -> (layout: Layout, keepsOpacity: Bool) {
    let keepsOpacity = try input.keepsOpacity(alpha, keepsChannels: true)
    var layout = input
    if paddingMode == .zeros, kernelSize != Size(1) {
      layout.values = layout.values.withZero
      if !keepsOpacity { layout.opacity = layout.opacity.withZero }
    }
    if keepsOpacity || !input.keepsQuotientsOfChoice { layout.straightValues = .unbounded }
    return (layout, keepsOpacity)
  }
}

extension Layout {
  /// Whether values of one rank, chosen of colours and of the opacity that they were multiplied by, have
  /// quotients within the bounds of all quotients: c ≤ b · a everywhere gives the same for any rank,
  /// where b is no less than 0.
  var keepsQuotientsOfChoice: Bool { blackIsZero && straightValues.lower >= 0 }
}
