/// A stage as it is written in a pipeline file.
struct StageText: Sendable {
  private var members: [String]

  init(_ name: String) { members = ["\"stage\": \(Self.quoted(name))"] }

  /// Adds a key with a value that is JSON already.
  mutating func add(_ key: String, _ value: String) { members.append("\"\(key)\": \(value)") }

  /// Adds a key with a word.
  mutating func add(_ key: String, word: String) { add(key, Self.quoted(word)) }

  /// The stage's object.
  var text: String { "{ " + members.joined(separator: ", ") + " }" }

  static func quoted(_ word: String) -> String { "\"\(word)\"" }

  /// One integer where both are the same, else a list of both.
  static func pair(_ height: Int, _ width: Int) -> String {
    height == width ? "\(height)" : "[\(height), \(width)]"
  }

  static func list(_ parts: [String]) -> String { "[" + parts.joined(separator: ", ") + "]" }
}
