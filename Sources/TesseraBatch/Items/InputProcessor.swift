import TesseraThreads

/// What a batch does to each of its inputs.
///
/// Methods are called from several threads at once, for different inputs.
public protocol InputProcessor: Sendable {
  /// An input that has been opened and planned, and waits for its turn.
  associatedtype Preparation: PreparedInput

  /// Where the pipeline writes, one per `encode`, in order of the stages.
  var destinations: [Destination] { get }

  /// Opens one input and plans it from its header alone.
  ///
  /// - Parameter input: The file.
  /// - Returns: What ``process(_:cancellation:)`` goes on from.
  /// - Throws: The failure of this input.
  func prepare(_ input: InputFile) throws(InputFailure) -> Preparation

  /// Runs one input to its end.
  ///
  /// Outputs are written beside their final names (``AtomicFile``) and renamed only when all of them
  /// are complete; after a failure or a cancellation none is left. Their folders exist.
  ///
  /// - Parameters:
  ///   - prepared: The input; it is processed once.
  ///   - cancellation: Asked between bands.
  /// - Returns: What it gave. A failure is part of it.
  /// - Throws: ``Cancelled`` when the cancellation was met.
  func process(
    _ prepared: Preparation, cancellation: Cancellation
  ) throws(Cancelled) -> InputResult
}

/// An input whose header has been read.
public protocol PreparedInput {
  /// The final names of the outputs: ``Destination/basePath(for:)`` of every destination in their
  /// order or, where one takes several files, ``Destination/path(for:channel:)`` of them; and the
  /// memory.
  var planned: PlannedInput { get }
}
