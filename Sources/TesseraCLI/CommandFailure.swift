import Tessera
import TesseraBatch

/// The end of a command that did not do what was asked.
struct CommandFailure: Error {
  let status: ExitStatus
  /// What to tell; `nil` where everything has been told.
  let message: String?

  init(_ status: ExitStatus, _ message: String? = nil) {
    self.status = status
    self.message = message
  }

  /// Runs `body`; an error of it becomes a failure with `status`.
  static func with<Value, Failure: Error & CustomStringConvertible>(
    _ status: ExitStatus, _ body: () throws(Failure) -> Value
  ) throws(CommandFailure) -> Value {
    do throws(Failure) {
      return try body()
    } catch {
      throw CommandFailure(status, error.description)
    }
  }

  /// Runs `body`; an error of it is a mistake in the command line or the environment.
  static func usage<Value, Failure: Error & CustomStringConvertible>(
    _ body: () throws(Failure) -> Value
  ) throws(CommandFailure) -> Value {
    try with(.usage, body)
  }
}
