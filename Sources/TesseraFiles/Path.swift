import Glibc
import TesseraCore

/// Arithmetic on paths as text; the file system is not asked.
package enum Path {
  /// `path` seen from `folder`; an absolute path stays as it is.
  package static func join(_ folder: String, _ path: String) -> String {
    if folder.isEmpty || path.utf8.first == UInt8(ascii: "/") { return path }
    if path.isEmpty { return folder }
    return folder.utf8.last == UInt8(ascii: "/") ? folder + path : folder + "/" + path
  }

  /// Everything before the last slash; empty where there is none.
  package static func folder(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "" }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// Everything after the last slash.
  package static func name(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return path }
    return String(path[path.utf8.index(after: slash)...])
  }

  /// A name cut at its last dot; a leading dot belongs to the stem.
  package static func split(name: String) -> (stem: String, fileExtension: String) {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else {
      return (name, "")
    }
    return (String(name[..<dot]), String(name[name.utf8.index(after: dot)...]))
  }

  /// The parts between slashes, without "." and empty ones, each ".." taken with what it leaves.
  ///
  /// A ".." that leaves the beginning stays, except at the root.
  package static func normalizedParts(_ path: String) -> [String] {
    let isAbsolute = path.utf8.first == UInt8(ascii: "/")
    var parts: [String] = []
    for part in path.utf8.split(separator: UInt8(ascii: "/")) {
      let part = String(Substring(part))
      if part == "." { continue }
      if part != ".." {
        parts.append(part)
      } else if let last = parts.last, last != ".." {
        parts.removeLast()
      } else if !isAbsolute {
        parts.append(part)
      }
    }
    return parts
  }

  /// The path in its shortest spelling.
  package static func normalized(_ path: String) -> String {
    if isNormalized(path) { return path }
    let parts = normalizedParts(path).joined(separator: "/")
    if path.utf8.first == UInt8(ascii: "/") { return "/" + parts }
    return parts.isEmpty ? "." : parts
  }

  /// Whether a path is short already, as nearly all are: a look at its bytes tells.
  package static func isNormalized(_ path: String) -> Bool {
    let (slash, dot) = (UInt8(ascii: "/"), UInt8(ascii: "."))
    // A part that is empty, or begins with a dot, may be one to take away.
    var previous: UInt8?
    for byte in path.utf8 {
      if previous == slash ? byte == slash || byte == dot : previous == nil && byte == dot {
        return false
      }
      previous = byte
    }
    return previous != nil && previous != slash
  }

  /// Whether no file of Linux can have the path: a name in it, or all of it, has too many bytes.
  package static func isTooLong(_ path: String) -> Bool {
    if path.utf8.count < 256 { return false }
    let bytes = path.pathBytes
    return bytes.count >= 4096
      || bytes.split(separator: UInt8(ascii: "/")).contains { $0.count > 255 }
  }

  /// The path from the root, in its shortest spelling.
  package static func absolute(_ path: String) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return normalized(path) }
    return normalized(join(workingFolder, path))
  }

  /// How `path` is reached from `folder`.
  package static func relative(_ path: String, to folder: String) -> String {
    let target = normalizedParts(absolute(path)), base = normalizedParts(absolute(folder))
    let common = zip(target, base).prefix { $0.utf8.elementsEqual($1.utf8) }.count
    let parts = Array(repeating: "..", count: base.count - common) + target[common...]
    return parts.isEmpty ? "." : parts.joined(separator: "/")
  }

  private static var workingFolder: String {
    // Leads to the folder, whatever its name is.
    let own = "/proc/self/cwd"
    // What fails once, as memory that runs short, must not make another folder of this one.
    var text = getcwd(nil, 0)
    for _ in 0..<3 where text == nil { text = getcwd(nil, 0) }
    guard let text else {
      // Of a folder that was removed the link tells a name with a remark.
      let identity = FileStatus(of: own)?.identity
      let target = FileSystem.target(of: own).flatMap {
        identity != nil && FileStatus(of: $0)?.identity == identity ? $0 : nil
      }
      return target ?? own
    }
    defer { free(text) }
    return String(pathBytes: UnsafeRawBufferPointer(start: text, count: strlen(text)))
  }
}
