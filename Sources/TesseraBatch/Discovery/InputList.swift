import TesseraCore
import TesseraFiles

/// Reading lists of files.
enum InputList {
  /// The paths in a list: NUL ends each where there is any NUL, else the end of the line.
  ///
  /// Lines may end as on Windows; one that begins with "#" is a comment, and one of blanks alone is
  /// empty. A mark of the order of bytes at the beginning is none of the first path.
  static func paths(in bytes: [UInt8]) -> [String] {
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    if bytes.contains(0) {
      return bytes.split(separator: 0).map { String(pathBytes: $0) }
    }
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
      let path = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
      let isBlank = path.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
      return isBlank || path.first == UInt8(ascii: "#") ? nil : String(pathBytes: path)
    }
  }

  /// Whether a list is text of two or four bytes a character, known by the mark at its beginning.
  ///
  /// A name may begin with the bytes of the mark; a line of names has no NUL then.
  static func isWide(_ bytes: [UInt8]) -> Bool {
    let marks: [[UInt8]] = [[0xFF, 0xFE], [0xFE, 0xFF], [0, 0, 0xFE, 0xFF]]
    return marks.contains { bytes.starts(with: $0) && (bytes.count == 2 || bytes.contains(0)) }
  }

  /// Every entry as it can be opened, and as it is called.
  ///
  /// Relative entries start at the folder of the list, and that is the folder their names count
  /// from as long as all stay inside it; otherwise names count from the deepest folder that holds
  /// all of them.
  static func relativePaths(
    of entries: [String], in folder: String
  ) -> [(path: String, relativePath: String)] {
    let allInside = entries.allSatisfy {
      $0.utf8.first != UInt8(ascii: "/") && Path.normalizedParts($0).first != ".."
    }
    if allInside {
      return entries.map { (Path.join(folder, $0), Path.normalized($0)) }
    }
    let paths = entries.map { Path.join(folder, $0) }
    let parts = paths.map { Path.normalizedParts(Path.absolute($0)) }
    var common = Array(parts.first?.dropLast() ?? [])
    for other in parts {
      let shared = zip(common, other.dropLast()).prefix { $0.utf8.elementsEqual($1.utf8) }
      common = Array(shared.map(\.0))
    }
    return zip(paths, parts).map { path, parts in
      (path, parts[common.count...].joined(separator: "/"))
    }
  }
}
