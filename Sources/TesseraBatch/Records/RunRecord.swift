import TesseraCore
import TesseraFiles

/// What is kept of one input, so that a repeated run knows what is done.
struct RunRecord: Hashable, Sendable {
  /// A file that was written.
  struct Output: Hashable, Sendable {
    /// Seen from the folder of the run.
    var path: String
    var byteCount: Int
    /// XXH64 of the content.
    var hash: UInt64
  }

  /// How far the input has come.
  enum State: String, Sendable {
    /// Its outputs may or may not be there, whole.
    case started
    /// Its outputs are in place.
    case done
  }

  var state: State
  /// Relative path of the input.
  var source: String
  var byteCount: Int
  var modificationTime: Int
  /// Pipeline and version of Tessera.
  var recipe: String
  var outputs: [Output]
  /// The members of the report's line that follow from input and pipeline.
  var details = ""

  /// Whether the record is about this content of this input.
  func isAbout(_ input: InputFile) -> Bool {
    source.utf8.elementsEqual(input.relativePath.utf8) && byteCount == input.byteCount
      && modificationTime == input.modificationTime
  }
}

// MARK: One line of the file of records

extension RunRecord {
  /// The record as a line: fields between tabs, the last is the XXH64 of all others.
  var line: String {
    var fields = [
      state.rawValue, source, String(byteCount), String(modificationTime), recipe, details,
    ]
    for output in outputs {
      fields += [output.path, String(output.byteCount), output.hash.hexadecimal]
    }
    let text = fields.map(Self.escaped).joined(separator: "\t")
    return "\(text)\t\(XXHash64.hash(text.utf8).hexadecimal)\n"
  }

  /// Reads a line; `nil` where it is not whole, as the last line of a killed run may be.
  init?(line: some Collection<UInt8>) {
    let tab = UInt8(ascii: "\t")
    let line = Array(line)
    guard let end = line.lastIndex(of: tab),
      String(decoding: line[(end + 1)...], as: UTF8.self) == XXHash64.hash(line[..<end]).hexadecimal
    else { return nil }
    let fields = line[..<end].split(separator: tab, omittingEmptySubsequences: false)
      .map(Self.unescaped)
    guard fields.count >= 6, fields.count % 3 == 0, let state = State(rawValue: fields[0]),
      let byteCount = Int(fields[2]), let modificationTime = Int(fields[3])
    else { return nil }
    var outputs: [Output] = []
    for first in stride(from: 6, to: fields.count, by: 3) {
      guard let size = Int(fields[first + 1]), let hash = UInt64(fields[first + 2], radix: 16)
      else { return nil }
      outputs.append(Output(path: fields[first], byteCount: size, hash: hash))
    }
    self.init(
      state: state, source: fields[1], byteCount: byteCount, modificationTime: modificationTime,
      recipe: fields[4], outputs: outputs, details: fields[5])
  }

  private static func escaped(_ field: String) -> String {
    guard field.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "%") }) else {
      return field
    }
    var bytes: [UInt8] = []
    for byte in field.utf8 {
      if byte < 0x20 || byte == UInt8(ascii: "%") {
        bytes += "%\(byte.hexadecimal)".utf8
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func unescaped(_ field: ArraySlice<UInt8>) -> String {
    var bytes: [UInt8] = []
    var rest = field
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"),
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        rest.removeFirst(min(2, rest.count))
        bytes.append(value)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
