import TesseraBatch
import TesseraCore
import TesseraFiles
import TesseraThreads

/// The labels of a table with the columns file_name and label: CSV as RFC 4180 has it.
package struct LabelTable: Sendable {
  /// Where it is.
  let path: String
  private let labels: [PathKey: String]

  /// The label of an input, by its relative path.
  package subscript(name: String) -> String? { labels[PathKey(name)] }

  /// Reads a table.
  ///
  /// - Parameter path: where it is.
  /// - Throws: `LabelTableError` with the line where it is wrong.
  package init(_ path: String) throws(LabelTableError) {
    self.path = path
    let bytes: [UInt8]
    do throws(FileError) {
      bytes = try FileSystem.content(
        of: path, as: [.file, .pipe], limit: 1 << 28, cancellation: Cancellation())
    } catch {
      throw LabelTableError(path: path, line: nil, reason: "\(error)")
    }
    var labels: [PathKey: String] = [:]
    var columns: (name: Int, label: Int)?
    var failure: LabelTableError?
    let openLine = CSV.forEachRow(of: bytes) { line, fields in
      guard failure == nil else { return }
      guard let (name, label) = columns else {
        let name = fields.firstIndex { $0 == "file_name" }
        let label = fields.firstIndex { $0 == "label" }
        if let name, let label {
          columns = (name, label)
        } else {
          failure = LabelTableError(
            path: path, line: line,
            reason:
              "expected the columns file_name and label, found \(fields.joined(separator: ", "))")
        }
        return
      }
      guard fields.count > max(name, label), !fields[name].isEmpty, !fields[label].isEmpty else {
        failure = LabelTableError(
          path: path, line: line, reason: "expected a file_name and a label, found neither or one")
        return
      }
      let key = PathKey(Path.normalized(fields[name]))
      if let other = labels.updateValue(fields[label], forKey: key), other != fields[label] {
        failure = LabelTableError(
          path: path, line: line,
          reason: "'\(fields[name].printable)' has the label '\(other.printable)' already")
      }
    }
    if let line = openLine {
      throw LabelTableError(
        path: path, line: line,
        reason: "expected a quote that closes the one in this line, found none")
    }
    if let failure { throw failure }
    guard columns != nil else {
      throw LabelTableError(
        path: path, line: 1, reason: "expected the columns file_name and label, found nothing")
    }
    self.labels = labels
  }
}

/// What is wrong with a table of labels.
package struct LabelTableError: Error, Hashable, CustomStringConvertible {
  var path: String
  var line: Int?
  var reason: String

  /// Where it is wrong, and how.
  package var description: String {
    line.map { "\(path.printable):\($0): \(reason)" } ?? reason
  }
}

/// Comma-separated values.
enum CSV {
  /// Calls `body` with the line on which each row begins, counted from 1, and its fields; empty lines are
  /// none.
  ///
  /// - Returns: The line of a row in which a quote is never closed; `nil` where all are.
  static func forEachRow(of bytes: [UInt8], _ body: (Int, [String]) -> Void) -> Int? {
    var fields: [String] = []
    var field: [UInt8] = []
    var (line, first) = (1, 1)
    var isQuoted = false
    var wasQuoted = false
    func endField() {
      fields.append(String(decoding: field, as: UTF8.self))
      (field, wasQuoted) = ([], false)
    }
    func endRow() {
      if fields.isEmpty, field.isEmpty, !wasQuoted {
        first = line
        return
      }
      endField()
      body(first, fields)
      (fields, first) = ([], line)
    }
    // What spreadsheets put before the text.
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      if byte == UInt8(ascii: "\n") { line += 1 }
      if isQuoted {
        if byte != UInt8(ascii: "\"") {
          field.append(byte)
        } else if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
          field.append(byte)
          index += 1
        } else {
          isQuoted = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted:
        (isQuoted, wasQuoted) = (true, true)
      case UInt8(ascii: ","): endField()
      case UInt8(ascii: "\r"): continue
      case UInt8(ascii: "\n"): endRow()
      default: field.append(byte)
      }
    }
    if isQuoted { return first }
    endRow()
    return nil
  }
}
