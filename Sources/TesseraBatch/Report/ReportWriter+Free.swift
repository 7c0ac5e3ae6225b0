import Glibc
import TesseraConfiguration
import TesseraFiles

extension ReportWriter {
  /// Whether nothing but a report of a run has the name: something else is somebody's.
  ///
  /// Others keep lines of JSON as well, and sources in them: the first line and the last one must have
  /// all that lines of reports have had since the first version.
  static func isFree(_ path: String) -> Bool {
    guard let status = FileStatus(of: path, followingLinks: false) else {
      return errno == ENOENT || errno == ENOTDIR
    }
    // A link, a pipe or a folder is somebody's, whatever is behind it.
    guard status.kind == .file else { return false }
    if status.byteCount == 0 { return true }
    guard let file = try? OpenSource(ByteSource(path: path)),
      let start = try? file.bytes(at: 0, count: mostLineBytes),
      let end = try? file.bytes(
        at: max(status.byteCount - mostLineBytes, 0), count: mostLineBytes)
    else { return false }
    let lines = end.split(separator: newline)
    guard let first = start.split(separator: newline).first, let last = lines.last else {
      return false
    }
    return isLine(first) && isLine(last) && end.last == newline
  }

  private static let newline = UInt8(ascii: "\n")
  /// The most bytes of a line that is read: inputs with more outputs than it tells of are rare.
  private static let mostLineBytes = 1 << 20

  private static func isLine(_ line: ArraySlice<UInt8>) -> Bool {
    // A longer line is cut, and known by its beginning.
    if line.count == mostLineBytes { return line.starts(with: Array("{\"source\":\"".utf8)) }
    guard let value = try? JSONParser.parse(Array(line)), value["source"]?.string != nil,
      let status = value["status"]?.string, InputOutcome.Status(rawValue: status) != nil
    else { return false }
    return value["error"] != nil && value["outputs"]?.elements != nil && value["seconds"] != nil
  }
}
