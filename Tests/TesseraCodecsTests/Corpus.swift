import Foundation
import TesseraCore
import Testing

/// The files in Vectors/ and what the scripts that made them wrote down about them.
enum Corpus {
  static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().appendingPathComponent("Vectors").path

  /// A file that must be read, and the pixels that it must give.
  struct Good: Sendable, CustomTestStringConvertible {
    var name: String
    var shape: ImageShape
    var elementType: ElementType
    /// FNV-1a of the interleaved rows.
    var hash: String
    /// What else is special.
    var note: String

    var path: String { Corpus.folder + "/" + name }
    var testDescription: String { "\(name) \(note)" }
  }

  /// A file that must be refused, and how.
  struct Bad: Sendable, CustomTestStringConvertible {
    var name: String
    var kind: String
    /// A part of the message.
    var text: String

    var path: String { Corpus.folder + "/" + name }
    var testDescription: String { name }
  }

  static let good: [Good] = lines("expected.txt").compactMap { line in
    let words = line.split(separator: " ").map(String.init)
    guard words.count == 7, let channels = Int(words[1]), let height = Int(words[2]),
      let width = Int(words[3]), let type = ElementType(rawValue: words[4])
    else { return nil }
    return Good(
      name: words[0], shape: ImageShape(channels: channels, height: height, width: width),
      elementType: type, hash: words[5], note: words[6])
  }

  static let bad: [Bad] = lines("refused.txt").compactMap { line in
    let words = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count == 3 else { return nil }
    return Bad(name: String(words[0]), kind: String(words[1]), text: String(words[2]))
  }

  /// The bytes of one file.
  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + "/" + name)))
  }

  /// The lines of a table, and of that which make_tiff_webp.py has written.
  private static func lines(_ name: String) -> [String] {
    [name, name.replacingOccurrences(of: ".txt", with: "_tiff_webp.txt")].flatMap { name in
      let text = try? String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      return (text ?? "").split(separator: "\n").map(String.init)
    }
  }
}

/// FNV-1a, 64 bits.
func hash(_ bytes: [UInt8]) -> String {
  var value: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
  let digits = String(value, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
