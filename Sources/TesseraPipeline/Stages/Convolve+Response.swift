import TesseraConfiguration
import TesseraCore
import TesseraEngine

extension Convolve {
  /// What becomes of the responses.
  public enum Response: String, Hashable, Sendable, CaseIterable {
    /// Nothing.
    case linear
    /// Their absolute values.
    case absolute = "abs"
    /// Their squares.
    case square
    /// The length √(a² + b²) of each pair of neighbouring outputs.
    case magnitude
    /// The largest of each group of neighbouring outputs of one channel.
    case maximum = "max"
    /// The mean of their absolute values in a window.
    case energy

    /// Whether opacity may go the way of colours, where each channel becomes one.
    var keepsChannels: Bool { self == .linear || self == .absolute }
  }

  /// What is wrong with the keys of the response, given how many kernels there are.
  func responseProblems(given: Set<String>, outputs: Int) -> [KeyProblem] {
    if bank?.bank.maximumRuns != nil {
      let name = bank.map { type(of: $0.bank).name } ?? ""
      let isOther = given.contains("response") && response != .maximum
      let key = isOther ? "response" : given.contains("groups_of") ? "groups_of" : nil
      return key.map {
        [
          KeyProblem(
            $0,
            "\"\(name)\" is the maximum over its orientations: leave the key out, found "
              + (isOther ? JSONWriter.quoted(response.rawValue) : "\(groupsOf ?? 0)"))
        ]
      } ?? []
    }
    let found = outputs == 1 ? "is 1 kernel" : "are \(outputs) kernels"
    if response == .magnitude, outputs % 2 != 0 {
      return [
        KeyProblem("response", "\"magnitude\" takes pairs of outputs, and here there \(found)")
      ]
    }
    if let groupsOf, response == .maximum, outputs % groupsOf != 0 {
      return [
        KeyProblem(
          "groups_of", "expected a divisor of the number of kernels, and here there \(found)")
      ]
    }
    return []
  }

  /// How many neighbouring outputs of a channel the maximum is taken of, run by run; `nil` where none is
  /// taken.
  func runs(ofOutputs count: Int) throws(StageError) -> [Int]? {
    if let runs = bank?.bank.maximumRuns { return runs }
    guard response == .maximum else { return nil }
    let each = groupsOf ?? count
    guard count % each == 0 else { throw StageError(Refusal.unevenGroups(count, of: each)) }
    return each == 1 ? nil : Array(repeating: each, count: count / each)
  }

  /// Channels that a map of all channels leaves, given the runs of one.
  func channelCount(of map: LinearMap, _ runs: [Int]?) throws(StageError) -> Int {
    if let runs { return map.outputs / runs.reduce(0, +) * runs.count }
    guard response == .magnitude else { return map.outputs }
    guard map.outputs % 2 == 0 else { throw StageError(Refusal.oddOutputs(map.outputs)) }
    return map.outputs / 2
  }

  /// The transforms behind a map.
  func operators(combining runs: [Int]?, _ map: LinearMap) -> [any TileTransform] {
    let keepsLast = map.keptRow != nil
    if let runs {
      let all = Array(repeating: runs, count: map.outputs / runs.reduce(0, +)).flatMap(\.self)
      return [TakeMaximum(runs: all, keepsLast: keepsLast)]
    }
    return switch response {
    case .linear, .maximum: []
    case .absolute, .energy: [TakeAbsolute(keepsLast: keepsLast)]
    case .square: [TakeSquare(keepsLast: keepsLast)]
    case .magnitude: [TakeMagnitude(keepsLast: keepsLast)]
    }
  }

  /// The operators that take the mean of every response and its neighbours: on an image, or on blocks that
  /// are put together and cut again as pixels.
  ///
  /// - Parameters:
  ///   - layout: what flows, absolute values.
  ///   - pixels: the responses as blocks of one pixel.
  ///   - input: what reached the stage.
  /// - Returns: the operators, which leave behind what reached the stage: an image or patches.
  /// - Throws: `StageError` where blocks have been let go.
  func averages(
    of layout: Layout, on pixels: BlockGrid, after input: Layout
  ) throws(StageError) -> [any Operator] {
    guard energyWindow > 1 else { return [] }
    let colors = layout.colorChannels
    let taps = energyWindow * energyWindow
    var map = LinearMap(
      inputs: colors * taps, outputs: colors, groups: colors,
      weights: Array(repeating: Float(1 / Double(taps)), count: taps),
      kernelSize: Size(energyWindow)
    ).exact(for: layout)
    if layout.hasAlpha { map.keptRow = colors * taps + taps / 2 }
    var window = Window()
    window.kernelSize = Size(energyWindow)
    window.padding = .symmetric(Size(energyWindow / 2))
    let unfold = UnfoldRows.operators(
      try window.stageGrid(on: layout.grid?.size ?? layout.size), paddingMode: .reflect)
    let fold = FoldPatches(pixels, channels: layout.channels, dividesByCount: false)
    if input.grid == nil { return unfold + [map, fold] }
    if input.isThinned { throw StageError(Refusal.energyOfSome) }
    return [fold] + unfold + [map]
  }
}
