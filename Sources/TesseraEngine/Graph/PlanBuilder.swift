import TesseraCore
import TesseraThreads

/// Lays windows between the operators of a graph: each becomes a node, but for those between an unfold
/// and what takes its patches, which become one pass over tiles.
package struct PlanBuilder {
  private var plan: GraphPlan
  private let tools: RunTools
  private var nodes: [Node] = []
  private var current = 0
  private var blocks: OpenBlocks?
  private var stageIndex = 0

  /// A node before its windows have their final formats.
  private struct Node {
    var work: Work
    var stageIndex: Int
    var input: Int
    var output: Int?
  }

  private enum Work {
    case rows(any RowOperator)
    case tap(any RowTap)
    case patches(any PatchTap, OpenBlocks)
    case fold(FoldPatches, OpenBlocks)
  }

  /// Patches between the operator that cut them and those that take them.
  private struct OpenBlocks {
    var unfold: UnfoldRows
    var stageIndex: Int
    var transforms: [any TileTransform] = []
    /// The rows that patches are cut from, as floats, where those were other numbers.
    var floats: Int?
  }

  /// The plan of a graph, its nodes prepared and every band and window sized.
  ///
  /// - Throws: `GraphError` where the operators cannot be put in an order that works.
  package static func plan(
    _ graph: Graph, tools: RunTools, workers: Int, banding: Banding,
    cancellation: Cancellation = Cancellation()
  ) throws(GraphError) -> GraphPlan {
    var builder = PlanBuilder(graph, tools)
    for link in graph.links {
      builder.stageIndex = link.stageIndex
      link.work.join(&builder)
    }
    var plan = builder.prepared()
    plan.rewrites = graph.rewrites
    try PlanSizing(workers: workers, banding: banding, cancellation: cancellation).size(&plan)
    return plan
  }

  private init(_ graph: Graph, _ tools: RunTools) {
    self.tools = tools
    plan = GraphPlan(source: graph.source)
    let source = graph.source
    let values = graph.keepsPixels ? source.channels : 1
    plan.windows = [
      GraphPlan.Window(
        flow: RowFlow(
          format: RowFormat(
            elementType: source.elementType, channels: source.channels / values,
            width: source.stored.width * values, valuesPerPixel: values),
          height: source.stored.height))
    ]
    if source.orientation != 1 {
      append(OrientRows(orientation: source.orientation, stored: source.stored))
    }
    plan.loadedWindow = current
  }

  /// Adds a step from rows to rows.
  package mutating func append(_ step: some RowOperator) {
    precondition(blocks == nil, "patches are folded before rows are worked on")
    want(step.borders)
    append(.rows(step), giving: step.output(of: plan.windows[current].flow))
  }

  /// Adds a conversion, unless floats flow already.
  package mutating func convertToFloats() {
    precondition(blocks == nil, "patches are folded before rows are worked on")
    let format = plan.windows[current].flow.format
    if format.elementType != .float32 { append(Pointwise.conversion(channels: format.channels)) }
  }

  /// Adds a sink of rows.
  package mutating func append(_ tap: some RowTap) {
    precondition(blocks == nil, "patches are folded before rows are taken")
    nodes.append(Node(work: .tap(tap), stageIndex: stageIndex, input: current))
  }

  /// Begins to cut patches.
  package mutating func open(_ unfold: UnfoldRows) {
    precondition(blocks == nil, "patches are folded before others are cut")
    want(unfold.borders)
    blocks = OpenBlocks(unfold: unfold, stageIndex: stageIndex)
  }

  /// Adds a transform of patches.
  package mutating func append(_ transform: some TileTransform) {
    precondition(blocks != nil, "patches are cut before they are transformed")
    blocks?.transforms.append(transform)
  }

  /// Adds a sink of patches.
  package mutating func append(_ tap: some PatchTap) {
    guard let open = blocks else { preconditionFailure("patches are cut before they are taken") }
    let copies =
      open.transforms.isEmpty && tap.copies(plan.windows[current].flow.format.elementType)
    let input = copies ? current : floatWindow()
    nodes.append(
      Node(work: .patches(tap, open), stageIndex: stageIndex, input: input))
  }

  /// Puts patches together.
  package mutating func close(_ fold: FoldPatches) {
    guard let open = blocks else { preconditionFailure("patches are cut before they are folded") }
    if !open.transforms.isEmpty || fold.takesFloats { current = floatWindow() }
    blocks = nil
    append(
      .fold(fold, open),
      giving: fold.output(
        of: plan.windows[current].flow.format.elementType, isCopy: open.transforms.isEmpty))
  }

  private mutating func append(_ work: Work, giving flow: RowFlow) {
    plan.windows.append(GraphPlan.Window(flow: flow))
    nodes.append(
      Node(
        work: work, stageIndex: stageIndex, input: current, output: plan.windows.count - 1))
    current = plan.windows.count - 1
  }

  private mutating func want(_ borders: Borders) {
    guard borders != Borders() else { return }
    plan.windows[current].flow.format.leftMargin = borders.left
    plan.windows[current].flow.format.rightMargin = borders.right
    plan.windows[current].flow.format.paddingMode = borders.mode
    plan.windows[current].flow.format.needsZeros = borders.needsZeros
  }

  /// The window that patches are cut from as floats; copies go on being cut from the other one.
  private mutating func floatWindow() -> Int {
    let format = plan.windows[current].flow.format
    guard let open = blocks, format.elementType != .float32 else { return current }
    if let floats = open.floats { return floats }
    let whole = current
    defer { current = whole }
    let conversion = Pointwise.conversion(channels: format.channels)
    append(.rows(conversion), giving: conversion.output(of: plan.windows[current].flow))
    want(open.unfold.borders)
    blocks?.floats = current
    return current
  }

  /// The nodes with what they keep for all images.
  private func prepared() -> GraphPlan {
    var plan = plan
    plan.nodes = nodes.map { node in
      let input = plan.windows[node.input].flow
      switch node.work {
      case .rows(let step):
        let prepared = step.prepared(from: input, to: output(of: node), tools)
        return made(.step(prepared), node) { step.manner($0) }
      case .tap(let tap):
        return made(.sink(tap.prepared(from: input, tools)), node, readsLoaded: tap.readsLoaded) {
          _ in tap.manner
        }
      case .patches(let tap, let open):
        let isCopy = open.transforms.isEmpty
        return made(.sink(tap.prepared(pass(open, input), from: input, tools)), node) { _ in
          tap.manner(isCopy: isCopy)
        }
      case .fold(let fold, let open):
        let prepared = fold.prepared(pass(open, input), to: output(of: node), tools)
        return made(.step(prepared), node) { fold.manner($0) }
      }
    }
    return plan
  }

  private func pass(_ open: OpenBlocks, _ input: RowFlow) -> TilePass {
    TilePass(
      open.unfold, of: open.stageIndex, from: input, transforms: open.transforms, tools)
  }

  private func made(
    _ work: RunNode.Work, _ node: Node, readsLoaded: Bool = false,
    _ describe: @escaping @Sendable (Int) -> String
  ) -> RunNode {
    RunNode(
      work, stageIndex: node.stageIndex, input: node.input, output: node.output,
      readsLoaded: readsLoaded, describe: describe)
  }

  private func output(of node: Node) -> RowFlow {
    guard let output = node.output else { preconditionFailure("a step writes a window") }
    return plan.windows[output].flow
  }
}

/// Why a graph has no plan.
package enum GraphError: Error, Hashable, Sendable {
  /// The operators wait for each other.
  case deadlock
  /// Nobody wants the plan any more.
  case cancelled
}
