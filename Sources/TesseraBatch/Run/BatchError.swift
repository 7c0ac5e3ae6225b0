import TesseraFiles

/// Why a run was refused before any input was touched, or could not keep its own files.
public enum BatchError: Error, Hashable, Sendable {
  /// Several outputs have one name; the advice says how they can have others.
  case collisions([OutputCollision], advice: String?)
  /// An output would replace one of the inputs.
  case inputWouldBeReplaced(input: String, output: String)
  /// A file that no run has written has the name of the report.
  case reportExists(String, inStateFolder: Bool = false)
  /// A file that no run has written has the name of one that tells of all outputs.
  case indexExists(String)
  /// A file that no run has written has the name of the records; nothing replaces it.
  case recordsExist(String, inStateFolder: Bool = false)
  /// Another run is writing to the folder, or keeps its records there.
  case folderInUse(String)
  /// The file system of a folder to write to has no locks.
  case noLocks(FileError)
  /// A folder, the report or the records cannot be created or written.
  case file(FileError)

  /// How a command that met the error ends.
  public var exitStatus: ExitStatus {
    switch self {
    case .collisions, .inputWouldBeReplaced, .reportExists, .indexExists, .recordsExist, .noLocks:
      .cannotCreate
    case .folderInUse: .interrupted
    case .file(let error): error.operation == .write ? .cannotWrite : .cannotCreate
    }
  }
}

extension BatchError {
  /// What is wrong in a word, as kinds of failures are.
  public var kind: String { runKind.rawValue }

  private var runKind: RunErrorKind {
    switch self {
    case .collisions, .inputWouldBeReplaced: .conflict
    case .reportExists, .indexExists, .recordsExist: .exists
    case .folderInUse: .inUse
    case .noLocks: .create
    case .file(let error): error.operation == .write ? .write : .create
    }
  }

  /// The file or folder in question.
  public var path: String? {
    switch self {
    case .collisions(let collisions, _): collisions.first?.output
    case .inputWouldBeReplaced(_, let output): output
    case .reportExists(let path, _), .recordsExist(let path, _), .indexExists(let path): path
    case .folderInUse(let folder): folder
    case .noLocks(let error), .file(let error): error.path
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
        if collision.isFolder, let second = collision.second {
          return
            "\(first) would write '\(collision.output.printable)', and '\(second.printable)' into "
            + "a folder of that name"
        }
        let both =
          collision.second.map { "\(first) and '\($0.printable)' would both write" }
          ?? "two stages would both write, for \(first),"
        return "\(both) '\(collision.output.printable)'"
      }
      let areOfOne = collisions.allSatisfy { $0.second == nil }
      let wayOut =
        areOfOne
        ? "give one of the stages another `path` or `name`"
        : collisions.allSatisfy(\.isOfMembers)
          ? "members keep their names as keys: rename them, or write each archive to a folder of its own"
          : "give them a `name` that tells them apart"
            + (advice.map { ": \(audience.change($0))" } ?? "")
      return Self.list(lines) + "\n" + wayOut
    case .inputWouldBeReplaced(let input, let output):
      return "'\(output.printable)' would replace the input '\(input.printable)'; "
        + "write to another folder, or under another `name`"
    case .reportExists(let path, let isInStateFolder):
      return "'\(path.printable)' exists already, and no run has written it; "
        + audience.wayPastOther(inStateFolder: isInStateFolder)
    case .indexExists(let path):
      return "'\(path.printable)' exists already, and no run has written it; "
        + audience.wayPastOther()
    case .recordsExist(let path, let isInStateFolder):
      return "'\(path.printable)' has the name of a run's records, and no run has written it; "
        + audience.wayPastImmovable(inStateFolder: isInStateFolder)
    case .folderInUse(let folder):
      return
        "another run is writing to '\(folder.printable)'; run again when it has ended"
    case .noLocks(let error):
      return
        "\(error); without a lock another run may write to the same folder: see to it that none "
        + "does, and \(audience.withoutLock)"
    case .file(let error): return error.description
    }
  }

  private static func list(_ lines: [String]) -> String {
    let shown = lines.prefix(5).joined(separator: "\n")
    return lines.count > 5 ? shown + "\n… and \(lines.count - 5) more" : shown
  }
}
