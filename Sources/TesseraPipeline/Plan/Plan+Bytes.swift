import TesseraCore

extension Plan {
  /// Replaces load → convolve → encode by one pass from bytes to bytes, where that gives the same
  /// values: every channel is filtered alike, nobody else looks at the rows, and the file has bytes.
  package mutating func stayInBytes() {
    guard windows.count == 3, nodes.count == 3, loadedWindow == 0,
      source.elementType == .uint8,
      case .pointwise(let conversion) = nodes[0].work,
      conversion == .conversion(channels: source.channels),
      case .convolution(let recipe) = nodes[1].work, recipe.filtersChannelsAlike,
      case .encodeImage(var tap, var file) = nodes[2].work,
      ByteConvolutionStep.isWorthwhile(recipe, valuesPerPixel: source.channels),
      let map = file.uniformByteMap
    else { return }
    let stride = source.channels
    var input = windows[1].format
    input.elementType = .uint8
    input.channels = 1
    input.width *= stride
    input.leftMargin *= stride
    input.rightMargin *= stride
    input.valuesPerPixel = stride
    let made = windows[2].format
    let output = RowWindow.Format(
      elementType: .uint8, channels: 1, width: made.width * stride, valuesPerPixel: stride)
    file.quantization = Quantization(elementType: .uint8, map: .none)
    tap.content = .image(file)
    windows = [
      Window(format: input, height: windows[0].height),
      Window(format: output, height: windows[2].height),
    ]
    nodes = [
      Node(
        work: .byteConvolution(recipe, map), stageIndex: nodes[1].stageIndex, input: 0, output: 1),
      Node(work: .encodeImage(tap, file), stageIndex: nodes[2].stageIndex, input: 1),
    ]
  }
}

extension ConvolutionStep.Recipe {
  /// Whether the same kernel and the same bias make each output channel of the same input channel.
  fileprivate var filtersChannelsAlike: Bool {
    guard map.groups == inputChannels, map.outputs == inputChannels, response != .magnitude else {
      return false
    }
    let taps = kernelSize.height * kernelSize.width
    let isSameKernel = (taps..<max(map.weights.count, taps)).allSatisfy {
      map.weights[$0] == map.weights[$0 - taps]
    }
    return isSameKernel && (map.bias ?? []).allSatisfy { $0 == map.bias?.first }
  }
}

extension ImageFile {
  /// The map of every value onto bytes, where all channels of one file share it.
  fileprivate var uniformByteMap: Affine? {
    guard !splitsChannels, settings.format != .npy, quantization.elementType == .uint8,
      quantization.opaqueValue == nil, case .affine(let maps) = quantization.map,
      let first = maps.first, maps.allSatisfy({ $0 == first })
    else { return nil }
    return first
  }
}
