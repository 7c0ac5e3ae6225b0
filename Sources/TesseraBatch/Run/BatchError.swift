import TesseraFiles

/// Why a run was refused before any input was touched, or could not keep its own files.
public enum BatchError: Error, Hashable, Sendable {
  /// Several outputs have one name.
  case collisions([OutputCollision])
  /// An output would replace one of the inputs.
  case inputWouldBeReplaced(input: String, output: String)
  /// Another run is writing to the folder.
  case folderInUse(String)
  /// A folder, the report or the records cannot be created or written.
  case file(FileError)

  /// How a command that met the error ends.
  public var exitStatus: ExitStatus {
    switch self {
    case .collisions, .inputWouldBeReplaced: .cannotCreate
    case .folderInUse: .interrupted
    case .file(let error): error.operation == .write ? .cannotWrite : .cannotCreate
    }
  }
}

extension BatchError: CustomStringConvertible {
  /// What stands in the way, and what can be done.
  public var description: String {
    switch self {
    case .collisions(let collisions):
      let lines = collisions.map { collision in
        let first = collision.first.printable
        let inputs =
          collision.second.map { "'\(first)' and '\($0.printable)'" } ?? "two stages for '\(first)'"
        return "\(inputs) would both write '\(collision.output.printable)'"
      }
      return Self.list(lines)
        + "\ngive them a `name` that tells them apart, such as \"{dir}/{stem}-{ext}.png\""
    case .inputWouldBeReplaced(let input, let output):
      return "'\(output.printable)' would replace the input '\(input.printable)'; "
        + "write to another folder, or under another `name`"
    case .folderInUse(let folder):
      return
        "another run is writing to '\(folder.printable)'; the same command works when it has ended"
    case .file(let error): return error.description
    }
  }

  private static func list(_ lines: [String]) -> String {
    let shown = lines.prefix(5).joined(separator: "\n")
    return lines.count > 5 ? shown + "\n… and \(lines.count - 5) more" : shown
  }
}
