import Tessera
import TesseraBatch
import TesseraConfiguration
import TesseraFiles
import TesseraPipeline

/// The end of a command that did not do what was asked.
struct CommandFailure: Error {
  let status: ExitStatus
  /// What to tell; `nil` where everything has been told.
  let message: String?
  /// The same for programs, entry by entry; empty where the message is all there is.
  let errors: [ErrorEntry]

  init(_ status: ExitStatus, _ message: String? = nil, errors: [ErrorEntry] = []) {
    self.status = status
    self.message = message
    self.errors = errors
  }

  /// What is wrong with one file.
  init(_ status: ExitStatus, _ message: String, file: String) {
    self.init(
      status, message, errors: [ErrorEntry(Self.kind(of: status), message, file: file)])
  }

  init(_ error: BatchError) {
    let message = error.sentence(for: .command)
    self.init(
      error.exitStatus, message, errors: [ErrorEntry(error.kind, message, file: error.path)])
  }

  init(_ error: DiscoveryError) {
    let message = error.description
    self.init(
      error.exitStatus, message, errors: [ErrorEntry(error.kind, message, file: error.path)])
  }

  init(_ error: PlanError) {
    let message = error.sentence(for: .plan)
    self.init(
      error.exitStatus, message, errors: [ErrorEntry(error.kind, message, file: error.path)])
  }

  /// Mistakes in a pipeline file.
  init(_ error: PipelineFileError) {
    let omission = error.omission.map { ErrorEntry(.pipeline, $0) }
    self.init(
      .badPipeline, error.description,
      errors: error.diagnostics.map { ErrorEntry($0) } + [omission].compactMap(\.self))
  }

  /// A file that is missing or cannot be read.
  init(_ error: FileError) {
    let message = error.description
    self.init(
      .nothingToDo, message, errors: [ErrorEntry(.unreadable, message, file: error.path)])
  }

  /// Runs `body`; mistakes in the pipeline become a failure.
  static func pipeline<Value>(
    _ body: () throws(PipelineFileError) -> Value
  ) throws(CommandFailure) -> Value {
    do throws(PipelineFileError) {
      return try body()
    } catch {
      throw CommandFailure(error)
    }
  }

  /// Runs `body`; a file that cannot be read becomes a failure.
  static func reading<Value>(
    _ body: () throws(FileError) -> Value
  ) throws(CommandFailure) -> Value {
    do throws(FileError) {
      return try body()
    } catch {
      throw CommandFailure(error)
    }
  }

  /// Runs `body`; what is the matter with a plan becomes a failure.
  static func plan<Value>(_ body: () throws(PlanError) -> Value) throws(CommandFailure) -> Value {
    do throws(PlanError) {
      return try body()
    } catch {
      throw CommandFailure(error)
    }
  }

  /// Runs `body`; an error of it is a mistake in the command line or the environment.
  static func usage<Value, Failure: Error & CustomStringConvertible>(
    _ body: () throws(Failure) -> Value
  ) throws(CommandFailure) -> Value {
    do throws(Failure) {
      return try body()
    } catch {
      throw CommandFailure(.usage, error.description)
    }
  }
}
