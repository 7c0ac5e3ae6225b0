import Foundation

/// Vectors/digests.txt: what every output was when the table was made.
///
/// A line has a key of three words, the instruction sets that it holds for (`*`: all of the table's)
/// and what was found:
///
///     text NAME - * DIGEST                     pipeline file, arrays and image
///     run  NAME INPUT * EXIT STATUS DIGEST     the report's figures, or why it failed
///     file NAME OUTPUT * VALUES BYTES          pixels of a PNG or JPEG, and its bytes
///     file NAME OUTPUT * BYTES                 an array, or some of them in one file
struct DigestTable {
  /// Sets of kernels that the table was made with.
  var sets: [String]
  /// Libraries that wrote the files: with others the bytes of PNG and JPEG files may differ.
  var codecs: String
  /// What was found, by key and set.
  var findings: [String: [String: String]] = [:]

  static let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("Vectors/digests.txt").path

  private static let header = """
    # XXH64 of everything that pipelines make of images: those of Pipelines/ on samples/, and those
    # that follow from a seed (Tests/RandomPipelines), by GENERATION-SEED, on an image of their own.
    # DigestTable.swift says what stands in a line, DigestTableTests.swift how to look into a difference.
    # Made anew by: TESSERA_DIGESTS=write swift test --filter DigestTableTests
    # Every line that changes must be judged: is it the right pixels that are new?

    """

  init(sets: [String], codecs: String) {
    self.sets = sets
    self.codecs = codecs
  }

  /// Reads the table.
  init(contentsOf path: String = Self.path) throws {
    self.init(sets: [], codecs: "")
    for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ")
      switch words.first {
      case "#": continue
      case "sets": sets = words.dropFirst().map(String.init)
      case "codecs": codecs = words.dropFirst().joined(separator: " ")
      default:
        guard words.count > 4 else { continue }
        let key = words[..<3].joined(separator: " ")
        for set in words[3] == "*" ? sets : words[3].split(separator: ",").map(String.init) {
          findings[key, default: [:]][set] = words[4...].joined(separator: " ")
        }
      }
    }
  }

  /// Adds what one set of kernels gave.
  mutating func add(_ found: [String: String], set: String) {
    for (key, finding) in found { findings[key, default: [:]][set] = finding }
  }

  /// The findings about one pipeline, or several.
  func findings(about names: Set<String>, set: String) -> [String: String] {
    findings.compactMapValues { $0[set] }.filter { key, _ in
      names.contains(String(key.split(separator: " ")[1]))
    }
  }

  /// The whole file.
  var text: String {
    let order = findings.keys.sorted {
      let (a, b) = (Self.order($0), Self.order($1))
      return a.lexicographicallyPrecedes(b) {
        $0.compare($1, options: .numeric) == .orderedAscending
      }
    }
    let lines = order.flatMap { key -> [String] in
      let bySet = findings[key] ?? [:]
      let groups = Dictionary(grouping: sets.filter { bySet[$0] != nil }) { bySet[$0] ?? "" }
      return groups.map { finding, group in
        "\(key) \(group == sets ? "*" : group.joined(separator: ",")) \(finding)"
      }.sorted()
    }
    return Self.header + "sets \(sets.joined(separator: " "))\ncodecs \(codecs)\n"
      + lines.joined(separator: "\n") + "\n"
  }

  /// Whether a key is that of a picture: its pixels have a digest of their own.
  static func isPicture(_ key: String) -> Bool {
    key.hasPrefix("file ") && [".png", ".jpg", ".tif", ".webp"].contains { key.hasSuffix($0) }
  }

  /// By pipeline, then by what it is about.
  private static func order(_ key: String) -> [String] {
    let words = key.split(separator: " ").map(String.init)
    let kinds = ["text": "0", "run": "1", "file": "2"]
    return [words[1], kinds[words[0]] ?? "3", words[2]]
  }
}
