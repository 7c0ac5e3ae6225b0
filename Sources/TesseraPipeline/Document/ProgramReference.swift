import Glibc
import TesseraFiles

/// A program that a stage runs beside this process.
public struct ProgramReference: Hashable, Sendable {
  /// The key that names it.
  public var key: String
  /// Its name as the pipeline has it: looked up on PATH, or, with a slash in it, seen from the
  /// pipeline file.
  public var name: String

  /// A program by its name.
  public init(_ key: String, name: String) {
    self.key = key
    self.name = name
  }
}

extension Pipeline {
  /// The file of a program that the pipeline names; `nil` where there is none that can be run.
  ///
  /// It is looked for, and not started.
  package func file(of program: ProgramReference) -> String? {
    if program.name.utf8.contains(UInt8(ascii: "/")) {
      let path = resolve(program.name)
      return Self.isProgram(path) ? path : nil
    }
    let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
    for folder in folders.split(separator: ":", omittingEmptySubsequences: false) {
      // As for every shell, nothing between two colons is the working directory.
      let path = Path.join(folder.isEmpty ? "." : String(folder), program.name)
      if Self.isProgram(path) { return path }
    }
    return nil
  }

  private static func isProgram(_ path: String) -> Bool {
    FileStatus(of: path)?.kind == .file && path.withPathBytes { access($0, X_OK) } == 0
  }
}
