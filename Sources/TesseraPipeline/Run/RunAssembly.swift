import TesseraCodecs
import TesseraCore
import TesseraKernels

/// The nodes of a plan brought to life for one file, with the files that they write.
struct RunAssembly {
  private let run: ImageRun
  private let source: ImageSource
  private let bandHeight: Int
  private let encoders: [OpenEncoder]
  private let rounding: [ByteConvolutionStep]
  private let comparisons: [Comparison]

  /// An encoder and its files, which have no final names yet.
  private struct OpenEncoder {
    var sink: any EncodingSink
    var files: [AtomicFile]
    var verifies: Bool
    var shape: [Int]
    var elementType: ElementType
  }

  /// Makes every step and opens every output beside its final name.
  ///
  /// - Parameters:
  ///   - plan: what to do.
  ///   - reader: the input, of which nothing was read yet.
  ///   - outputs: final names by stage.
  ///   - kernels: the arithmetic.
  ///   - workspace: lends memory.
  ///   - cancellation: asked between bands.
  /// - Throws: `InputFailure` where an output cannot be created.
  init(
    plan: Plan, reader: ImageReader, outputs: [Int: [String]], kernels: KernelSet,
    workspace: Workspace, cancellation: Cancellation
  ) throws(InputFailure) {
    var nodes: [RunNode] = []
    var encoders: [OpenEncoder] = []
    var comparisons: [Comparison] = []
    var statistics: [Int: StatisticsStep] = [:]
    var rounding: [ByteConvolutionStep] = []
    for node in plan.nodes {
      let work: RunNode.Work
      var readsLoaded = false
      switch node.work {
      case .compare(let tap):
        let window = plan.windows[node.input]
        let comparison = Comparison(
          tap, input: window.format, height: window.height,
          statistics: tap.quantization.statisticsStage.flatMap { statistics[$0] },
          kernels: kernels, scratch: workspace.scratch)
        comparisons.append(comparison)
        work = .sink(comparison)
        readsLoaded = true
      case .encodeImage, .encodePatches:
        let encoder = try Self.encoder(
          for: node, in: plan, paths: outputs[node.stageIndex] ?? [], reader: reader,
          statistics: statistics, kernels: kernels, scratch: workspace.scratch)
        encoders.append(encoder)
        work = .sink(encoder.sink)
      default:
        guard
          let step = StepBuilder.step(
            for: node, in: plan, kernels: kernels, workspace: workspace),
          let output = node.output
        else { continue }
        if let step = step as? StatisticsStep { statistics[node.stageIndex] = step }
        if let step = step as? ByteConvolutionStep { rounding.append(step) }
        work = .step(step, output: output)
      }
      nodes.append(
        RunNode(
          work, stageIndex: node.stageIndex, input: node.input, readsLoaded: readsLoaded,
          bandUnits: node.bandUnits))
    }
    self.encoders = encoders
    self.comparisons = comparisons
    self.rounding = rounding
    source = ImageSource(
      reader: reader, plan: plan.source, bandHeight: plan.bandHeight, kernels: kernels,
      scratch: workspace.scratch)
    bandHeight = plan.bandHeight
    run = ImageRun(
      windows: plan.windows.map {
        RowWindow(format: $0.format, capacity: $0.capacity, pool: workspace.rows)
      },
      loadedWindow: plan.loadedWindow, nodes: nodes, workers: plan.workers,
      cancellation: cancellation)
  }

  private static func encoder(
    for node: Plan.Node, in plan: Plan, paths: [String], reader: ImageReader,
    statistics: [Int: StatisticsStep], kernels: KernelSet, scratch: ScratchPool
  ) throws(InputFailure) -> OpenEncoder {
    let window = plan.windows[node.input]
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
        let shape = window.shape
        let writer = try ImageFileWriter(
          file, verifies: tap.verifies, paths: files.map(\.temporaryPath), shape: shape,
          metadata: reader.metadata.carried(to: file, from: plan.source),
          kernels: kernels, scratch: scratch)
        let sink = ImageEncoder(
          file, path: paths[0], writer: writer, input: window.format, height: window.height,
          statistics: file.quantization.statisticsStage.flatMap { statistics[$0] },
          kernels: kernels, scratch: scratch)
        return OpenEncoder(
          sink: sink, files: files, verifies: tap.verifies,
          shape: [file.splitsChannels ? 1 : shape.channels, shape.height, shape.width],
          elementType: file.quantization.elementType)
      case .encodePatches(let tap, let file, _, _, _):
        guard let pass = StepBuilder.tilePass(for: node, in: plan, kernels: kernels) else {
          throw .unsupported(.npy, "a stage without patches")
        }
        let layout = plan.stages[node.stageIndex].layout
        let patchSize = layout.grid?.kernelSize ?? Size(1)
        let shape = PatchEncoder.shape(
          file.layout, channels: layout.channels, patchSize: patchSize,
          blocks: pass.geometry.grid.blockCount)
        let array = try NPYFileWriter(
          path: files[0].temporaryPath, shape: shape, elementType: file.quantization.elementType)
        let writer = PatchFileWriter(
          array, layout: file.layout, channels: layout.channels, patchSize: patchSize,
          tileWidth: pass.tileWidth, blockCount: pass.geometry.grid.blockCount,
          verifies: tap.verifies, kernels: kernels, pool: scratch)
        let sink = PatchEncoder(
          file, path: paths[0], pass: pass, channels: layout.channels, writer: writer,
          height: window.height,
          statistics: file.quantization.statisticsStage.flatMap { statistics[$0] },
          kernels: kernels, scratch: scratch)
        return OpenEncoder(
          sink: sink, files: files, verifies: tap.verifies, shape: shape,
          elementType: file.quantization.elementType)
      default:
        throw .unsupported(.npy, "a stage that writes nothing")
      }
    } catch {
      throw InputFailure(output: error, path: paths[0])
    }
  }

  /// Runs the image to its end and gives the files their names.
  ///
  /// Files get their names last, once the input was read to its end and everything was verified.
  ///
  /// - Throws: `CodecError` of the decoder, `InputFailure` of a stage or an encoder, `Cancelled`.
  func execute(into result: inout InputResult) throws {
    defer {
      result.metrics = comparisons.flatMap(\.metrics)
      result.stageTimes = run.stageTimes
    }
    try run.run(height: source.height, bandHeight: bandHeight, decode: source.read)
    let report = try source.finish()
    result.warnings += report.warnings
    result.isPartial = report.isPartial
    for encoder in encoders where encoder.verifies {
      try encoder.sink.verify(encoder.files.map(\.temporaryPath))
    }
    for encoder in encoders {
      for file in encoder.files {
        do throws(FileError) {
          try file.finish()
          result.outputs.append(
            OutputFile(
              path: file.path, byteCount: FileStatus(of: file.path)?.byteCount ?? 0,
              shape: encoder.shape, dtype: encoder.elementType.rawValue))
        } catch {
          throw InputFailure(output: error)
        }
      }
    }
    let counts = encoders.map(\.sink.counts) + rounding.map(\.counts)
    let quantized = counts.reduce(0) { $0 + $1.quantized }
    if quantized > 0 {
      result.saturatedFraction =
        Double(counts.reduce(0) { $0 + $1.saturated }) / Double(quantized)
    }
  }
}

extension Quantization {
  /// The stage that keeps the statistics of each image, where the map needs them.
  var statisticsStage: Int? {
    if case .perImage(let stage, _, _) = map { stage } else { nil }
  }
}

extension ImageMetadata {
  /// What travels from an input to an output.
  ///
  /// A profile describes colours of one model: it stays behind where that changes.
  func carried(to file: ImageFile, from source: SourcePlan) -> ImageMetadata {
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
