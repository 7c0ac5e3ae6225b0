import TesseraCore
import TesseraFiles
import TesseraThreads

/// Reading lists of files.
package enum InputList {
  /// The most bytes of a list: millions of paths.
  static let mostBytes = 1_000_000_000

  /// The bytes of a list: a file, what a pipe brings, or standard input where it is "-".
  static func content(
    of list: String, _ cancellation: Cancellation
  ) throws(FileError) -> [UInt8] {
    let file = list == "-" ? OpenFile.standardInput() : try OpenFile.reading(list)
    return try file.content(
      as: [.file, .pipe, .socket], limit: mostBytes, cancellation: cancellation)
  }

  /// Calls `body` with each path in a list: NUL ends each where there is any NUL, else the end of the
  /// line.
  ///
  /// Lines may end as on Windows; one that begins with "#" is a comment, and one of blanks alone is
  /// empty. A mark of the order of bytes at the beginning is none of the first path.
  ///
  /// - Parameters:
  ///   - bytes: the content of the list.
  ///   - body: takes a path, which is not empty.
  package static func forEachPath(in bytes: [UInt8], _ body: (String) -> Void) {
    var rest = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    let hasLines = !bytes.contains(0)
    while !rest.isEmpty {
      var path = rest.prefix { $0 != (hasLines ? UInt8(ascii: "\n") : 0) }
      rest = rest[path.endIndex...].dropFirst()
      if hasLines {
        if path.last == UInt8(ascii: "\r") { path.removeLast() }
        let isBlank = path.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        if isBlank || path.first == UInt8(ascii: "#") { continue }
      }
      if !path.isEmpty { body(String(pathBytes: path)) }
    }
  }

  /// Whether a list is text of two or four bytes a character, known by the mark at its beginning.
  ///
  /// A name may begin with the bytes of the mark; a line of names has no NUL then.
  ///
  /// - Parameter bytes: the content of the list.
  /// - Returns: whether it is such text.
  package static func isWide(_ bytes: [UInt8]) -> Bool {
    let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF], [0, 0, 0xFE, 0xFF]]
    return marks.contains { bytes.starts(with: $0) && (bytes.count == 2 || bytes.contains(0)) }
  }

  /// How entries can be opened, and what they are called.
  ///
  /// Relative entries start at the folder of the list, and that is the folder their names count
  /// from as long as all stay inside it; otherwise names count from the deepest folder that holds
  /// all of them.
  package struct Naming {
    let folder: String
    /// The parts of the folder that names count from; `nil`: the folder of the list.
    private var common: [String]?

    /// Looks through a list.
    ///
    /// - Parameters:
    ///   - bytes: its content.
    ///   - folder: where relative entries start.
    package init(_ bytes: [UInt8], in folder: String) {
      self.folder = folder
      var leaves = false
      var common: [String]?
      forEachPath(in: bytes) { entry in
        if leaves { return }
        let isInside =
          entry.utf8.first != UInt8(ascii: "/") && Path.normalizedParts(entry).first != ".."
        leaves = !isInside && !Self.isFolder(Path.join(folder, entry))
      }
      guard leaves else { return }
      forEachPath(in: bytes) { entry in
        let path = Path.join(folder, entry)
        if Self.isFolder(path) { return }
        let above = Path.normalizedParts(Path.absolute(path)).dropLast()
        common =
          common.map { common in
            zip(common, above).prefix { $0.utf8.elementsEqual($1.utf8) }.map(\.0)
          } ?? Array(above)
      }
      self.common = common
    }

    private static func isFolder(_ path: String) -> Bool { FileStatus(of: path)?.kind == .folder }

    /// The path of an entry, and its name.
    ///
    /// - Parameter entry: one of the list's.
    /// - Returns: how it can be opened, and what it is called.
    package func names(of entry: String) -> (path: String, name: String) {
      let path = Path.join(folder, entry)
      guard let common else { return (path, Path.normalized(entry)) }
      let parts = Path.normalizedParts(Path.absolute(path))
      return (path, parts.dropFirst(common.count).joined(separator: "/"))
    }
  }
}
