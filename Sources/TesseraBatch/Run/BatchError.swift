import TesseraFiles

/// Why a run was refused before any input was touched, or could not keep its own files.
public enum BatchError: Error, Hashable, Sendable {
  /// Several outputs have one name; the advice says how they can have others.
  case collisions([OutputCollision], advice: String?)
  /// An output would replace one of the inputs.
  case inputWouldBeReplaced(input: String, output: String)
  /// A file that no run has written has the name of the report or of the records.
  case reportExists(String)
  /// Another run is writing to the folder.
  case folderInUse(String)
  /// A folder, the report or the records cannot be created or written.
  case file(FileError)

  /// How a command that met the error ends.
  public var exitStatus: ExitStatus {
    switch self {
    case .collisions, .inputWouldBeReplaced, .reportExists: .cannotCreate
    case .folderInUse: .interrupted
    case .file(let error): error.operation == .write ? .cannotWrite : .cannotCreate
    }
  }
}

extension BatchError {
  /// What is wrong in a word, as kinds of failures are.
  public var kind: String {
    switch self {
    case .collisions, .inputWouldBeReplaced: InputFailure.Kind.conflict.rawValue
    case .reportExists: InputFailure.Kind.exists.rawValue
    case .folderInUse: "in_use"
    case .file(let error):
      (error.operation == .write ? InputFailure.Kind.write : .create).rawValue
    }
  }

  /// The file or folder in question.
  public var path: String? {
    switch self {
    case .collisions(let collisions, _): collisions.first?.output
    case .inputWouldBeReplaced(_, let output): output
    case .reportExists(let path): path
    case .folderInUse(let folder): folder
    case .file(let error): error.path
    }
  }
}

extension BatchError: CustomStringConvertible {
  /// What stands in the way, and what a program can do.
  public var description: String { sentence(for: .program) }

  /// What stands in the way, and what can be done.
  package func sentence(for audience: Audience) -> String {
    switch self {
    case .collisions(let collisions, let advice):
      let lines = collisions.map { collision in
        let first = "'\(collision.first.printable)'"
        let both =
          collision.second.map { "\(first) and '\($0.printable)' would both write" }
          ?? "two stages would both write, for \(first),"
        return "\(both) '\(collision.output.printable)'"
      }
      let areOfOne = collisions.allSatisfy { $0.second == nil }
      let wayOut =
        areOfOne
        ? "give one of the stages another `path` or `name`"
        : "give them a `name` that tells them apart"
          + (advice.map { ": \(audience.change($0))" } ?? "")
      return Self.list(lines) + "\n" + wayOut
    case .inputWouldBeReplaced(let input, let output):
      return "'\(output.printable)' would replace the input '\(input.printable)'; "
        + "write to another folder, or under another `name`"
    case .reportExists(let path):
      return "'\(path.printable)' exists already, and no run has written it; move it, "
        + audience.wayPastExisting
    case .folderInUse(let folder):
      return
        "another run is writing to '\(folder.printable)'; run again when it has ended"
    case .file(let error): return error.description
    }
  }

  private static func list(_ lines: [String]) -> String {
    let shown = lines.prefix(5).joined(separator: "\n")
    return lines.count > 5 ? shown + "\n… and \(lines.count - 5) more" : shown
  }
}
