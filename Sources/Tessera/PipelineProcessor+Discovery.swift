import TesseraBatch
import TesseraCodecs
import TesseraFiles
import TesseraPipeline
import TesseraThreads

extension PipelineProcessor {
  /// Finds the inputs of a run, by the rules of the pipeline: images, or arrays of patches.
  ///
  /// - Parameters:
  ///   - sources: folders, files, globs and lists; none for what the pipeline names.
  ///   - outputFolders: folders in which nothing is an input.
  ///   - cancellation: ends the search early.
  /// - Returns: the inputs, and what was passed over.
  /// - Throws: ``DiscoveryError``.
  public func inputs(
    in sources: [InputSource], outputFolders: [String], cancellation: Cancellation = Cancellation()
  ) throws(DiscoveryError) -> DiscoveredInputs {
    let rules = planner.source.inputs
    var found =
      if let patches {
        try patches.found(
          in: sources, by: rules, outputFolders: outputFolders, cancellation)
      } else {
        try InputDiscovery(
          of: .images(takingPages: rules.takesPages), include: rules.include,
          exclude: rules.exclude,
          isRecursive: rules.recursive, followsLinks: rules.followLinks,
          outputFolders: outputFolders
        ).inputs(in: sources, cancellation: cancellation)
      }
    found.items.viewCount = rules.views
    return found
  }

  /// Plans an input from what its file says of itself.
  ///
  /// - Parameter item: one of ``inputs(in:outputFolders:cancellation:)``.
  /// - Returns: its plan.
  /// - Throws: `FilePlanError` where its header cannot be read, or a stage cannot work on it.
  public func plan(_ item: Item) throws(FilePlanError) -> Plan {
    guard let patches else {
      return try planner.plan(contentsOf: item.source, of: item.identity)
    }
    let header: ImageHeader
    do throws(CodecError) {
      header = try patches.reader(
        of: item, options: planner.decodeOptions, Cancellation()
      ).header
    } catch {
      throw .file(error)
    }
    do throws(PlanningError) {
      return try planner.plan(header, of: item.identity)
    } catch {
      throw .stage(error)
    }
  }

  /// What changes with everything that an output depends on but the inputs' own bytes and the version of
  /// Tessera, once the inputs have been found; for ``BatchOptions/recipe``.
  public var recipe: String {
    let own = planner.pipeline.recipe
    guard let patches, case let told = patches.recipe, !told.isEmpty else { return own }
    return XXHash64.hash((own + told).utf8).hexadecimal
  }
}
