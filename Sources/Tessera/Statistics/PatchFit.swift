import TesseraBatch
import TesseraConfiguration
import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraKernels
import TesseraPipeline
import TesseraThreads

/// Learns mean, covariance and principal directions of the patches of many images, in one pass.
///
/// The stages are those of a pipeline before the first that uses what is learned, or else before the
/// first that takes patches out of the flow. Sums of each image are put together in the order of the
/// images: the result is the same for any number of workers.
public struct PatchFit: Sendable {
  /// What became of one image.
  public struct Image: Sendable {
    /// The image.
    public let item: Item
    /// Patches that were learned from.
    public let patchCount: Int
    /// Patches that were left out, as some value of theirs is not finite.
    public let leftOutCount: Int
    /// Why nothing was learned from it.
    public let failure: InputFailure?
  }

  /// What plans and opens the images.
  public let processor: PipelineProcessor
  private let algebra: LinearAlgebra

  /// Prepares the stages.
  ///
  /// - Parameter pipeline: a pipeline, with or without stages that write.
  /// - Throws: ``PatchStatisticsError`` where no patches come about or the system has no LAPACK;
  ///   ``PipelineFileError`` where files that the stages name cannot be read; ``KernelSelectionError``.
  public init(_ pipeline: Pipeline) throws {
    guard let learning = pipeline.learning() else { throw PatchStatisticsError.noPatches }
    algebra = try LinearAlgebra()
    processor = try PipelineProcessor(Planner(learning, kernels: .selected()))
  }

  /// Learns from images.
  ///
  /// - Parameters:
  ///   - items: the images, as ``PipelineProcessor/inputs(in:outputFolders:cancellation:)`` finds them.
  ///   - jobs: how many are worked on at once.
  ///   - cancellation: ends the work early.
  ///   - onImage: called with each image, in their order, by one thread at a time.
  /// - Returns: what was learned.
  /// - Throws: ``PatchStatisticsError`` where there are too few patches; ``Cancelled``.
  public func run(
    on items: ItemList, jobs: Int, cancellation: Cancellation = Cancellation(),
    onImage: @escaping @Sendable (Image) -> Void = { _ in }
  ) throws -> PatchStatistics {
    let jobs = max(1, min(jobs, items.count))
    let state = Monitor(State())
    // Who is far ahead waits before it learns: every image that waits for its turn has a matrix in memory.
    let mostAhead = 2 * jobs
    let next = Counter(limit: items.count)
    Workers.run(
      jobs,
      {
        while !cancellation.isCancelled, let index = next.take() {
          while !cancellation.isCancelled,
            state.wait(
              milliseconds: 100, for: { index < $0.turn + mostAhead ? true : nil }) == nil
          {}
          let result = learn(from: items[index], cancellation)
          if case .failure(.cancelled) = result { return }
          state.withLock { $0.take(result, of: items, at: index, onImage) }
        }
      }, attend: {})
    try cancellation.check()
    let moments = state.withLock { $0.moments }
    return try PatchStatistics(moments ?? PatchMoments(length: 1), by: algebra)
  }

  /// What has been learned, and what waits for its turn.
  private struct State {
    var turn = 0
    var moments: PatchMoments?
    private var waiting: [Int: Result<PatchMoments, InputFailure>] = [:]

    mutating func take(
      _ result: Result<PatchMoments, InputFailure>, of items: ItemList, at index: Int,
      _ onImage: (Image) -> Void
    ) {
      waiting[index] = result
      while let result = waiting.removeValue(forKey: turn) {
        let item = items[turn]
        turn += 1
        do {
          let found = try result.get()
          try merge(found)
          onImage(
            Image(
              item: item, patchCount: found.count, leftOutCount: found.leftOutCount, failure: nil))
        } catch {
          onImage(Image(item: item, patchCount: 0, leftOutCount: 0, failure: error))
        }
      }
    }

    private mutating func merge(_ found: PatchMoments) throws(InputFailure) {
      guard var known = moments else {
        moments = found
        return
      }
      guard known.length == found.length else {
        throw InputFailure(
          .plan,
          "expected patches of \(known.length) values, as the images before have, found patches of "
            + "\(found.length); \"color\" in load makes channels alike")
      }
      moments = nil
      known.merge(found)
      moments = known
    }
  }

  private func learn(
    from item: Item, _ cancellation: Cancellation
  ) -> Result<PatchMoments, InputFailure> {
    do throws(InputFailure) {
      let prepared = try processor.opened(item, cancellation)
      let workspace = processor.planner.tools.workspace
      if let objection = MemoryBudget.objection(
        to: prepared.plan.byteCount, keep: { workspace.release(keeping: $0) })
      {
        throw objection
      }
      var image = ImageResult()
      do throws(RunFailure) {
        let execution = try ImageExecution(
          prepared.plan.work, reader: prepared.reader, openingTime: prepared.openingTime,
          outputs: [:], processor.planner.tools, cancellation: cancellation)
        try execution.execute(into: &image, workers: 1)
      } catch {
        throw InputFailure(error)
      }
      guard let moments = image.moments else {
        throw InputFailure(.bug, "a pipeline that ends in learning has learned nothing")
      }
      return .success(moments)
    } catch {
      return .failure(error)
    }
  }
}

extension Pipeline {
  /// Reads the bytes of a pipeline file whose stages need not write anything: patches are learned from.
  ///
  /// - Parameters:
  ///   - bytes: the contents of the file.
  ///   - file: its name: messages begin with it, relative paths start at its folder.
  ///   - overrides: changes such as `stages[1].stride=4`.
  /// - Throws: `PipelineFileError` with every mistake in the text.
  public init(
    parsingToFit bytes: [UInt8], file: String? = nil, overrides: [String] = []
  ) throws(PipelineFileError) {
    try self.init(
      parsing: bytes, file: file, overrides: overrides, label: "override", needsResult: false)
  }

  /// Learns mean, covariance and principal directions of the patches of every image in a folder, with
  /// the stages before the first that uses them.
  ///
  /// - Parameters:
  ///   - folder: a folder, a file, or a glob.
  ///   - jobs: how many images are worked on at once.
  ///   - onImage: called with each image, in their order.
  /// - Returns: what was learned; images that failed are told of by `onImage` alone.
  /// - Throws: ``PatchStatisticsError``, ``PipelineFileError``, ``KernelSelectionError``,
  ///   ``DiscoveryError``, also where some folder cannot be read; ``Cancelled`` when the task is cancelled.
  public func fit(
    onFolder folder: String, jobs: Int = BatchOptions.processorCount,
    onImage: @escaping @Sendable (PatchFit.Image) -> Void = { _ in }
  ) async throws -> PatchStatistics {
    let cancellation = Cancellation()
    return try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        Workers.start {
          continuation.resume(
            with: Result {
              let fit = try PatchFit(self)
              let inputs = try fit.processor.inputs(
                in: [.path(folder)], outputFolders: [], cancellation: cancellation)
              if let error = inputs.unreadableFolders.kept.first {
                throw DiscoveryError.unreadable(error)
              }
              return try fit.run(
                on: inputs.items, jobs: jobs, cancellation: cancellation, onImage: onImage)
            })
        }
      }
    } onCancel: {
      cancellation.cancel()
    }
  }
}
