import TesseraCore
import TesseraFiles
import TesseraThreads

/// A file of lines that tells of the outputs of a run, and appears once it is whole.
final class IndexFile {
  let path: String
  /// Whether something had the name before.
  private let isThere: Bool
  private var file: AtomicFile?
  private var waiting: [UInt8] = []
  private var error: FileError?

  /// Makes ready; the file is begun with its first lines.
  init(_ path: String) {
    self.path = path
    isThere = FileStatus(of: path, followingLinks: false) != nil
  }

  /// Whether nothing, or a file that begins as ours do, has a name.
  static func isFree(_ path: String) -> Bool {
    guard let status = FileStatus(of: path, followingLinks: false) else { return true }
    guard status.kind == .file else { return false }
    if status.byteCount == 0 { return true }
    let begin =
      switch Path.name(of: path) {
      case "dataset.json": #"{"version":1,"tessera":""#
      case "metadata.jsonl": #"{"file_name":""#
      default: #"{"key":""#
      }
    guard let source = try? OpenSource(ByteSource(path: path)),
      let bytes = try? source.bytes(at: 0, count: begin.utf8.count)
    else { return false }
    return bytes.elementsEqual(begin.utf8)
  }

  /// Appends lines; what the disk refuses is told when the file is closed.
  func append(_ lines: String) {
    waiting += lines.utf8
    if waiting.count >= 1 << 16 { flush() }
  }

  /// Writes what is left.
  ///
  /// - Throws: ``FileError`` with the first error that was met.
  func close() throws(FileError) {
    flush()
    if let error { throw error }
  }

  /// Gives the file its name, unless it has no lines, or one with the same bytes is there.
  ///
  /// - Throws: ``FileError`` where the disk refuses it.
  func name() throws(FileError) {
    guard let file else { return }
    if try file.equalsExisting(Cancellation()) {
      file.discard()
    } else {
      try file.finish(replacing: isThere, orWhere: Self.isFree)
    }
  }

  /// Removes what has no name yet.
  func discard() {
    file?.discard()
    file = nil
  }

  private func flush() {
    defer { waiting.removeAll(keepingCapacity: true) }
    if waiting.isEmpty || error != nil { return }
    do throws(FileError) {
      if file == nil { file = try AtomicFile(at: path) }
      try file?.write(waiting)
    } catch {
      self.error = error
    }
  }
}
