/// How a command ended, in the numbers of sysexits.h.
public enum ExitStatus: Int32, Sendable, CaseIterable {
  /// Everything was done, or had been done before.
  case done = 0
  /// The command line is wrong.
  case usage = 64
  /// Some inputs failed.
  case failedInputs = 65
  /// There is nothing to do: a file or folder to read is missing, or nothing matches.
  case nothingToDo = 66
  /// A mistake in Tessera.
  case bug = 70
  /// The system does not give what every process needs.
  case system = 71
  /// An output cannot be created.
  case cannotCreate = 73
  /// An output cannot be written to its end.
  case cannotWrite = 74
  /// Interrupted; the same command goes on from here.
  case interrupted = 75
  /// The pipeline file is wrong.
  case badPipeline = 78
}
