import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine

extension Encode {
  /// A tap on the image or the patches.
  public func lower(_ input: Layout, in context: StageContext) throws(StageError) -> Lowered {
    let stored = storedType(for: input)
    guard let type = stored.elementType else { preconditionFailure("a type of values was checked") }
    // What files bring is no fault of the key.
    if type == .float32, range ?? .restore != .restore, context.loaded.elementType != .float32 {
      throw StageError(Refusal.rangeOfFloats(format))
    }
    let quantization =
      type == .float32 ? input.floatQuantization : try input.quantization(to: type, range: range)
    guard let grid = input.grid else {
      var file = try imageFile(for: input, quantization: quantization)
      file.storedType = stored
      var planned = PlannedFile(
        format, shape: file.sides(of: input.shape), from: input, quantization, storedType: stored)
      planned.channelFiles = file.splitsChannels ? input.colorChannels : nil
      planned.dataset = try dataset(of: file, input)
      return Lowered(layout: input, operators: [file], file: planned)
    }
    let file = PatchFile(
      order: try order(for: input, on: grid), quantization: quantization, storedType: stored,
      channels: input.channels, patchSize: grid.kernelSize, gridSize: grid.size, verifies: verify)
    var planned = PlannedFile(
      format, shape: file.shape(blocks: input.mostBlocks), from: input, quantization,
      storedType: stored)
    planned.dataset = try dataset(of: file, input, on: grid)
    planned.companions = companions(of: input, on: grid, order: file.order)
    if verify, let first = planned.companions.first {
      throw StageError(Refusal.cannotVerify(first.form.name))
    }
    if file.order.isOneRowPerBlock, let count = input.paddedBlockCount {
      planned.paddedBlockCount = count
      planned.shape[0] = count
    }
    return Lowered(layout: input, operators: [file], file: planned)
  }

  private func storedType(for input: Layout) -> StoredType {
    switch writtenFormat(patches: input.grid != nil) {
    case .jpeg, .webp: .uint8
    case .npy: dtype ?? StoredType(input.elementType)
    case .png, .tiff:
      switch bitDepth {
      case .eight: .uint8
      case .sixteen: .uint16
      case .thirtyTwo: .float32
      case nil:
        switch input.sourceType {
        case .uint8: .uint8
        case .uint16: .uint16
        case .float32: format == .tiff ? .float32 : .uint8
        }
      }
    }
  }

  func fileFormat(of format: ImageFormat) -> ImageFileFormat {
    switch format {
    case .npy: return .npy
    case .png: return .png(compression)
    case .tiff: return .tiff(compression)
    case .webp:
      var settings = WebPSettings()
      settings.quality = quality
      settings.isLossless = lossless
      return .webp(settings)
    case .jpeg:
      var settings = JPEGSettings()
      settings.quality = quality
      settings.isProgressive = progressive
      settings.subsampling = subsampling
      return .jpeg(settings)
    }
  }

  private func imageFile(
    for input: Layout, quantization: Quantization
  ) throws(StageError) -> ImageFile {
    let format = writtenFormat(patches: false)
    var file = ImageFile(
      format: fileFormat(of: format), quantization: quantization, colorModel: input.colorModel,
      hasAlpha: input.hasAlpha, metadata: metadata, verifies: verify)
    guard format != .npy else { return file }
    try requirePicture(of: input, as: format)
    if channels == .montage {
      let montage = Montage(of: input.colorChannels, cell: input.size)
      let side = max(montage.size.height, montage.size.width)
      guard side <= format.sideLimit else {
        throw StageError(Refusal.montageTooLarge(montage.size, format))
      }
      file.montage = montage
      file.colorModel = .gray
      return file
    }
    switch input.colorChannels {
    case 1: file.colorModel = .gray
    case 3: file.colorModel = .rgb
    default:
      file.splitsChannels = true
      guard input.colorChannels <= Self.largestFileCount else {
        throw StageError(Refusal.tooManyFiles(input.colorChannels))
      }
      file.colorModel = .gray
    }
    return file
  }

  /// Refuses what a picture format has no place for.
  func requirePicture(of input: Layout, as format: ImageFormat) throws(StageError) {
    if input.colorModel == .cmyk {
      throw StageError(Refusal.cmyk(format))
    }
    if format == .jpeg, input.hasAlpha { throw StageError(Refusal.alpha) }
    let size = input.grid?.kernelSize ?? input.size
    if max(size.height, size.width) > format.sideLimit {
      throw StageError(Refusal.tooLarge(size, format))
    }
  }
}
