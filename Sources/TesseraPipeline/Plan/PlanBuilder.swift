import TesseraCore
import TesseraKernels

/// Puts lowered stages together to a plan: fuses unfold … fold into one pass, turns convolutions
/// into passes without patches, adds conversions and barriers, and lays windows between the nodes.
package struct PlanBuilder {
  package private(set) var plan: Plan
  private let kernels: KernelSet
  private let workers: Int
  private var current = 0
  private var patches: PatchGroup?
  private var stageIndex = 0

  /// Patches between the stage that cut them and the one that puts them together.
  private struct PatchGroup {
    package var geometry: UnfoldGeometry
    package var transforms: [TileTransform] = []
    package var rowsExtended = 0
    /// The rows that patches are cut from, as floats, where those were other numbers.
    package var floats: Int?
    package var stageIndex: Int
  }

  package init(source: SourcePlan, kernels: KernelSet, workers: Int) {
    plan = Plan(source: source)
    self.kernels = kernels
    self.workers = workers
    plan.windows = [
      Plan.Window(
        format: RowWindow.Format(
          elementType: source.elementType, channels: source.channels, width: source.stored.width),
        height: source.stored.height)
    ]
    if source.orientation != 1 {
      append(
        .orient(source.orientation, stored: source.stored),
        format: RowWindow.Format(
          elementType: source.elementType, channels: source.channels, width: source.size.width),
        height: source.size.height)
    }
    plan.loadedWindow = current
  }

  /// Adds what one stage came down to.
  package mutating func apply(_ lowerings: [Lowering], stage: Int) {
    stageIndex = stage
    for lowering in lowerings {
      switch lowering {
      case .pointwise(let map):
        appendFloats(.pointwise(map))
      case .statistics(let map):
        appendFloats(.statistics(map))
      case .unfold(let geometry):
        patches = PatchGroup(geometry: geometry, stageIndex: stage)
        openWindow()
      case .tile(let transform):
        patches?.transforms.append(transform)
      case .fold(let fold):
        close(fold)
      case .tap(let tap):
        append(tap)
      }
    }
  }

  /// The finished plan, with every band and window sized.
  package func finished(stages: [Plan.StageRow], banding: Banding) throws(StageError) -> Plan {
    var sized = plan
    sized.stages = stages
    if banding.staysInBytes { sized.stayInBytes() }
    try PlanSizing(kernels: kernels, workers: workers, banding: banding).size(&sized)
    return sized
  }

  private mutating func append(_ work: Plan.Work, format: RowWindow.Format, height: Int) {
    plan.windows.append(Plan.Window(format: format, height: height))
    plan.nodes.append(
      Plan.Node(
        work: work, stageIndex: stageIndex, input: current, output: plan.windows.count - 1))
    current = plan.windows.count - 1
  }

  private mutating func appendFloats(_ work: Plan.Work) {
    let format = plan.windows[current].format
    append(
      work,
      format: RowWindow.Format(
        elementType: .float32, channels: format.channels, width: format.width),
      height: plan.windows[current].height)
  }

  /// The window that patches are cut from as floats; copies go on being cut from the other one.
  private mutating func floatWindow(for group: PatchGroup) -> Int {
    let format = plan.windows[current].format
    guard format.elementType != .float32 else { return current }
    if let floats = patches?.floats { return floats }
    let whole = current
    appendFloats(.pointwise(.conversion(channels: format.channels)))
    setMargins(for: group.geometry)
    defer { current = whole }
    patches?.floats = current
    return current
  }

  /// Prepares the window that patches are cut from: circular rows are dealt out beforehand, margins
  /// are as wide as the blocks reach.
  private mutating func openWindow() {
    guard let geometry = patches?.geometry else { return }
    let rows = geometry.grid.rows
    if geometry.paddingMode == .circular, rows.reachBefore + rows.reachAfter > 0 {
      let window = plan.windows[current]
      append(
        .wrap(rowsBefore: rows.reachBefore, rowsAfter: rows.reachAfter), format: window.format,
        height: rows.reachBefore + window.height + rows.reachAfter)
      patches?.rowsExtended = rows.reachBefore
    }
    setMargins(for: geometry)
  }

  private mutating func setMargins(for geometry: UnfoldGeometry) {
    plan.windows[current].format.leftMargin = geometry.grid.columns.reachBefore
    plan.windows[current].format.rightMargin = geometry.grid.columns.reachAfter
    plan.windows[current].format.paddingMode = geometry.paddingMode
  }

  private mutating func close(_ fold: FoldGeometry) {
    guard let group = patches else { return }
    let isCopy = group.transforms.isEmpty
    if !isCopy { current = floatWindow(for: group) }
    patches = nil
    let rows = PaddedRows(
      mode: group.geometry.paddingMode, height: plan.windows[current].height,
      offset: group.rowsExtended)
    let type =
      isCopy && fold.dividesByCount ? plan.windows[current].format.elementType : .float32
    let format = RowWindow.Format(
      elementType: type, channels: fold.channels, width: fold.grid.columns.size)
    if let (map, kernelSize, response) = directConvolution(group, fold: fold) {
      let recipe = ConvolutionStep.Recipe(
        geometry: group.geometry, map: map, kernelSize: kernelSize, response: response,
        paddedRows: rows, inputChannels: plan.windows[current].format.channels)
      append(.convolution(recipe), format: format, height: fold.grid.rows.size)
    } else {
      append(
        .patches(group.geometry, group.transforms, fold, rows), format: format,
        height: fold.grid.rows.size)
    }
  }

  /// The convolution that a group of patches comes down to: one linear map whose results are laid
  /// on the grid of its own blocks, at stride 1.
  private func directConvolution(
    _ group: PatchGroup, fold: FoldGeometry
  ) -> (LinearMap, Size, ConvolutionStep.Response)? {
    guard case .linear(let map)? = group.transforms.first, let kernelSize = map.kernelSize,
      fold.isPlacement(of: group.geometry.grid),
      group.geometry.grid.rows.stride == 1, group.geometry.grid.columns.stride == 1
    else { return nil }
    switch group.transforms.dropFirst().first {
    case nil: return (map, kernelSize, .linear)
    case .absolute where group.transforms.count == 2: return (map, kernelSize, .absolute)
    case .magnitude where group.transforms.count == 2: return (map, kernelSize, .magnitude)
    default: return nil
    }
  }

  private mutating func append(_ tap: Tap) {
    let work: Plan.Work
    var input = current
    switch (tap, patches) {
    case (.compare(let tap), _):
      work = .compare(tap)
    case (.encode(let tap), nil):
      guard case .image(let file) = tap.content else { return }
      work = .encodeImage(tap, file)
    case (.encode(let tap), let group?):
      guard case .patches(let file) = tap.content else { return }
      let isCopy =
        group.transforms.isEmpty && file.quantization.map == .none
        && file.quantization.elementType == plan.windows[current].format.elementType
      if !isCopy { input = floatWindow(for: group) }
      work = .encodePatches(
        tap, file, group.geometry, group.transforms,
        PaddedRows(
          mode: group.geometry.paddingMode, height: plan.windows[current].height,
          offset: group.rowsExtended))
    }
    plan.nodes.append(Plan.Node(work: work, stageIndex: stageIndex, input: input))
  }
}

extension AxisGrid {
  /// Rows or columns before the image that blocks reach.
  package var reachBefore: Int { max(0, -(starts.first ?? 0)) }
  /// Rows or columns after the image that blocks reach.
  package var reachAfter: Int { max(0, (starts.last ?? 0) + extent - size) }
}

extension FoldGeometry {
  /// Whether every block of a grid becomes one pixel, in place.
  package func isPlacement(of blocks: BlockGrid) -> Bool {
    grid.kernelSize == Size(1) && grid.imageSize == blocks.size
      && grid.blockCount == blocks.blockCount
  }
}
