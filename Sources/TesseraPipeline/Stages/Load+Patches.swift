import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine

extension Load {
  /// What `layout`, `dataset` and `geometry` say.
  public var patchInputs: PatchInputs? {
    if layout == nil, dataset == nil, geometry == nil { return nil }
    return PatchInputs(layout: layout, dataset: dataset, geometry: geometry)
  }

  /// What is wrong with keys beside those of patches.
  package func problems(given: Set<String>) -> [KeyProblem] {
    guard patchInputs != nil else { return [] }
    let ofImages = [
      "color", "alpha", "matte", "orientation", "fail_on", "npy_layout", "npy_color",
      "shrink_on_load",
    ]
    var problems = ofImages.filter(given.contains).map {
      KeyProblem($0, "applies to images, and with \"\(patchKey)\" inputs are arrays of patches")
    }
    if geometry != nil, layout == nil {
      problems.append(
        KeyProblem(nil, "expected the key \"layout\" beside \"geometry\", found no such key"))
    }
    return problems
  }

  /// The key that makes inputs patches.
  private var patchKey: String {
    layout != nil ? "layout" : dataset != nil ? "dataset" : "geometry"
  }

  /// What flows where the image that was read is made of patches side by side.
  func lower(
    _ input: Layout, of patches: StoredPatches
  ) throws(StageError) -> Lowered {
    let grid = try patches.window.stageGrid(on: patches.size)
    guard grid.size == patches.gridSize else {
      throw StageError(PatchRefusal.grid(grid.size, stored: patches.gridSize))
    }
    var layout = input
    var operators: [any Operator] = []
    if dtype == .float32, input.elementType != .float32 {
      layout.elementType = .float32
      operators.append(Pointwise.conversion(channels: input.channels))
    }
    // Each block of the image that was read is a patch.
    let kernelSize = patches.window.patchSize
    let sideBySide = try Window(kernelSize: kernelSize, stride: kernelSize)
      .stageGrid(on: input.size)
    operators += UnfoldRows.operators(sideBySide, paddingMode: .zeros)
    layout.size = patches.size
    layout.cut(grid, patches.window)
    if let kept = patches.keptBlocks {
      layout.keep(kept)
      operators.append(KeepBlocks(kept))
    }
    layout.take(patches)
    return Lowered(layout: layout, operators: operators)
  }

  /// Patches that do not make an image.
  enum PatchRefusal: StageRefusal {
    case grid(Size, stored: Size)

    var key: String? { nil }

    var description: String {
      switch self {
      case .grid(let own, let stored):
        "the window has \(own) blocks on the image, and there are patches for \(stored)"
      }
    }
  }
}

extension Layout {
  /// Takes over what is known of the pixels that patches came from.
  fileprivate mutating func take(_ patches: StoredPatches) {
    if let type = patches.pixelType { sourceType = type }
    fullScale = sourceMaximum
    guard let normalization = patches.normalization, normalization.scale != 0 else { return }
    guard !normalization.mean.isEmpty, !normalization.std.isEmpty else { return }
    var maps = (0..<channels).map {
      Affine(
        scale: normalization.std[min($0, normalization.std.count - 1)] / normalization.scale,
        offset: normalization.mean[min($0, normalization.mean.count - 1)] / normalization.scale)
    }
    if hasAlpha { maps[channels - 1] = Affine(scale: 1 / normalization.scale, offset: 0) }
    inverse = .affine(maps)
    fullScale = normalization.scale * sourceMaximum
    isNormalized = true
    values = .unbounded
    opacity = hasAlpha ? .unbounded : values
    straightValues = .unbounded
  }
}
