import Glibc
import TesseraCodecs
import TesseraCore

/// What a program that was run has done wrong.
package struct ChildFailure: Error, Hashable, Sendable {
  /// What it was.
  package enum Reason: Error, Hashable, Sendable {
    /// The system does not start it, with its `errno`.
    case notStarted(code: Int32)
    /// The system does not let it be waited for, with its `errno`.
    case unheard(code: Int32)
    /// It ended before its answer did, with the status that `waitpid` gives.
    case ended(status: Int32)
    /// It closed its output before its answer ended, and went on.
    case closedOutput
    /// It closed its input before the array was read, and went on.
    case closedInput
    /// It took longer than it may [s].
    case silent(seconds: Double)
    /// What it wrote is no array that can be read.
    case unreadable(CodecError)
    /// It wrote an array of other sides.
    case shape([Int], expected: [Int])
    /// It wrote more than the array.
    case surplus
  }

  /// The program as it was written.
  package var program: String
  package var reason: Reason
  /// The end of what it wrote to its standard error.
  package var complaint: String

  package init(program: String, reason: Reason, complaint: String) {
    self.program = program
    self.reason = reason
    self.complaint = complaint
  }
}

extension ChildFailure.Reason: CustomStringConvertible {
  /// What the program did, as the end of a sentence.
  package var description: String {
    switch self {
    case .notStarted(let code): "does not start: \(String(cString: strerror(code)))"
    case .unheard(let code): "cannot be waited for: \(String(cString: strerror(code)))"
    case .ended(let status):
      if status & 0x7F == 0 {
        "ended with status \(status >> 8 & 0xFF) before its array did"
      } else {
        "was ended by signal \(status & 0x7F) before its array was"
      }
    case .closedOutput: "closed its standard output before its array ended"
    case .closedInput: "closed its standard input before it had read its array"
    case .silent(let seconds):
      "has not answered within \(seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)") s"
    case .unreadable(.unknownFormat(let bytes)):
      "wrote something else than an .npy array: \(Self.quoted(bytes))"
    case .unreadable(let error): "wrote an array that cannot be read: \(error)"
    case .shape(let found, let expected):
      "wrote an array of shape \(Self.sides(found)), expected \(Self.sides(expected))"
    case .surplus: "wrote more than the array that it was asked for"
    }
  }

  private static func sides(_ shape: [Int]) -> String {
    let text = shape.prefix(8).map(String.init).joined(separator: ", ")
    return "(\(text)\(shape.count > 8 ? ", …" : ""))"
  }

  /// Bytes as text where they are text.
  private static func quoted(_ bytes: [UInt8]) -> String {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      return "bytes " + bytes.map(\.hexadecimal).joined(separator: " ")
    }
    return "\"\(text.printable)\""
  }
}

extension ChildFailure: CustomStringConvertible {
  /// One sentence, and what the program says itself.
  package var description: String {
    "the program '\(program.printable)' \(reason)"
      + (complaint.isEmpty ? "" : "; it says: \(complaint)")
  }

  /// The last lines of what a program wrote to its standard error, on one line.
  static func complaint(_ bytes: [UInt8]) -> String {
    let (most, mostLines) = (1000, 12)
    let text = String(decoding: bytes, as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).suffix(mostLines)
      .map { String($0).printable }
    let joined = lines.joined(separator: " | ")
    return joined.count > most ? "…" + joined.suffix(most) : joined
  }
}
