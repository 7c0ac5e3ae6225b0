import TesseraConfiguration

/// The stages as text for readers, made from their tables.
public enum StageListing {
  /// One line per stage: name and summary.
  public static var overview: String {
    lines(StageCatalogue.types.map { ($0.name, plain($0.configuration.summary)) })
  }

  /// The names of all stages, and of all banks of kernels.
  public static var names: [String] {
    StageCatalogue.types.map(\.name) + KernelBankCatalogue.types.map(\.name)
  }

  /// Everything about a stage, or about a bank of kernels.
  ///
  /// - Throws: `UnknownNameError` where there is neither under this name.
  public static func page(for name: String) throws(UnknownNameError) -> String {
    if let type = StageCatalogue.types.first(where: { $0.name == name }) {
      return page(type.configuration)
    }
    if let bank = KernelBankCatalogue.types.first(where: { $0.name == name }) {
      return page(bank)
    }
    throw UnknownNameError(name: name, suggestion: Spelling.nearest(to: name, in: names))
  }

  /// Everything about a stage, or about a bank of kernels, in Markdown.
  ///
  /// - Throws: `UnknownNameError` where there is neither under this name.
  public static func markdown(for name: String) throws(UnknownNameError) -> String {
    if let type = StageCatalogue.types.first(where: { $0.name == name }) {
      return markdown(type.configuration)
    }
    if let bank = KernelBankCatalogue.types.first(where: { $0.name == name }) {
      return markdown(bank)
    }
    throw UnknownNameError(name: name, suggestion: Spelling.nearest(to: name, in: names))
  }

  private static func markdown<Value>(_ type: ConfigurationType<Value>) -> String {
    var sections = ["# `\(type.name)`", type.summary]
    if type.discussion != type.summary { sections.append(type.discussion) }
    if !type.parameters.isEmpty {
      let rows = type.parameters.map { parameter in
        let cells = [
          "`\(parameter.key)`", parameter.expected, parameter.standard ?? "required",
          parameter.sentence,
        ]
        return "| " + cells.map(escaped).joined(separator: " | ") + " |"
      }
      sections += [
        "## Keys",
        (["| key | takes | default | meaning |", "| --- | --- | --- | --- |"] + rows)
          .joined(separator: "\n"),
      ]
    }
    return (sections + type.rules).joined(separator: "\n\n") + "\n"
  }

  /// The stages and their keys as a table in Markdown.
  public static var markdown: String {
    let rows = StageCatalogue.types.map { type in
      let keys = type.configuration.parameters.map(markdown).joined(separator: "; ")
      return "| `\(type.name)` | \(escaped(type.configuration.summary)) | \(keys) |"
    }
    return (["| stage | what it does | keys (default) |", "| --- | --- | --- |"] + rows)
      .joined(separator: "\n") + "\n"
  }

  private static func markdown(_ parameter: ParameterDescription) -> String {
    switch parameter.standard {
    case nil: "`\(parameter.key)` (required)"
    case "none"?: "`\(parameter.key)`"
    case let standard?: "`\(parameter.key)` (\(escaped(standard)))"
    }
  }

  private static func escaped(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  private static func page<Value>(_ type: ConfigurationType<Value>) -> String {
    var sections = ["\(type.name): \(plain(type.summary))"]
    if type.discussion != type.summary { sections.append(wrapped(plain(type.discussion))) }
    if !type.parameters.isEmpty {
      sections.append("Keys:\n" + type.parameters.map(entry).joined(separator: "\n"))
    }
    if !type.rules.isEmpty {
      sections.append(type.rules.map { wrapped(plain($0)) }.joined(separator: "\n"))
    }
    if type.parameters.contains(where: { $0.key == "bank" }) {
      let banks = KernelBankCatalogue.types.map { ($0.name, $0.summary) }
      sections.append("Banks (each has a page of its own):\n" + lines(banks, indent: "  "))
    }
    return sections.map(withoutTrailingNewline).joined(separator: "\n\n") + "\n"
  }

  private static func entry(_ parameter: ParameterDescription) -> String {
    let standard = parameter.standard.map { "default: \(plain($0))" } ?? "required"
    return """
        \(parameter.key)  [\(standard)]
      \(wrapped(plain(parameter.sentence), indent: "      "))
      \(wrapped("Takes \(parameter.expected).", indent: "      "))
      """
  }

  /// Markdown's quotes have no place on a terminal.
  private static func plain(_ text: String) -> String {
    String(text.filter { $0 != "`" })
  }

  private static func lines(_ rows: [(String, String)], indent: String = "") -> String {
    let width = rows.map(\.0.count).max() ?? 0
    return rows.map { name, summary in
      indent + name + String(repeating: " ", count: width - name.count + 2) + summary + "\n"
    }.joined()
  }

  private static func withoutTrailingNewline(_ text: String) -> String {
    text.hasSuffix("\n") ? String(text.dropLast()) : text
  }

  /// Breaks a text between words into lines of at most 80 columns.
  private static func wrapped(_ text: String, indent: String = "") -> String {
    var lines: [String] = []
    var line = indent
    for word in text.split(separator: " ") {
      if line.count > indent.count, line.count + 1 + word.count > 80 {
        lines.append(line)
        line = indent
      }
      line += (line.count > indent.count ? " " : "") + word
    }
    return (lines + [line]).joined(separator: "\n")
  }
}

/// There is no stage and no bank of this name.
public struct UnknownNameError: Error, Hashable, Sendable {
  /// The name that was asked for.
  public let name: String
  /// The name that was probably meant.
  public let suggestion: String?
}

extension UnknownNameError: CustomStringConvertible {
  /// One sentence.
  public var description: String {
    let sentence = "there is no stage and no bank \(JSONWriter.quoted(name))"
    return suggestion.map { "\(sentence); did you mean \(JSONWriter.quoted($0))?" } ?? sentence
  }
}
