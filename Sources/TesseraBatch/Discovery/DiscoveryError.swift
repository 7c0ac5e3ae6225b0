import Glibc
import TesseraFiles

/// Why there is nothing to process.
public enum DiscoveryError: Error, Hashable, Sendable {
  /// A folder, a file or a list is missing or cannot be read.
  case unreadable(FileError)
  /// A list is in UTF-16 or UTF-32.
  case listOfWideCharacters(String)
  /// Nothing that was found is an input of the kinds that are known.
  case nothingMatches(
    [InputSource], skippedCount: Int, kinds: String, specialFiles: FirstFound<SpecialFile> = [],
    warnings: [String] = [])
  /// The folder to load is the folder of the outputs.
  case outputFolderIsInput(String)
  /// The folder of the outputs cannot be told from folders of inputs.
  case outputFolderUnknown(FileError)
  /// A file that tells what inputs there are says something else than was expected.
  case malformed(path: String, String)
  /// The search was ended from outside.
  case cancelled

  /// How a command that met the error ends.
  public var exitStatus: ExitStatus {
    switch self {
    case .unreadable, .listOfWideCharacters, .nothingMatches: .nothingToDo
    case .outputFolderIsInput: .badPipeline
    case .outputFolderUnknown: .cannotCreate
    case .malformed: .nothingToDo
    case .cancelled: .interrupted
    }
  }
}

extension DiscoveryError {
  /// Runs `body`; a source that cannot be read or asked for becomes an error of the search.
  static func reading<Value>(
    _ body: () throws(FileError) -> Value
  ) throws(DiscoveryError) -> Value {
    do throws(FileError) {
      return try body()
    } catch {
      throw error.isCancelled ? .cancelled : .unreadable(error)
    }
  }

  /// What is wrong in a word, as kinds of failures are.
  public var kind: String { runKind.rawValue }

  private var runKind: RunErrorKind {
    switch self {
    case .unreadable, .listOfWideCharacters: .unreadable
    case .nothingMatches: .noInput
    case .outputFolderIsInput: .conflict
    case .outputFolderUnknown: .create
    case .malformed: .unreadable
    case .cancelled: .interrupted
    }
  }

  /// The file or folder in question.
  public var path: String? {
    switch self {
    case .unreadable(let error), .outputFolderUnknown(let error): error.path
    case .listOfWideCharacters(let list): list
    case .nothingMatches(let sources, _, _, _, _):
      switch sources.first {
      case .path(let path), .list(let path): path
      case nil: nil
      }
    case .outputFolderIsInput(let folder): folder
    case .malformed(let path, _): path
    case .cancelled: nil
    }
  }
}

extension DiscoveryError: CustomStringConvertible {
  /// What is missing, and what can be done.
  public var description: String {
    switch self {
    case .unreadable(let error), .outputFolderUnknown(let error): return error.description
    case .malformed(_, let sentence): return sentence
    case .cancelled: return "interrupted while looking for inputs; nothing has been written"
    case .listOfWideCharacters(let list):
      let name = list == "-" ? "the list on standard input" : "the list '\(list.printable)'"
      return
        "\(name) is UTF-16 or UTF-32 text, as some shells write it: expected UTF-8; save it as "
        + "that, in PowerShell with Out-File -Encoding utf8"
    case .nothingMatches(
      let sources, let skippedCount, let kinds, let specialFiles, let warnings):
      let names = sources.map { source in
        switch source {
        case .path(let path): "'\(path.printable)'"
        case .list("-"): "the list on standard input"
        case .list(let path): "the list '\(path.printable)'"
        }
      }
      let others =
        skippedCount == 0
        ? "" : "; passed over \(skippedCount) that \(skippedCount == 1 ? "is" : "are") not \(kinds)"
      let special = SpecialFile.line(of: specialFiles).map { "; \($0)" } ?? ""
      let first = "nothing to process: no image in \(names.joined(separator: ", "))"
      return ([first + others + special] + warnings).joined(separator: "\n")
    case .outputFolderIsInput(let folder):
      return "'\(folder.printable)' is both read and written: "
        + "write to another folder, or load a glob such as '\(folder.printable)/*.jpg'"
    }
  }
}
