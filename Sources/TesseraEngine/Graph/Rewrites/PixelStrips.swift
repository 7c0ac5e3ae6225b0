import TesseraCore
import TesseraKernels

/// load → any map per channel → convolution → any map per channel → picture: one pass over pixels in
/// the form in which they were decoded, where every channel is filtered alike and nobody else looks
/// at the rows.
struct PixelStrips: Rewrite {
  let name = "pixel_strips"

  func apply(to graph: inout Graph) -> Bool {
    let source = graph.source
    guard source.orientation == 1, source.elementType != .float32,
      let last = graph.links.last, var file = last.work as? ImageFile,
      let maps = file.integerMaps
    else { return false }
    var work = FilterPixels(
      channels: source.channels,
      normalizations: Array(repeating: Normalization(), count: source.channels),
      convolution: nil, maps: maps, elementType: file.quantization.elementType)
    var wrap: WrapRows?
    var normalizes = false
    var stage = last.stageIndex
    for link in graph.links.dropLast() {
      switch link.work {
      case let map as Pointwise
      where !map.premultiplies && !normalizes && work.convolution == nil && wrap == nil:
        work.normalizations = map.maps
        normalizes = true
      case let rows as WrapRows where wrap == nil && work.convolution == nil:
        wrap = rows
      case is ConvertToFloats:
        continue
      case let rows as ConvolveRows where work.convolution == nil && rows.filtersChannelsAlike:
        work.convolution = rows
      default:
        return false
      }
      stage = link.stageIndex
    }
    guard normalizes || work.convolution != nil, work.isWorthwhile else { return false }
    file.quantization = Quantization(
      elementType: work.elementType, map: .none, watch: file.quantization.watch)
    let operators: [any Operator] = (wrap.map { [$0] } ?? []) + [work]
    graph.links =
      operators.map { Graph.Link($0, stageIndex: stage) }
      + [Graph.Link(file, stageIndex: last.stageIndex)]
    graph.keepsPixels = true
    return true
  }
}

extension ConvolveRows {
  /// Whether the same kernel and the same bias make each output channel of the same input channel.
  fileprivate var filtersChannelsAlike: Bool {
    guard map.filters == 1, map.depth == kernelSize.height * kernelSize.width,
      response == .linear || response == .absolute, !map.sumsAreWide
    else { return false }
    let isSameKernel = (map.depth..<max(map.weights.count, map.depth)).allSatisfy {
      map.weights[$0] == map.weights[$0 - map.depth]
    }
    return isSameKernel && (map.bias ?? []).allSatisfy { $0 == map.bias?.first }
  }
}

extension ImageFile {
  /// The maps of every channel onto integers, where the file holds pixels of them.
  fileprivate var integerMaps: [Affine]? {
    guard !splitsChannels, montage == nil, quantization.elementType != .float32,
      quantization.division == nil,
      case .affine(let maps) = quantization.map, !maps.contains(where: { $0.cancels || $0.isSteep })
    else { return nil }
    if case .npy = format { return nil }
    return maps
  }
}
