import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraThreads

/// A pipeline with everything that it needs beside images: its arrays are loaded, its paths are
/// resolved, its kernels are chosen.
///
/// From here on each image is planned by itself.
public struct Planner: Sendable {
  /// The pipeline.
  public let pipeline: Pipeline
  /// The kernels that every plan uses.
  public var kernels: KernelSet { tools.kernels }
  /// Kernels, and the memory that all runs of the plans borrow from.
  package let tools: RunTools

  /// Threads that one large image may use.
  public let workers: Int
  /// How rows are grouped.
  package var banding = Banding()
  /// Faster ways that plans may take, with the same bits.
  package var rewrites: [any Rewrite] = Rewrites.all
  /// The stages that are looked at in place of writing files; `nil` where files are written.
  package var viewing: Viewing?

  private let arrays: [ArrayReference.Identity: NPYArray]
  private let documents: [PathKey: JSONValue]
  private let programs: [String: String]
  private let written = WrittenStages()
  private let sharedKernels = SharedKernels()

  /// Loads the arrays that a pipeline names, and looks for its programs.
  ///
  /// - Parameters:
  ///   - pipeline: what to do.
  ///   - kernels: the arithmetic; results of two sets may differ in the last bits.
  ///   - workers: threads that one large image may use; results do not depend on it.
  /// - Throws: `PipelineFileError` with every array that cannot be read, and every program that is
  ///   not there.
  public init(
    _ pipeline: Pipeline, kernels: KernelSet, workers: Int = 1
  ) throws(PipelineFileError) {
    self.pipeline = pipeline
    tools = RunTools(kernels: kernels)
    self.workers = max(workers, 1)
    let arrays = StageArrays(pipeline)
    let documents = StageDocuments(pipeline)
    let programs = StagePrograms(pipeline)
    let diagnostics = arrays.diagnostics + documents.diagnostics + programs.diagnostics
    guard diagnostics.isEmpty else {
      throw PipelineFileError(diagnostics, file: pipeline.file)
    }
    self.arrays = arrays.values
    self.documents = documents.values
    self.programs = programs.paths
  }

  /// The stage that brings images in.
  public var source: any SourceStage {
    guard let source = pipeline.stages.first as? any SourceStage else {
      preconditionFailure("a pipeline that was checked begins with a source")
    }
    return source
  }

  /// How files are decoded.
  public var decodeOptions: DecodeOptions { source.decodeOptions }

  /// Plans one image.
  ///
  /// - Parameters:
  ///   - header: what its file says of itself.
  ///   - image: which one it is, for random choices.
  /// - Returns: every shape, type and byte of the run.
  /// - Throws: `PlanningError` where a stage cannot work on this image.
  public func plan(
    _ header: ImageHeader, of image: ImageIdentity = .example
  ) throws(PlanningError) -> Plan {
    try plan(header, of: image, Cancellation())
  }

  /// Whether plans hang on which image it is, not on its header alone.
  package var isRandom: Bool { pipeline.stages.contains { $0.isRandom } }

  /// Plans one image, unless nobody wants the plan any more: images of millions of rows take seconds.
  package func plan(
    _ header: ImageHeader, of image: ImageIdentity, _ cancellation: Cancellation
  ) throws(PlanningError) -> Plan {
    let lowered = try lowered(header, of: image)
    var graph = lowered.graph
    do throws(StageError) {
      graph.shrinkSource()
      graph.roundSumsOnce()
      graph.rewrite(by: rewrites)
      return Plan(
        stages: lowered.rows, work: try planned(graph, cancellation),
        blockCount: lowered.blockCount, chosenFor: isRandom ? image : nil)
    } catch {
      throw planningError(pipeline.stages.count - 1, error)
    }
  }

  /// What the stages come down to for an image, before rewrites.
  struct LoweredStages {
    var graph: Graph
    var rows: [Plan.StageRow]
    var blockCount: Int
  }

  /// Lowers every stage.
  func lowered(
    _ header: ImageHeader, of image: ImageIdentity
  ) throws(PlanningError) -> LoweredStages {
    var stageIndex = 0
    let names = pipeline.stages.map { type(of: $0).name }
    do throws(StageError) {
      guard (header.patches != nil) == (self.source.patchInputs != nil) else {
        throw StageError(SharedRefusal.notPatches)
      }
      guard header.shape.channels <= ImageHeader.largestChannelCount else {
        throw StageError(SharedRefusal.channels(header.shape.channels))
      }
      let source = try source.sourcePlan(for: header)
      var layout = source.layout
      var lowered = LoweredStages(graph: Graph(source: source), rows: [], blockCount: 0)
      for (index, stage) in pipeline.stages.enumerated() {
        stageIndex = index
        let context = StageContext(
          stageIndex: index, stageName: names[index],
          occurrence: names[..<index].count { $0 == names[index] }, image: image,
          loaded: source.layout, patches: header.patches, arrays: arrays, documents: documents,
          programs: programs, written: written, sharedKernels: sharedKernels)
        var step = try stage.lower(layout, in: context)
        // Other blocks than the model's are not its patches any more.
        if layout.modelOrder != nil, step.layout.grid != layout.grid {
          step.layout.modelOrder = nil
          step.layout.paddedBlockCount = nil
        }
        try step.layout.requireCountable()
        lowered.graph.append(
          viewing?.operators(of: step, type(of: stage).role, stage: index) ?? step.operators,
          stage: index)
        if layout.grid == nil, let grid = step.layout.grid {
          lowered.blockCount += grid.blockCount
        }
        layout = step.layout
        lowered.rows.append(
          Plan.StageRow(
            index: index, name: names[index], layout: layout, file: step.file, steps: step.steps,
            viewed: viewing?.meaning(of: step)))
      }
      return lowered
    } catch {
      throw planningError(stageIndex, error)
    }
  }

  private func planningError(_ stageIndex: Int, _ error: StageError) -> PlanningError {
    PlanningError(
      stageIndex: stageIndex, stageName: type(of: pipeline.stages[stageIndex]).name, error: error)
  }
}

extension Planner {
  private func planned(
    _ graph: Graph, _ cancellation: Cancellation
  ) throws(StageError) -> GraphPlan {
    do throws(GraphError) {
      return try PlanBuilder.plan(
        graph, tools: tools, workers: workers, banding: banding, cancellation: cancellation)
    } catch {
      throw StageError(error == .cancelled ? SharedRefusal.cancelled : .noOrder)
    }
  }
}

extension Layout {
  /// Refuses images and patches with more values than can be counted.
  fileprivate func requireCountable() throws(StageError) {
    let blocks = grid?.blockCount ?? 1
    // A tile has at most 1024 blocks, twice over, of four bytes a value.
    let values = checkedProduct(max(patchLength, 1), max(blocks, 1024), 8)
    let pixels = checkedProduct(channels, size.height, size.width, 8)
    guard values != nil, pixels != nil else {
      throw StageError(SharedRefusal.uncountable(flowShape))
    }
  }
}

extension Pipeline {
  /// A path that the pipeline names, from the working directory.
  package func resolve(_ path: String) -> String {
    path.hasPrefix("/") || baseDirectory.isEmpty ? path : Path.join(baseDirectory, path)
  }

  /// A mistake in a stage that only showed once the files it names were read.
  package func diagnostic(stage: Int, key: String?, expected: String, found: String) -> Diagnostic {
    Diagnostic(
      file: file, position: location(stage: stage, key: key)?.position ?? .code,
      path: key.map { DocumentPath.stage(stage).appending(.key($0)) } ?? .stage(stage),
      stageName: type(of: stages[stage]).name,
      problem: .mismatch(expected: expected, found: found))
  }
}

extension Planner {
  /// Plans an image of a given size that no file holds yet: 8 bits, gray, gray with alpha, RGB, RGB
  /// with alpha, or nameless channels.
  ///
  /// - Parameter shape: channels, height and width.
  /// - Returns: the plan of such an image.
  /// - Throws: `PlanningError` where a stage cannot work on such an image.
  public func plan(_ shape: ImageShape) throws(PlanningError) -> Plan {
    let model: ColorModel =
      switch shape.channels {
      case 1, 2: .gray
      case 3, 4: .rgb
      default: .unknown
      }
    return try plan(
      ImageHeader(
        format: .png, shape: shape, elementType: .uint8, colorModel: model,
        hasAlpha: shape.channels == 2 || shape.channels == 4, sourceBitDepth: 8, decoderBytes: 0,
        decoder: ""))
  }

  /// Plans the image in a file.
  ///
  /// - Parameters:
  ///   - path: a PNG, JPEG, WebP, TIFF or NPY file.
  ///   - image: which one it is, for random choices.
  /// - Returns: the plan of that image.
  /// - Throws: `FilePlanError` where its header cannot be read, or a stage cannot work on it.
  public func plan(
    contentsOf path: String, of image: ImageIdentity = .example
  ) throws(FilePlanError) -> Plan {
    try plan(contentsOf: ByteSource(path: path), of: image)
  }

  /// Plans the image in a file, or in a part of one.
  ///
  /// - Parameters:
  ///   - source: the bytes of a PNG, JPEG, WebP, TIFF or NPY file.
  ///   - image: which one it is, for random choices.
  /// - Returns: the plan of that image.
  /// - Throws: `FilePlanError` where its header cannot be read, or a stage cannot work on it.
  public func plan(
    contentsOf source: ByteSource, of image: ImageIdentity = .example
  ) throws(FilePlanError) -> Plan {
    let header: ImageHeader
    do throws(CodecError) {
      header = try ImageReader(source: source, options: decodeOptions).header
    } catch {
      throw .file(error)
    }
    do throws(PlanningError) {
      return try plan(header, of: image)
    } catch {
      throw .stage(error)
    }
  }
}
