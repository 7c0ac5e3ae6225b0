import TesseraFiles

/// Why there is nothing to process.
public enum DiscoveryError: Error, Hashable, Sendable {
  /// A folder, a file or a list is missing or cannot be read.
  case unreadable(FileError)
  /// Nothing that was found is an input of the kinds that are known.
  case nothingMatches(
    [InputSource], skippedCount: Int, kinds: String, specialFiles: [SpecialFile] = [])
  /// The folder to load is the folder of the outputs.
  case outputFolderIsInput(String)

  /// How a command that met the error ends.
  public var exitStatus: ExitStatus {
    switch self {
    case .unreadable, .nothingMatches: .nothingToDo
    case .outputFolderIsInput: .badPipeline
    }
  }
}

extension DiscoveryError: CustomStringConvertible {
  /// What is missing, and what can be done.
  public var description: String {
    switch self {
    case .unreadable(let error): return error.description
    case .nothingMatches(let sources, let skippedCount, let kinds, let specialFiles):
      let names = sources.map { source in
        switch source {
        case .path(let path): "'\(path.printable)'"
        case .list("-"): "the list on standard input"
        case .list(let path): "the list '\(path.printable)'"
        }
      }
      let others =
        skippedCount == 0
        ? "" : "; passed over \(skippedCount) that are not \(kinds)"
      return "nothing to process: no image in \(names.joined(separator: ", "))" + others
        + (SpecialFile.line(of: specialFiles).map { "; \($0)" } ?? "")
    case .outputFolderIsInput(let folder):
      return "'\(folder.printable)' is both read and written: "
        + "write to another folder, or load a glob such as '\(folder.printable)/*.jpg'"
    }
  }
}
