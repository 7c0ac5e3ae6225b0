import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine

extension Encode {
  /// Whether the files are those of a dataset, with an index of what is where.
  var isDataset: Bool { imagesPerShard != nil || Format.datasets.contains(format) }

  /// What file names end with, without the dot.
  var fileExtension: String {
    Format.picturesOfPatches.contains(format)
      ? imageFormat.imageFormat.fileExtension : format.extensions[0]
  }

  /// The format in which the values of one image, or of one patch, are written.
  func writtenFormat(patches: Bool) -> ImageFormat {
    switch format {
    case .npy, .safetensors: .npy
    case .png: .png
    case .jpeg: .jpeg
    case .webp: .webp
    case .tiff: .tiff
    case .webdataset: patches ? .npy : imageFormat.imageFormat
    case .imagefolder, .tiles: imageFormat.imageFormat
    }
  }

  /// What is wrong with the keys of datasets.
  func datasetProblems(given: Set<String>) -> [KeyProblem] {
    var problems: [KeyProblem] = []
    if !isDataset {
      problems += ["labels", "split"].filter(given.contains).map {
        KeyProblem($0, "applies only to datasets: give \"images_per_shard\" as well")
      }
    }
    if dtype == .bfloat16, format != .safetensors {
      problems.append(
        KeyProblem(
          "dtype",
          "\"bfloat16\" goes only into \"safetensors\", and here it is \"\(format.rawValue)\""
        ))
    }
    if isDataset, verify {
      problems.append(
        KeyProblem(
          "verify", "applies only to files of one image"))
    }
    if imageFormat == .png {
      problems += ["quality", "subsampling", "progressive"].filter {
        Format.datasets.contains(format) && given.contains($0) && !holdsDefault(of: $0)
      }.map { KeyProblem($0, "applies only with \"image_format\": \"jpeg\"") }
    } else {
      problems += ["compression", "bit_depth"].filter {
        given.contains($0) && !holdsDefault(of: $0)
      }.map { KeyProblem($0, "applies only with \"image_format\": \"png\"") }
    }
    return problems
  }

  /// The order in which patches are stored.
  func order(for input: Layout, on grid: BlockGrid) throws(StageError) -> PatchOrder {
    // A picture has its pixels one after the other.
    if Format.picturesOfPatches.contains(format) { return .tokensChannelsLast }
    let order = layout ?? input.modelOrder ?? (isDataset ? .tokens : .torch)
    if order.needsWholeGrid, input.isThinned {
      throw StageError(Refusal.needsWholeGrid(order))
    }
    let side = PatchOrder.mergedBlocks
    if order == .qwen2vl, grid.rows.count % side != 0 || grid.columns.count % side != 0 {
      throw StageError(Refusal.oddGrid(grid.size))
    }
    return order
  }

  /// What goes into a dataset of patches; `nil` where each image has a file of its own.
  func dataset(
    of file: PatchFile, _ input: Layout, on grid: BlockGrid
  ) throws(StageError) -> PlannedDataset? {
    guard isDataset else { return nil }
    if Format.picturesOfPatches.contains(format) {
      try requirePicture(of: input, as: imageFormat.imageFormat)
      guard [1, 3].contains(input.colorChannels) else {
        throw StageError(Refusal.noPictures(input.colorChannels))
      }
    }
    let isPadded = input.paddedBlockCount != nil && file.order.isOneRowPerBlock
    let isCounted = !input.isThinned || input.keptBlocks != nil
    let isJoined = !isPadded && (!input.hasFixedSize || !isCounted)
    let companions = companions(of: input, on: grid, order: file.order)
    if isJoined, format != .webdataset,
      let first = companions.first(where: \.isPerBlock)
    {
      throw StageError(Refusal.cannotStack(first.form.name))
    }
    if isJoined, !file.order.isOneRowPerBlock, format != .webdataset {
      throw StageError(Refusal.cannotBeJoined(file.order))
    }
    return PlannedDataset(
      form: .init(
        contents: .patches(file.order, channels: input.channels, size: grid.kernelSize),
        storedType: file.storedType, isJoined: isJoined,
        companions: companions.map { $0.form(whereGridsDiffer: isJoined) }),
      shape: file.order.shape(
        blocks: isPadded ? input.paddedBlockCount ?? 0 : input.mostBlocks, channels: input.channels,
        patchSize: grid.kernelSize,
        gridSize: grid.size),
      gridSize: grid.size, companions: companions,
      paddedBlockCount: isPadded ? input.paddedBlockCount : nil, preset: input.preset,
      size: Size(height: grid.rows.size, width: grid.columns.size),
      window: input.window, channelNames: input.channelNames, hasAlpha: input.hasAlpha,
      pixelType: file.storedType.elementType == .float32 ? input.sourceType : nil,
      normalization: file.storedType.elementType == .float32 ? input.storedNormalization : nil)
  }

  /// What goes along with the patches of an image: what a model takes beside them, and what says which
  /// were left out.
  func companions(of input: Layout, on grid: BlockGrid, order: PatchOrder) -> [Companion] {
    if Format.picturesOfPatches.contains(format) { return [] }
    var companions = input.companions
    if let padded = input.paddedBlockCount, order.isOneRowPerBlock {
      let count = input.mostBlocks
      companions.append(
        Companion(
          "pixel_attention_mask", .int32, (0..<padded).map { $0 < count ? 1 : 0 }))
      companions.append(
        Companion("spatial_shapes", .int64, [grid.rows.count, grid.columns.count]))
    }
    if order == .qwen2vl {
      companions.append(
        Companion("image_grid_thw", .int64, [1, grid.rows.count, grid.columns.count]))
    }
    return companions
  }

  /// What goes into a dataset of images; `nil` where each has a file of its own.
  func dataset(of file: ImageFile, _ input: Layout) throws(StageError) -> PlannedDataset? {
    guard isDataset else { return nil }
    if file.splitsChannels { throw StageError(Refusal.noPictures(input.colorChannels)) }
    if format != .webdataset, !input.hasFixedSize { throw StageError(Refusal.sizesDiffer) }
    return PlannedDataset(
      form: .init(
        contents: .image(
          channels: input.channels, size: format == .webdataset ? nil : input.size),
        storedType: file.storedType, isJoined: false, companions: []),
      shape: input.shape.sides, companions: [], preset: input.preset, size: input.size,
      channelNames: input.channelNames, hasAlpha: input.hasAlpha,
      normalization: input.storedNormalization)
  }
}

extension ParameterKind where Value == StoredType {
  /// A type that pixels and patches are stored in.
  static var dtype: Self {
    let types = StoredType.allCases.filter { $0.elementType != nil }
    let words = types.map(\.rawValue)
    return ParameterKind(
      expected: Phrase.alternatives(words), schema: Schema.words(words),
      convert: { value in types.first { $0.rawValue == value.string } },
      suggest: { $0.nearest(among: words) },
      write: { JSONValue(.string($0.rawValue)) })
  }
}
