import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraKernels
import TesseraPipeline
import TesseraThreads

extension Pipeline {
  /// Runs the pipeline on an image in memory, without any file.
  ///
  /// What `load` says of paths, files and their axes does not count, everything else of it does; nor
  /// does what `encode` says of folders, names and codecs, or its `verify`. The values are those that
  /// a run on an NPY file with the same pixels writes. For many images, make a `Planner` once and call
  /// its `run`: it keeps arrays of weights and memory.
  ///
  /// - Parameters:
  ///   - pixels: `UInt8`, `UInt16` or `Float` values over channel, row, column, the last running
  ///     fastest. Integers are on the full scale of their type, alpha is not premultiplied, and CMYK is
  ///     bytes of which 255 is full ink.
  ///   - shape: channels, height and width, each at least 1.
  ///   - colorModel: what the channels without alpha mean; `nil` leaves it to `npyColor` of `load`,
  ///     and else to their number: one is gray, three are RGB, others have no meaning.
  ///   - hasAlpha: whether the last channel is opacity.
  ///   - identity: which image it is, for random choices.
  ///   - workers: threads that an image of 4 megapixels or more may use; values do not depend on it.
  ///   - cancellation: asked between bands.
  /// - Returns: for every `encode` what its files would hold, the figures of `compare`, warnings and
  ///   times.
  /// - Throws: ``PipelineFileError`` where arrays that the pipeline names cannot be read,
  ///   ``KernelSelectionError``, ``Cancelled``, and ``InputFailure`` for everything that is the matter
  ///   with these pixels: a shape of another count (`malformed`), stages that do not fit it (`plan`),
  ///   a bound of `compare` that is missed (`requirement`) among them.
  public func run<Value: Element>(
    on pixels: [Value], shape: ImageShape, colorModel: ColorModel? = nil, hasAlpha: Bool = false,
    as identity: ImageIdentity = .example, workers: Int = 1,
    cancellation: Cancellation = Cancellation()
  ) throws -> ArrayResult {
    try Planner(self, kernels: .selected(), workers: workers).run(
      on: pixels, shape: shape, colorModel: colorModel, hasAlpha: hasAlpha, as: identity,
      cancellation: cancellation)
  }
}

extension Planner {
  /// Runs the pipeline on an image in memory, as `Pipeline.run(on:shape:…)` does.
  ///
  /// Several threads may do so at once.
  ///
  /// - Parameters:
  ///   - pixels: values over channel, row, column, the last running fastest.
  ///   - shape: channels, height and width, each at least 1.
  ///   - colorModel: what the channels without alpha mean; `nil` leaves it to `load`.
  ///   - hasAlpha: whether the last channel is opacity.
  ///   - identity: which image it is, for random choices.
  ///   - cancellation: asked between bands.
  /// - Returns: for every `encode` what its files would hold, the figures of `compare`, warnings and
  ///   times.
  /// - Throws: ``Cancelled``, and ``InputFailure`` for everything that is the matter with these pixels.
  public func run<Value: Element>(
    on pixels: [Value], shape: ImageShape, colorModel: ColorModel? = nil, hasAlpha: Bool = false,
    as identity: ImageIdentity = .example, cancellation: Cancellation = Cancellation()
  ) throws -> ArrayResult {
    try shape.check(pixels, colorModel, hasAlpha: hasAlpha)
    let reader = ImageReader(
      pixels: pixels, shape: shape, colorModel: colorModel, hasAlpha: hasAlpha)
    return try run(on: reader, header: reader.header, as: identity, cancellation: cancellation)
  }

  /// Runs the pipeline on an image that is open, and gives arrays in place of files.
  ///
  /// - Parameters:
  ///   - reader: the image, of which nothing was read yet.
  ///   - header: what is planned for.
  ///   - identity: which image it is, for random choices.
  ///   - cancellation: asked between bands.
  /// - Returns: for every `encode` what its files would hold.
  /// - Throws: ``Cancelled`` and ``InputFailure``.
  func run(
    on reader: ImageReader, header: ImageHeader, as identity: ImageIdentity = .example,
    cancellation: Cancellation
  ) throws -> ArrayResult {
    let (plan, image): (Plan, ImageResult)
    do throws(InputFailure) {
      (plan, image) = try executed(reader, header: header, as: identity, cancellation)
    } catch {
      if error == .cancelled { throw Cancelled() }
      throw error
    }
    return ArrayResult(
      outputs: image.arrays.map { ArrayResult.Output(stageIndex: $0.stageIndex, array: $0.array) },
      warnings: image.warnings + image.warnings(of: pipeline), metrics: image.metrics,
      blocks: plan.blockCount, saturatedFraction: image.saturatedFraction,
      stageTimes: image.stageTimes)
  }
}

extension Planner {
  /// Plans an image that is open and runs it, with arrays in place of files.
  ///
  /// - Parameters:
  ///   - reader: the image, of which nothing was read yet.
  ///   - header: what is planned for.
  ///   - identity: which image it is, for random choices.
  ///   - copies: how often the caller holds the arrays.
  ///   - cancellation: asked between bands.
  /// - Returns: the plan, and what came of it.
  /// - Throws: `InputFailure`, that of a wish to end among them.
  func executed(
    _ reader: ImageReader, header: ImageHeader, as identity: ImageIdentity, copies: Int = 1,
    _ cancellation: Cancellation
  ) throws(InputFailure) -> (Plan, ImageResult) {
    let plan: Plan
    do throws(PlanningError) {
      plan = try self.plan(header, of: identity, cancellation)
    } catch {
      throw InputFailure(error)
    }
    let workspace = tools.workspace
    let need = plan.byteCount.saturating(plus: plan.arrayByteCount.saturating(times: copies))
    if let objection = MemoryBudget.objection(to: need, keep: { workspace.release(keeping: $0) }) {
      throw objection
    }
    var image = ImageResult()
    do throws(RunFailure) {
      let execution = try ImageExecution(
        plan.work, reader: reader, openingTime: .zero, outputs: [:], tools,
        cancellation: cancellation)
      try execution.execute(into: &image, workers: plan.work.workers)
    } catch {
      throw InputFailure(error)
    }
    return (plan, image)
  }
}

extension ImageShape {
  /// Refuses pixels that cannot be an image of this shape.
  fileprivate func check<Value: Element>(
    _ pixels: [Value], _ colorModel: ColorModel?, hasAlpha: Bool
  ) throws(InputFailure) {
    guard min(channels, height, width) >= 1 else {
      throw InputFailure(
        .malformed, "expected at least one channel, row and column, found a shape of \(self)")
    }
    guard let valueCount, valueCount == pixels.count else {
      throw InputFailure(
        .malformed,
        "expected \(valueCount.map(String.init) ?? "more than can be counted") values for a shape "
          + "of \(self) (channels × height × width), found \(pixels.count)")
    }
    let colors = channels - (hasAlpha ? 1 : 0)
    let model = colorModel ?? (colors == 1 ? .gray : colors == 3 ? .rgb : .unknown)
    let expected: Int? =
      switch model {
      case .gray: 1
      case .rgb: 3
      case .cmyk: 4
      case .unknown: nil
      }
    if let expected, colors != expected {
      throw InputFailure(
        .malformed,
        "expected \(expected + (hasAlpha ? 1 : 0)) \(expected == 1 && !hasAlpha ? "channel" : "channels") for \(model.rawValue)"
          + "\(hasAlpha ? " with alpha" : ""), found a shape of \(self) (channels × height × width)"
      )
    }
    if hasAlpha, model == .cmyk || model == .unknown {
      throw InputFailure(
        .malformed,
        "expected alpha beside one channel of gray or three of RGB, found it beside "
          + "\(colors) of \(model == .cmyk ? "CMYK" : "no known meaning")")
    }
    if model == .cmyk, Value.elementType != .uint8 {
      throw InputFailure(
        .unsupported, "expected uint8 values for CMYK, found \(Value.elementType.rawValue)")
    }
  }
}
