import Foundation

/// A command that a text shows to its reader.
struct ShownCommand: Equatable {
  /// The line of the text, counted from 1.
  var line: Int
  var text: String
}

extension ShownCommand {
  /// The languages of fenced blocks that are to be typed.
  private static let shells = ["", "sh", "bash", "console"]

  /// All that a page in Markdown shows, in its order: every line of an indented block and of a fenced
  /// one for a shell, and spans in a line that begin with a command and say more than its name.
  static func all(inPage page: String) -> [ShownCommand] {
    var commands: [ShownCommand] = []
    var fence: String?
    var isBlock = false
    var isAfterBlank = true
    var prose: [Substring] = []
    for (index, line) in page.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    {
      let text = line.trimmingCharacters(in: .whitespaces)
      let isIndented = line.hasPrefix("    ") && (isBlock || isAfterBlank)
      var shown: Substring = ""
      if text.hasPrefix("```") {
        fence = fence == nil ? String(text.dropFirst(3)) : nil
        isBlock = false
      } else if text.isEmpty {
        shown = ""
      } else if fence.map(shells.contains) ?? isIndented {
        isBlock = fence == nil
        commands.append(ShownCommand(line: index + 1, text: text))
      } else if fence == nil {
        isBlock = false
        shown = line
      }
      isAfterBlank = text.isEmpty
      prose.append(shown)
    }
    return (commands + spans(in: prose.joined(separator: "\n"))).sorted { $0.line < $1.line }
  }

  private static func spans(in prose: String) -> [ShownCommand] {
    let spans = prose.matches(of: #/`((?:(?:tessera|swift|find)\s|\w+/[\w-]+\.sh)[^`]*)`/#)
    return spans.map { span in
      ShownCommand(
        line: prose[..<span.range.lowerBound].count { $0 == "\n" } + 1,
        text: span.1.split { $0.isWhitespace }.joined(separator: " "))
    }
  }

  /// All that a page of `--help` shows: indented lines that begin with a command.
  static func all(inHelp page: String) -> [ShownCommand] {
    page.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap {
      index, line in
      let text = line.trimmingCharacters(in: .whitespaces)
      let isCommand = line.hasPrefix("  ") && ["tessera ", "find "].contains { text.hasPrefix($0) }
      return isCommand ? ShownCommand(line: index + 1, text: text) : nil
    }
  }
}
