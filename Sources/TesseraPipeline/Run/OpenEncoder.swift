import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraFiles
import TesseraKernels

/// What encoders of one run have in common.
package struct EncoderParts {
  package var plan: Plan
  /// Steps that keep statistics of the image, by stage.
  package var statistics: [Int: StatisticsStep]
  package var kernels: KernelSet
  package var scratch: ScratchPool

  /// The step that knows the inverse of this image, where a map needs it.
  package func statistics(for quantization: Quantization) -> StatisticsStep? {
    quantization.statisticsStage.flatMap { statistics[$0] }
  }
}

/// An encoder and its files, which have no final names yet.
package struct OpenEncoder {
  package let sink: any EncodingSink
  package let files: [AtomicFile]
  package let verifies: Bool
  package let shape: [Int]
  package let elementType: ElementType

  /// Opens the files of a node beside their final names.
  ///
  /// - Throws: `InputFailure` where a file cannot be created.
  package init(
    for node: Plan.Node, paths: [String], reader: ImageReader, parts: EncoderParts
  ) throws(InputFailure) {
    var files: [AtomicFile] = []
    do throws(FileError) {
      for path in paths {
        files.append(try AtomicFile(at: path))
      }
    } catch {
      throw InputFailure(output: error, stageIndex: node.stageIndex)
    }
    do throws(CodecError) {
      switch node.work {
      case .encodeImage(let tap, let file):
        let metadata = reader.metadata.carried(to: file, from: parts.plan.source)
        self = try Self.image(file, tap, metadata, for: node, paths: paths, files, parts)
      case .encodePatches(let tap, let file, _, _, _):
        self = try Self.patches(file, tap, for: node, path: paths[0], files, parts)
      default:
        throw .unsupported(.npy, "a stage that writes nothing")
      }
    } catch {
      throw InputFailure(output: error, path: paths[0])
    }
  }

  private init(
    sink: any EncodingSink, files: [AtomicFile], verifies: Bool, shape: [Int],
    elementType: ElementType
  ) {
    self.sink = sink
    self.files = files
    self.verifies = verifies
    self.shape = shape
    self.elementType = elementType
  }

  private static func image(
    _ file: ImageFile, _ tap: EncodeTap, _ metadata: ImageMetadata, for node: Plan.Node,
    paths: [String], _ files: [AtomicFile], _ parts: EncoderParts
  ) throws(CodecError) -> OpenEncoder {
    let window = parts.plan.windows[node.input]
    let shape = window.shape
    let writer = try ImageFileWriter(
      file, verifies: tap.verifies, paths: files.map(\.temporaryPath), shape: shape,
      metadata: metadata, kernels: parts.kernels, scratch: parts.scratch)
    let sink = ImageEncoder(
      file, path: paths[0], writer: writer, input: window.format, height: window.height,
      statistics: parts.statistics(for: file.quantization), kernels: parts.kernels,
      scratch: parts.scratch)
    return OpenEncoder(
      sink: sink, files: files, verifies: tap.verifies,
      shape: [file.splitsChannels ? 1 : shape.channels, shape.height, shape.width],
      elementType: file.quantization.elementType)
  }

  private static func patches(
    _ file: PatchFile, _ tap: EncodeTap, for node: Plan.Node, path: String, _ files: [AtomicFile],
    _ parts: EncoderParts
  ) throws(CodecError) -> OpenEncoder {
    guard let pass = StepBuilder.tilePass(for: node, in: parts.plan, kernels: parts.kernels) else {
      throw .unsupported(.npy, "a stage without patches")
    }
    let layout = parts.plan.stages[node.stageIndex].layout
    let patchSize = layout.grid?.kernelSize ?? Size(1)
    let blockCount = pass.geometry.grid.blockCount
    let shape = PatchEncoder.shape(
      file.layout, channels: layout.channels, patchSize: patchSize, blocks: blockCount)
    let elementType = file.quantization.elementType
    let array = try NPYFileWriter(
      path: files[0].temporaryPath, shape: shape, elementType: elementType)
    let writer = PatchFileWriter(
      array, layout: file.layout, channels: layout.channels, patchSize: patchSize,
      tileWidth: pass.tileWidth, blockCount: blockCount, verifies: tap.verifies,
      kernels: parts.kernels, pool: parts.scratch)
    let sink = PatchEncoder(
      file, path: path, pass: pass, channels: layout.channels, writer: writer,
      height: parts.plan.windows[node.input].height,
      statistics: parts.statistics(for: file.quantization), kernels: parts.kernels,
      scratch: parts.scratch)
    return OpenEncoder(
      sink: sink, files: files, verifies: tap.verifies, shape: shape, elementType: elementType)
  }
}

extension Quantization {
  /// The stage that keeps the statistics of each image, where the map needs them.
  package var statisticsStage: Int? {
    if case .perImage(let stage, _, _) = map { stage } else { nil }
  }
}

extension ImageMetadata {
  /// What travels from an input to an output.
  ///
  /// A profile describes colours of one model: it stays behind where that changes.
  package func carried(to file: ImageFile, from source: SourcePlan) -> ImageMetadata {
    if file.settings.metadata == .strip { return ImageMetadata() }
    let keepsModel = file.colorModel == source.header.colorModel && !file.splitsChannels
    var carried = ImageMetadata(icc: keepsModel ? icc : nil, resolution: resolution)
    if file.settings.metadata == .keep {
      let isUpright = source.orientation == source.header.orientation
      carried.exif = isUpright ? upright().exif : exif
    }
    return carried
  }
}
