/// What a batch does to each of its inputs.
///
/// Methods are called from several threads at once, for different inputs.
public protocol InputProcessor: Sendable {
  /// Where the pipeline writes, one per `encode`, in order of the stages.
  var destinations: [Destination] { get }

  /// Plans one input from its header alone.
  ///
  /// - Parameter input: The file.
  /// - Returns: The final names of the outputs: ``Destination/basePath(for:)`` of every destination
  ///   in their order or, where one takes several files, ``Destination/path(for:channel:)`` of them;
  ///   and the memory.
  /// - Throws: The failure that ``process(_:cancellation:)`` would report.
  func plan(_ input: InputFile) throws(InputFailure) -> PlannedInput

  /// Runs one input to its end.
  ///
  /// Outputs are written beside their final names (``AtomicFile``) and renamed only when all of them
  /// are complete; after a failure or a cancellation none is left. Their folders exist.
  ///
  /// - Parameters:
  ///   - input: The file.
  ///   - cancellation: Asked between bands.
  /// - Returns: What it gave. A failure is part of it.
  /// - Throws: ``Cancelled`` when the cancellation was met.
  func process(
    _ input: InputFile, cancellation: Cancellation
  ) throws(Cancelled) -> InputResult
}
