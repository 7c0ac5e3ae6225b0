import Glibc
import TesseraFiles

/// Writes the report's lines in the order of the inputs while they end in any order.
///
/// The report appears under its name when it is complete; what waits is what ended before an earlier
/// input did.
struct ReportWriter: ~Copyable {
  private let file: AtomicFile?
  /// Whether what has the name then is replaced.
  private let replaces: Bool
  private var buffer: [UInt8] = []
  private var lines = InOrder<String>()
  /// The first error met; nothing is written after it.
  private(set) var error: FileError?

  /// Begins the report at `path`; without one, lines are only put in order and dropped.
  ///
  /// What comes to lie under a name that nothing has now stays unless it is the report of another run,
  /// or whatever has it is to be replaced.
  init(at path: String?, overwriting: Bool = false) throws(FileError) {
    if let path {
      replaces = overwriting || FileStatus(of: path, followingLinks: false) != nil
      file = try AtomicFile(at: path)
    } else {
      replaces = false
      file = nil
    }
  }

  /// Takes the line of an input.
  mutating func add(_ line: String, at index: Int) {
    lines.add(line, at: index) { buffer += $1.utf8 }
    if buffer.count >= 1 << 16 { flush() }
  }

  /// Whether the line of an input has been taken.
  func holds(_ index: Int) -> Bool { lines.holds(index) }

  /// Gives the report its name; one that met an error is removed.
  mutating func finish() {
    flush()
    guard let file else { return }
    do throws(FileError) {
      if error == nil { try file.finish(replacing: replaces, orWhere: Self.isFree) }
    } catch {
      self.error = error
    }
    // Threads that are about to end may hold it for a moment more.
    if error != nil { file.discard() }
  }

  private mutating func flush() {
    defer { buffer.removeAll(keepingCapacity: true) }
    guard error == nil, let file else { return }
    do throws(FileError) {
      try file.write(buffer)
    } catch {
      self.error = error
    }
  }
}
