import TesseraCore

/// One mistake in a pipeline file, with its place and, where there is one, the word that was meant.
public struct Diagnostic: Hashable, Sendable {
  /// What is wrong.
  public enum Problem: Hashable, Sendable {
    /// A value, or a piece of syntax, is not what belongs there.
    case mismatch(expected: String, found: String)
    /// No such key here; these are those that there are.
    case unknownKey(known: [String])
    /// A key stands twice in one object; the first place is given.
    case duplicateKey(first: SourcePosition)
    /// A key that must be there is not.
    case missingKey(expected: String)
    /// A rule that concerns several keys or stages is broken: one sentence.
    case rule(String)
  }

  /// The pipeline file, as it was named; `nil` when the text did not come from one.
  public var file: String?
  /// The place in the file, or the override at fault.
  public var position: SourcePosition
  /// The value at fault.
  public var path: DocumentPath
  /// The name of the stage that `path` leads into, as far as it is known.
  public var stageName: String?
  /// What is wrong.
  public var problem: Problem
  /// What was probably meant, as it would be written in JSON.
  public var suggestion: String?

  /// Says what is wrong, and where it was written.
  public init(
    file: String? = nil, position: SourcePosition, path: DocumentPath = DocumentPath(),
    stageName: String? = nil, problem: Problem, suggestion: String? = nil
  ) {
    self.file = file
    self.position = position
    self.path = path
    self.stageName = stageName
    self.problem = problem
    self.suggestion = suggestion
  }
}

extension Diagnostic.Problem: CustomStringConvertible {
  /// One clause without a full stop.
  public var description: String {
    switch self {
    case .mismatch(let expected, let found): "expected \(expected), found \(found)"
    case .unknownKey: "unknown key"
    case .duplicateKey(let first): "duplicate key, first given at \(first.line):\(first.column)"
    case .missingKey(let expected): "required but missing: expected \(expected)"
    case .rule(let sentence): sentence
    }
  }
}

extension Diagnostic: CustomStringConvertible {
  /// The place, the key's path, the problem and the suggestion, joined as compilers do.
  ///
  /// `file:line:column: stages[2] (unfold).stride: expected …, found …; did you mean …?`
  ///
  /// One line, whatever keys and values hold.
  public var description: String { sentence.printable }

  private var sentence: String {
    var parts: [String] = []
    let place = SourceLocation(file: file, position: position).description
    if !place.isEmpty { parts.append(place) }
    if !path.components.isEmpty { parts.append(path.rendered(stageName: stageName)) }
    parts.append(problem.description)
    let text = parts.joined(separator: ": ")
    if let suggestion { return "\(text); did you mean \(suggestion)?" }
    if case .unknownKey(let known) = problem {
      return "\(text); there are \(known.joined(separator: ", "))"
    }
    return text
  }
}

/// A position together with the file it lies in.
public struct SourceLocation: Hashable, Sendable {
  /// The file, as it was named.
  public let file: String?
  /// The place in it, or an override.
  public let position: SourcePosition

  /// A position in a file, or in a text without a name.
  public init(file: String?, position: SourcePosition) {
    self.file = file
    self.position = position
  }
}

extension SourceLocation: CustomStringConvertible {
  /// `file:line:column`, or the override; empty for what was made in code.
  public var description: String {
    switch position.origin {
    case .document: "\(file ?? "pipeline"):\(position.line):\(position.column)"
    case .override(_, let text): text
    case .code: ""
    }
  }
}

/// Everything that is wrong with a pipeline file, in the order in which it stands there.
public struct PipelineFileError: Error, Hashable, Sendable {
  /// The mistakes: at least one, and at most a hundred.
  public let diagnostics: [Diagnostic]
  /// How many more there are.
  public let omittedCount: Int

  /// Sorts the diagnostics by place and names the file in each that names none.
  package init(_ diagnostics: [Diagnostic], of count: Int? = nil, file: String?) {
    // `sorted` is not stable by contract, so the original order breaks ties.
    let first = diagnostics.enumerated()
      .sorted { ($0.element.position, $0.offset) < ($1.element.position, $1.offset) }
      .prefix(100)
    omittedCount = (count ?? diagnostics.count) - first.count
    self.diagnostics = first.map { entry in
      var diagnostic = entry.element
      diagnostic.file = diagnostic.file ?? file
      return diagnostic
    }
  }

  /// That there are more mistakes; `nil` where there are none.
  package var omission: String? {
    omittedCount == 0
      ? nil : "… and \(omittedCount) more \(omittedCount == 1 ? "mistake" : "mistakes")"
  }
}

extension PipelineFileError: CustomStringConvertible {
  /// Every mistake, each in a line that begins with its place.
  public var description: String {
    (diagnostics.map(\.description) + [omission].compactMap(\.self)).joined(separator: "\n")
  }
}
