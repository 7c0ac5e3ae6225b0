import TesseraCore
import TesseraFiles

/// Why a plan cannot be made, read, or worked on.
package enum PlanError: Error, Hashable, Sendable {
  /// A file of the plan is missing, or cannot be read.
  case unreadable(FileError)
  /// A file of the plan cannot be written.
  case unwritable(FileError)
  /// A file of the plan is not what it was when it was written; the line counts from 1.
  case malformed(String, line: Int?, expected: String, found: String)
  /// A folder holds another plan already, or something else under the name of a plan's file.
  case exists(String, what: String, planned: String, found: String)
  /// Another version of Tessera has made the plan.
  case version(planned: String, found: String)
  /// Arrays that the pipeline names, or the plan itself, have changed since.
  case pipeline(planned: String, found: String)
  /// An input is not the one that was planned.
  case input(String, planned: String, found: String)
  /// Not one of a shard's inputs is there.
  case noInputs(shard: Int, count: Int, folder: String)
  /// Two inputs of different shards may give one output.
  case sharedOutput(String, first: String, second: String)
  /// Shards are missing.
  case incomplete(ShardNumbers)
  /// Outputs of shards that are complete are gone, or have been cut off; or their report or records are
  /// not what they have written.
  case lost(ShardNumbers, example: String)
  /// Of shards that were complete, reports or records are gone or not as they were written.
  case damaged(ShardNumbers, example: String)
  /// There are fewer shards.
  case noSuchShard(Int, count: Int)
  /// Somebody works on a shard.
  case shardInUse(Int)
  /// It was asked to end.
  case interrupted
  /// The run itself is refused.
  case batch(BatchError)

  /// How a command that met the error ends.
  package var exitStatus: ExitStatus {
    switch self {
    case .unreadable, .input, .noInputs: .nothingToDo
    case .unwritable(let error): error.operation == .write ? .cannotWrite : .cannotCreate
    case .exists, .sharedOutput: .cannotCreate
    case .malformed, .version, .pipeline: .badPipeline
    case .incomplete, .lost, .damaged, .shardInUse, .interrupted: .interrupted
    case .noSuchShard: .usage
    case .batch(let error): error.exitStatus
    }
  }

  /// What is wrong in a word.
  package var kind: String {
    switch self {
    case .unreadable: RunErrorKind.unreadable.rawValue
    case .unwritable(let error): BatchError.file(error).kind
    case .exists: RunErrorKind.exists.rawValue
    case .sharedOutput: RunErrorKind.conflict.rawValue
    case .input, .noInputs, .malformed, .version, .pipeline: RunErrorKind.plan.rawValue
    case .incomplete, .lost, .damaged: RunErrorKind.incomplete.rawValue
    case .shardInUse: RunErrorKind.inUse.rawValue
    case .interrupted: RunErrorKind.interrupted.rawValue
    case .noSuchShard: RunErrorKind.usage.rawValue
    case .batch(let error): error.kind
    }
  }

  /// The file in question.
  package var path: String? {
    switch self {
    case .unreadable(let error), .unwritable(let error): error.path
    case .malformed(let path, _, _, _), .exists(let path, _, _, _), .input(let path, _, _): path
    case .noInputs(_, _, let folder): folder
    case .sharedOutput(let path, _, _), .lost(_, let path), .damaged(_, let path): path
    case .batch(let error): error.path
    case .version, .pipeline, .incomplete, .shardInUse, .interrupted, .noSuchShard: nil
    }
  }
}

extension PlanError: CustomStringConvertible {
  /// What is wrong, and what can be done.
  package var description: String { sentence(for: .program) }

  /// What is wrong, and what somebody can do.
  package func sentence(for audience: Audience) -> String {
    switch self {
    case .unreadable(let error), .unwritable(let error): error.description
    case .malformed(let path, let line, let expected, let found):
      "\(path.printable)\(line.map { ":\($0)" } ?? ""): expected \(expected), found \(found)"
    case .exists(let path, let what, let planned, let found):
      "'\(path.printable)' is there already, and is another \(what): expected \(planned), found "
        + "\(found); plan into another folder, or remove that one"
    case .version(let planned, let found):
      "the plan is of Tessera \(planned.printable), and this is \(found): run all shards with the "
        + "version that has planned them, or plan again into another folder"
    case .pipeline(let planned, let found):
      "the pipeline is not the one that was planned: its digest was \(planned.printable) and is "
        + "\(found); arrays that it names have changed, or plan.json has. Plan again, into another "
        + "folder"
    case .input(let path, let planned, let found):
      "'\(path.printable)' is not the input that was planned: expected \(planned), found \(found); "
        + "put it back, or plan again, into another folder"
    case .noInputs(let shard, let count, let folder):
      "shard \(shard) has \(count.counted("input")), and none of them is below "
        + "'\(folder.printable)'"
    case .sharedOutput(let output, let first, let second):
      "'\(first.printable)' and '\(second.printable)', which are in different shards, may both write "
        + "'\(output.printable)'; give them a `name` with {channel} between characters that are no "
        + "digits"
    case .incomplete(let missing):
      "not complete: \(missing.words) \(missing.count == 1 ? "is" : "are") missing"
    case .lost(let shards, let example):
      "not complete: of \(shards.words) outputs are gone or have another size, such as "
        + "'\(example.printable)'; \(shards.missingNow): remove outputs that have another size "
        + "and run \(shards.them) again, or, where outputs are kept elsewhere, \(audience.withoutOutputs)"
    case .damaged(let shards, let example):
      "not complete: of \(shards.words) reports or records are not as they were written, such as "
        + "'\(example.printable)'; \(shards.missingNow): run \(shards.them) again"
    case .shardInUse(let shard):
      "somebody works on shard \(shard); run again when that has ended"
    case .interrupted: "interrupted; the same command goes on from here"
    case .noSuchShard(let shard, let count):
      "there is no shard \(shard): the plan has \(count), from 0 to \(count - 1)"
    case .batch(let error): error.sentence(for: audience)
    }
  }
}

extension PlanError {
  /// Runs `body`; a file that cannot be written becomes an error.
  static func writing<Value: ~Copyable>(
    _ body: () throws(FileError) -> Value
  ) throws(PlanError) -> Value {
    do throws(FileError) {
      return try body()
    } catch {
      throw .unwritable(error)
    }
  }

  /// Runs `body`; a file that cannot be read becomes an error.
  static func reading<Value>(_ body: () throws(FileError) -> Value) throws(PlanError) -> Value {
    do throws(FileError) {
      return try body()
    } catch {
      throw .unreadable(error)
    }
  }
}
