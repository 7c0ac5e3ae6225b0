import TesseraCore

/// How an output is called, relative to the output folder: `{dir}/{stem}-{ext}.png`.
public struct NameTemplate: Hashable, Sendable {
  /// What an input puts in place of a word in braces.
  public enum Placeholder: String, Hashable, Sendable, CaseIterable {
    /// The folder of the input, relative to the input folder.
    case dir
    /// The input's file name without its extension.
    case stem
    /// The input's extension without the dot.
    case ext
    /// The name of the folder that the input lies in.
    case parent
    /// The input folder by its name, after as much of its path as tells the input folders of a run
    /// apart.
    case root
    /// The name of the channel, or its number where it has none, where every channel becomes a file.
    case channel
    /// The number of the view, where every input comes several times; else 0.
    case view

    /// Whether it is a folder, and so may be empty: `dir` for inputs that lie in the input folder
    /// itself, the others where a folder has no name, as `/` has none.
    fileprivate var isFolder: Bool { [.dir, .parent, .root].contains(self) }
  }

  /// A stretch of a template.
  public enum Piece: Hashable, Sendable {
    /// Characters that stay.
    case text(String)
    /// A word in braces.
    case placeholder(Placeholder)
  }

  /// The stretches in order.
  public let pieces: [Piece]

  /// Reads a template.
  ///
  /// - Throws: `NameTemplateError` where braces do not match, a placeholder is unknown, or the
  ///   result would leave the output folder.
  public init(_ text: String) throws(NameTemplateError) {
    var pieces: [Piece] = []
    var rest = text[...]
    while let open = rest.firstIndex(where: { $0 == "{" || $0 == "}" }) {
      guard rest[open] == "{", let close = rest[open...].firstIndex(of: "}") else {
        throw .unmatchedBrace
      }
      if open > rest.startIndex { pieces.append(.text(String(rest[..<open]))) }
      let word = String(rest[rest.index(after: open)..<close])
      guard let placeholder = Placeholder(rawValue: word) else {
        throw .unknownPlaceholder(word)
      }
      pieces.append(.placeholder(placeholder))
      rest = rest[rest.index(after: close)...]
    }
    if !rest.isEmpty { pieces.append(.text(String(rest))) }
    let steps = text.split(separator: "/", omittingEmptySubsequences: false)
    guard !text.hasPrefix("/"), !steps.contains(".."), !text.utf8.contains(0) else {
      throw .leavesFolder
    }
    guard let name = steps.last, !name.isEmpty, name != "." else { throw .noFileName }
    let first = steps.first { ![".", "", "{dir}"].contains($0) }
    let isReport = first == OwnNames.report[...]
    if let step = isReport ? first : steps.first(where: { OwnNames.isReserved($0) }) {
      throw .reserved(String(step))
    }
    self.pieces = pieces
  }

  /// A name that stands for itself, braces and all.
  package init(literal name: String) { pieces = [.text(name)] }

  /// The name with every placeholder replaced.
  ///
  /// An empty `{dir}`, `{parent}` or `{root}` takes the separators that follow it along: `/`, `-`,
  /// `_`, `.` and spaces, or else those before it. The dot of the extension stays.
  public func name(_ value: (Placeholder) -> String) -> String {
    var name = ""
    for (index, piece) in pieces.enumerated() {
      switch piece {
      case .text(let text):
        var rest = text[...]
        if isEmptyFolder(index - 1, value) {
          rest = Self.withoutSeparators(text, isEnd: index == pieces.count - 1)
          let isBetween = rest.count == text.count && index > 1
          if isBetween, case .text = pieces[index - 2] { Self.removeSeparators(endOf: &name) }
        }
        name += rest
      case .placeholder(let placeholder): name += value(placeholder)
      }
    }
    return String(name.drop { $0 == "/" })
  }

  /// Whether a piece is a folder that is empty, and stands for all up to the text before it.
  private func isEmptyFolder(_ index: Int, _ value: (Placeholder) -> String) -> Bool {
    guard index >= 0, case .placeholder(let placeholder) = pieces[index], placeholder.isFolder,
      value(placeholder).isEmpty
    else { return false }
    guard index > 0, case .placeholder = pieces[index - 1] else { return true }
    return isEmptyFolder(index - 1, value)
  }

  private static let separators: Set<Character> = ["-", "_", ".", " "]

  /// What stands behind an empty folder, without what separated the two.
  private static func withoutSeparators(_ text: String, isEnd: Bool) -> Substring {
    var rest = text.drop(while: separators.contains)
    if rest.first == "/" { return rest.dropFirst() }
    if isEnd, !rest.contains("."), let dot = text[..<rest.startIndex].lastIndex(of: ".") {
      rest = text[dot...]
    }
    return rest
  }

  private static func removeSeparators(endOf name: inout String) {
    guard let last = name.lastIndex(where: { !separators.contains($0) }), name[last] != "/" else {
      return
    }
    name = String(name[...last])
  }

  /// Whether every name ends in a dot and these letters, in either case.
  public func hasExtension(_ letters: String) -> Bool {
    guard case .text(let text) = pieces.last else { return false }
    return text.lowercased().hasSuffix(".\(letters)")
  }

  /// Whether every channel gets a name of its own.
  public var namesChannels: Bool { pieces.contains(.placeholder(.channel)) }
}

extension NameTemplate: CustomStringConvertible {
  /// As it is written in a pipeline file.
  public var description: String {
    pieces.map { piece in
      switch piece {
      case .text(let text): text
      case .placeholder(let placeholder): "{\(placeholder.rawValue)}"
      }
    }.joined()
  }
}

/// Why a text is no template of names.
public enum NameTemplateError: Error, Hashable, Sendable {
  /// A brace without its partner.
  case unmatchedBrace
  /// A word in braces that stands for nothing.
  case unknownPlaceholder(String)
  /// An absolute path, a `..` or a NUL.
  case leavesFolder
  /// Nothing after the last slash, or only a dot.
  case noFileName
  /// A name that runs keep for their own files.
  case reserved(String)
}

extension NameTemplateError: CustomStringConvertible {
  /// One clause without a full stop.
  public var description: String {
    switch self {
    case .unmatchedBrace: "a brace without its partner"
    case .unknownPlaceholder(let word): "{\(word)}"
    case .leavesFolder: "a path that leaves the output folder"
    case .noFileName: "no file name at the end"
    case .reserved(let name): "\(name), which is a name of Tessera's own files,"
    }
  }
}

extension ParameterKind where Value == NameTemplate {
  /// A relative path with placeholders.
  package static var nameTemplate: Self {
    let words = NameTemplate.Placeholder.allCases.map(\.rawValue)
    let expected =
      "a relative path that may hold \(words.map { "{\($0)}" }.joined(separator: ", "))"
    return ParameterKind(
      expected: expected, schema: ["type": "string", "minLength": 1],
      read: { value, findings in
        guard let text = value.string, !text.isEmpty else {
          findings.mismatch(value, expected: expected)
          return nil
        }
        do throws(NameTemplateError) {
          return try NameTemplate(text)
        } catch {
          var suggestion: String?
          if case .unknownPlaceholder(let word) = error {
            suggestion = Spelling.nearest(to: word, in: words).map { "{\($0)}" }
          }
          findings.add(
            .mismatch(expected: expected, found: "\(error) in \(value.found)"), at: value.position,
            suggestion: suggestion)
          return nil
        }
      },
      write: { JSONValue(.string($0.description)) })
  }
}
