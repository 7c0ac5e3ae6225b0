import TesseraFiles
import TesseraThreads

/// Takes one input through planning, admission, work and records.
struct InputRunner<Processor: InputProcessor>: Sendable {
  let processor: Processor
  let names: OutputNames
  let existing: ExistingOutputs
  let folder: RunFolder?
  let recipe: String
  let budget: MemoryBudget
  /// Threads that the run may use.
  let jobs: Int
  let stop: Cancellation

  /// Runs an input; `nil` where the run ended before the input did.
  func run(_ input: InputFile, at index: Int) -> InputOutcome? {
    if let record = existing.done[index] {
      return InputOutcome(.skipped, details: record.details)
    }
    let clock = ContinuousClock()
    let start = clock.now
    var outcome: InputOutcome?
    do throws(InputFailure) {
      let prepared = try prepare(input, at: index)
      outcome =
        try budget.withMemory(prepared.planned.memoryByteCount, stop: stop) {
          process(input, at: index, prepared)
        } ?? nil
    } catch {
      outcome = failed(error, input, InputResult(error: error))
    }
    outcome?.seconds = (clock.now - start).seconds
    return outcome
  }

  /// What a run would do with an input.
  func planned(_ input: InputFile, at index: Int) -> PlannedOutcome {
    if existing.done[index] != nil { return .done(input) }
    do throws(InputFailure) {
      return .planned(input, try prepare(input, at: index).planned)
    } catch {
      return .failed(input, error)
    }
  }

  /// The input with its plan, once its names are known to be free.
  private func prepare(
    _ input: InputFile, at index: Int
  ) throws(InputFailure) -> Processor.Preparation {
    let base = names.basePaths[index]
    let prepared = try processor.prepare(input)
    // Base paths have been checked for all inputs; only files per channel have other names.
    for path in prepared.planned.outputs
    where !base.contains(where: { $0.utf8.elementsEqual(path.utf8) }) {
      if names.otherOwner(of: path, than: index) != nil {
        throw InputFailure(
          .conflict,
          "its output '\(Path.name(of: path).printable)' is that of another input too; "
            + "give `encode` a `name` with {channel}",
          isPlanning: true)
      }
      if let objection = existing.objection(to: path, for: input) { throw objection }
    }
    return prepared
  }

  private func process(
    _ input: InputFile, at index: Int, _ prepared: Processor.Preparation
  ) -> InputOutcome? {
    do throws(FileError) {
      let claims = Set((names.basePaths[index] + prepared.planned.outputs).map(PathKey.init))
        .sorted()
      try record(
        .started, input,
        claims.map { .init(path: String(decoding: $0.bytes, as: UTF8.self), byteCount: 0, hash: 0) }
      )
      let result: InputResult
      do throws(Cancelled) {
        result = try processor.process(prepared, cancellation: stop)
      } catch {
        return nil
      }
      if let failure = result.error { return failed(failure, input, result) }
      return try finished(input, result)
    } catch {
      let failure = InputFailure(output: error)
      return failed(failure, input, InputResult(error: failure))
    }
  }

  /// Records what was written: as it is on the disk, read back.
  private func finished(
    _ input: InputFile, _ result: InputResult
  ) throws(FileError) -> InputOutcome {
    var written: [RunRecord.Output] = []
    for output in result.outputs {
      let digest = try FileDigest(of: output.path, workers: jobs)
      written.append(
        .init(path: output.path, byteCount: digest.byteCount, hash: digest.hash))
    }
    var outcome = InputOutcome(.ok, details: "")
    outcome.writtenByteCount = written.reduce(0) { $0 + $1.byteCount }
    outcome.pixelCount = (result.source?.height ?? 0) * (result.source?.width ?? 0)
    outcome.stageTimes = result.stageTimes
    outcome.details = result.details(of: input, outputs: written.map(named))
    try record(.done, input, written, details: outcome.details)
    return outcome
  }

  private func failed(
    _ failure: InputFailure, _ input: InputFile, _ result: InputResult
  ) -> InputOutcome {
    var result = result
    result.outputs = []
    var outcome = InputOutcome(
      .failed, error: failure, details: result.details(of: input, outputs: []))
    outcome.stageTimes = result.stageTimes
    return outcome
  }

  private func record(
    _ state: RunRecord.State, _ input: InputFile, _ outputs: [RunRecord.Output],
    details: String = ""
  ) throws(FileError) {
    guard let folder, !outputs.isEmpty else { return }
    try folder.append(
      RunRecord(
        state: state, source: input.relativePath, byteCount: input.byteCount,
        modificationTime: input.modificationTime, recipe: recipe, outputs: outputs.map(named),
        details: details))
  }

  private func named(_ output: RunRecord.Output) -> RunRecord.Output {
    var output = output
    if let folder { output.path = folder.name(of: output.path) }
    return output
  }
}
