import TesseraCore
import TesseraEngine

/// Which stages of a pipeline are looked at: nothing is written then.
package struct Viewing: Sendable {
  /// How large views become.
  package var size: ViewSize
  /// The stages that are looked at; `nil`: all.
  package var stages: Set<Int>?

  package init(_ size: ViewSize, stages: Set<Int>? = nil) {
    self.size = size
    self.stages = stages
  }
}

/// What the values of a view mean.
package struct ViewedLayout: Sendable {
  /// What flows after the stage.
  package var layout: Layout
  /// The value of white, where black is 0; `nil` where values are no levels.
  package var white: Double?
  /// The comparison that the stage is, with the bounds that an image must meet.
  package var comparison: CompareRows?
}

extension Viewing {
  /// What a stage comes down to, with views of what it gives in place of the files that it writes.
  ///
  /// - Parameters:
  ///   - step: what the stage comes down to.
  ///   - role: what the stage is for.
  ///   - index: its number.
  /// - Returns: operators in order.
  func operators(
    of step: Lowered, _ role: StageRole, stage index: Int
  ) -> [any Operator] {
    // An image that misses a bound is seen to its end, too.
    let own = (role == .output ? [] : step.operators).map { work -> any Operator in
      guard var comparison = work as? CompareRows else { return work }
      comparison.requirements = [:]
      return comparison
    }
    guard stages?.contains(index) ?? true else { return own }
    let layout = step.layout
    if let grid = layout.grid {
      let window = grid.kernelSize
      return own + [
        ViewPatches(
          size, channels: layout.channels, patchSize: window, gridSize: grid.size,
          maps: layout.seenMaps ?? [])
      ]
    }
    var views: [any Operator] = []
    for case let comparison as CompareRows in step.operators {
      views.append(
        ViewRows(
          size, quantization: comparison.quantization, countsSeen: true, comparesLoaded: true))
    }
    let written = step.operators.lazy.compactMap { $0 as? ImageFile }.first?.quantization
    return own
      + [
        ViewRows(
          size, quantization: written ?? layout.seenQuantization,
          countsSeen: written != nil && role == .output)
      ] + views
  }

  /// What the values of the views of a stage mean.
  func meaning(of step: Lowered) -> ViewedLayout {
    var meaning = meaningOfValues(of: step)
    meaning.comparison = step.operators.lazy.compactMap { $0 as? CompareRows }.first
    return meaning
  }

  private func meaningOfValues(of step: Lowered) -> ViewedLayout {
    let layout = step.layout
    let written = step.operators.lazy.compactMap { $0 as? ImageFile }.first?.quantization
    if let type = written?.elementType, let maximum = type.maximum {
      return ViewedLayout(layout: layout, white: Double(maximum))
    }
    let isRestored = layout.grid == nil ? layout.isSeenRestored : layout.seenMaps != nil
    return ViewedLayout(
      layout: layout,
      white: isRestored && layout.sourceType != .float32 ? layout.sourceMaximum : nil)
  }
}

extension Layout {
  /// Whether values can be seen in the units of the source.
  fileprivate var isSeenRestored: Bool { inverse.loss == nil }

  /// Values in the units of the source where they still have these, or else as they flow; straight
  /// colours either way.
  fileprivate var seenQuantization: Quantization {
    (try? quantization(to: .float32, range: nil)) ?? floatQuantization
  }

  /// The maps of patches to the units of the source; `nil` where they do not have these.
  fileprivate var seenMaps: [Affine]? {
    if case .affine(let maps) = inverse { maps } else { nil }
  }
}
