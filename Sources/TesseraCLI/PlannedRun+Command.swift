import Tessera
import TesseraBatch
import TesseraCodecs
import TesseraConfiguration
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraPipeline

/// Plans that are read, with all that their pipelines need but images.
extension PlannedRun<PipelineProcessor> {
  /// Reads the plan in a folder.
  ///
  /// - Parameters:
  ///   - path: the folder.
  ///   - input: where its inputs lie here, in place of where they lay when it was made.
  ///   - output: where outputs go here.
  ///   - jobs: workers.
  ///   - computes: whether images are processed here, so that arithmetic and libraries count.
  ///   - configure: sets what the line says of the run.
  /// - Throws: ``CommandFailure`` where there is none, or its pipeline cannot run here.
  init(
    _ path: String, input: String? = nil, output: String? = nil, jobs: Int = 1,
    computing computes: Bool = true, _ configure: (inout BatchOptions) -> Void
  ) throws(CommandFailure) {
    AtomicFile.nameWriter()
    let folder = PlanFolder(path)
    var (plan, digest) = try CommandFailure.plan { () throws(PlanError) in try folder.read() }
    if let input {
      guard plan.roots.count < 2 else {
        throw CommandFailure(
          .usage,
          "--input takes the place of one folder of inputs, and the plan has \(plan.roots.count): "
            + plan.roots.map { "'\($0.path.printable)'" }.joined(separator: ", "))
      }
      for index in plan.roots.indices { plan.roots[index].path = Path.absolute(input) }
    }
    let planner = try PipelineArguments.planner(
      kernels: computes ? try Self.kernels(of: plan) : .baseline, workers: jobs
    ) {
      () throws(PipelineFileError) in
      try Pipeline(plan.pipeline, file: folder.plan, baseDirectory: plan.pipelineFolder)
    }
    let target: OutputTarget = (output ?? plan.output).map { .folder($0) } ?? .pipeline
    let processor = try CommandFailure.pipeline { () throws(PipelineFileError) in
      try target.processor(planner)
    }
    var options = target.options(
      recipe: processor.recipe, processor: processor, state: nil, jobs: jobs)
    options.version = TesseraVersion.text
    options.formerRecipes = planner.pipeline.formerRecipes
    options.audience = .plan
    configure(&options)
    if computes, plan.codecs != CodecLibraries.versions {
      Console.note(
        "warning: the plan was made with \(Self.list(plan.codecs)), and this is "
          + "\(Self.list(CodecLibraries.versions)): pixels or files may differ from those of other "
          + "machines")
    }
    do throws(PlanError) {
      try self.init(plan, digest: digest, in: folder, processor, options: options)
    } catch {
      throw CommandFailure(error)
    }
  }

  private static func list(_ names: [String]) -> String {
    names.map(\.printable).joined(separator: ", ")
  }

  /// The arithmetic that all shards share.
  private static func kernels(of plan: RunPlan) throws(CommandFailure) -> KernelSet {
    do throws(KernelSelectionError) {
      return try KernelSet.selected(forced: plan.kernels)
    } catch {
      throw CommandFailure(
        .badPipeline,
        "the plan is for processors with \(plan.kernels.printable), and this one runs "
          + list(KernelSet.supported.map(\.name))
          + "; plan again with TESSERA_ISA set to what all machines run: results of two instruction "
          + "sets may differ in the last bits")
    }
  }
}
