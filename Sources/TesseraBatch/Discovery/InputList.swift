import TesseraCore
import TesseraFiles

/// Reading lists of files.
enum InputList {
  /// The paths in a list: NUL ends each where there is any NUL, else the end of the line.
  static func paths(in bytes: [UInt8]) -> [String] {
    let separator: UInt8 = bytes.contains(0) ? 0 : UInt8(ascii: "\n")
    return bytes.split(separator: separator).compactMap { entry in
      let hasReturn = separator != 0 && entry.last == UInt8(ascii: "\r")
      let path = hasReturn ? entry.dropLast() : entry
      return path.isEmpty ? nil : String(pathBytes: path)
    }
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
