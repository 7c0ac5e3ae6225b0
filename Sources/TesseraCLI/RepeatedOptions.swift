/// Options that count once: of two values the parser of the command line would drop the first.
enum RepeatedOptions {
  /// Their names, by command.
  private static let names: [String: [[String]]] = [
    "run": [
      ["--output", "-o"], ["--state"], ["--jobs", "-j"], ["--memory"], ["--plan"], ["--shard"],
      ["--max-failures"], ["--progress"], ["--log"], ["--log-level"],
    ],
    "init": [["--output", "-o"]],
    "plan": [
      ["--output", "-o"], ["--plan"], ["--shards"], ["--shard-size"], ["--jobs", "-j"], ["--files"],
    ],
    "status": [["--plan"]],
    "merge": [["--plan"]],
    "explain": [["--input", "-i"], ["--size"]],
    "verify": [["--state"]],
    "bank": [["--png"], ["--tensor"]],
  ]

  /// Refuses a line that has one of them twice.
  static func check(_ arguments: [String]) throws(CommandFailure) {
    let words = arguments.dropFirst().prefix { $0 != "--" }
    for option in names[arguments.first ?? ""] ?? [] {
      let count = words.count { word in
        option.contains { word == $0 || word.hasPrefix($0 + "=") }
      }
      guard count > 1 else { continue }
      throw CommandFailure(
        .usage, "\(option[0]) is given \(count == 2 ? "twice" : "\(count) times"), and counts once")
    }
  }
}
