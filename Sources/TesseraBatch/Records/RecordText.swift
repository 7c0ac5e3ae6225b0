import Glibc
import TesseraFiles

/// A text of records, read piece by piece: a file, or bytes in memory.
package final class RecordText: Sendable {
  private enum Content: @unchecked Sendable {
    // Safe to share: the file is only read, each time at a position.
    case file(OpenSource)
    case bytes([UInt8])
  }

  private let content: Content

  /// Longer lines are not written, and end a text that is read: they are none of a run.
  static let longestLine = 1 << 24

  /// Takes a text that is in memory.
  package init(_ bytes: [UInt8]) { content = .bytes(bytes) }

  /// Opens a file of records.
  ///
  /// - Throws: ``FileError`` where it cannot be read, or is no file.
  init(at path: String) throws(FileError) {
    let source = try OpenSource(ByteSource(path: path))
    guard source.kind == .file else {
      throw FileError(.read, path, code: source.kind == .folder ? EISDIR : ENODEV)
    }
    content = .file(source)
  }

  /// Up to `count` bytes from a position on.
  func bytes(at position: Int, count: Int) throws(FileError) -> [UInt8] {
    switch content {
    case .file(let source): return try source.bytes(at: position, count: count)
    case .bytes(let bytes): return Array(bytes.dropFirst(position).prefix(count))
    }
  }

  /// Calls `body` with every line, without its end, and where it begins.
  ///
  /// A line of more bytes than a line can have ends the text.
  func forEachLine(_ body: (UnsafeRawBufferPointer, Int) -> Void) throws(FileError) {
    var pending: [UInt8] = []
    var start = 0
    // The end of a line is not looked for twice in what was read before.
    var searched = 0
    while true {
      let size = max(1 << 18, min(pending.count, 1 << 24))
      let piece = try bytes(at: start + pending.count, count: size)
      pending += piece
      var first = 0
      pending.withUnsafeBytes { bytes in
        while let end = Self.firstEnd(in: bytes, from: searched) {
          body(UnsafeRawBufferPointer(rebasing: bytes[first..<end]), start + first)
          first = end + 1
          searched = first
        }
      }
      pending.removeFirst(first)
      start += first
      searched = pending.count
      if piece.count < size {
        if !pending.isEmpty { pending.withUnsafeBytes { body($0, start) } }
        return
      }
      if pending.count > Self.longestLine { return }
    }
  }

  private static func firstEnd(in bytes: UnsafeRawBufferPointer, from place: Int) -> Int? {
    guard place < bytes.count, let start = bytes.baseAddress,
      let end = memchr(start + place, Int32(lineEnd), bytes.count - place)
    else { return nil }
    return UnsafeRawPointer(end) - start
  }

  /// Where the line after another one would begin: the last one may have no line break.
  func end(ofLine count: Int, at position: Int) -> Int { min(position + count + 1, byteCount) }

  private var byteCount: Int {
    switch content {
    case .file(let source): source.byteCount
    case .bytes(let bytes): bytes.count
    }
  }

  /// The line that begins at a position, without its end.
  func line(at position: Int) throws(FileError) -> ArraySlice<UInt8> {
    var line: [UInt8] = []
    var size = 1 << 11
    while line.count <= Self.longestLine {
      let piece = try bytes(at: position + line.count, count: size)
      if let end = piece.withUnsafeBytes({ Self.firstEnd(in: $0, from: 0) }) {
        return line.isEmpty ? piece[..<end] : (line + piece[..<end])[...]
      }
      line += piece
      if piece.count < size { break }
      size *= 4
    }
    return line[...]
  }

  private static let lineEnd = UInt8(ascii: "\n")
}

/// Files of records of runs.
extension RecordText {
  /// Whether a file in which no line is whole may be what is left of records: it is empty, or begins
  /// with a line that was torn, after zeros perhaps where the disk has lost a block.
  static func mayBeOurs(_ path: String) throws(FileError) -> Bool {
    let text = try RecordText(at: path)
    // More zeros are no block that was lost.
    let start = try text.bytes(at: 0, count: 1 << 20).drop { $0 == 0 }
    return start.isEmpty ? text.byteCount <= 1 << 20 : RecordLine.mayBegin(with: start)
  }

  /// Opens a file of records behind its last whole line.
  ///
  /// - Parameters:
  ///   - path: the file; it is made where there is none.
  ///   - whole: bytes up to the end of that line, where they have been counted.
  /// - Returns: the file, for appending.
  /// - Throws: ``FileError`` where it cannot be made, read or cut.
  static func appending(to path: String, whole: Int? = nil) throws(FileError) -> OpenFile {
    // Never through a link: what it leads to is not ours.
    let file = try OpenFile(path, flags: O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW, as: .create)
    let text = try RecordText(at: path)
    let whole = if let whole { whole } else { try RunRecords(text).wholeByteCount }
    if whole < text.byteCount { try file.resize(to: whole) }
    let last = try text.bytes(at: max(whole - 1, 0), count: 1)
    if whole > 0, last != [lineEnd] { try file.write([lineEnd]) }
    return file
  }
}

extension RunRecords {
  /// Reads a text alone.
  ///
  /// - Parameter text: the lines; those that are not whole are passed over.
  /// - Throws: ``FileError`` where it cannot be read.
  package init(_ text: RecordText) throws(FileError) {
    self.init()
    try read(text)
  }

  /// Writes the lines that say the same.
  func write(to file: AtomicFile) throws(FileError) {
    var lines = ""
    try forEachLine { (line) throws(FileError) in
      lines += line
      if lines.utf8.count < 1 << 18 { return }
      try file.write(lines.utf8)
      lines = ""
    }
    try file.write(lines.utf8)
  }
}
