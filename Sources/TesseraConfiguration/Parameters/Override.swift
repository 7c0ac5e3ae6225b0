/// A change to a pipeline file from outside, such as `stages[2].stride=4`.
package enum Override {
  /// What is wrong with a path.
  package struct PathProblem: Error {
    /// One sentence.
    package let sentence: String
    /// The path that was probably meant.
    package let suggestion: String?

    /// Says what is wrong.
    package init(_ sentence: String, suggestion: String? = nil) {
      self.sentence = sentence
      self.suggestion = suggestion
    }
  }

  /// Applies an override to the values of a file, or notes why it cannot be.
  ///
  /// What stands after the `=` is JSON; a bare word that is not counts as a string.
  ///
  /// - Parameters:
  ///   - text: path and value.
  ///   - number: its place among all overrides, from 1.
  ///   - label: what messages call an override.
  ///   - root: the values of the file.
  ///   - findings: take what is wrong.
  ///   - complete: the whole of a path that may have been shortened.
  package static func apply(
    _ text: String, number: Int, label: String, to root: inout JSONValue,
    _ findings: inout Findings,
    completing complete: (DocumentPath, JSONValue) throws(PathProblem) -> DocumentPath = {
      (path, _) throws(PathProblem) in path
    }
  ) {
    let origin = SourcePosition.Origin.override(number: number, text: "\(label) \(text)")
    let start = SourcePosition(origin: origin, line: 1, column: 1)
    guard let equals = text.firstIndex(of: "="),
      let short = DocumentPath(parsing: text[..<equals])
    else {
      findings.add(
        .rule("expected a path and a value, such as stages[2].stride=4"), at: start)
      return
    }
    let written = String(text[text.index(after: equals)...])
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONParser.parse(Array(written.utf8), origin: origin)
    } catch {
      if isMeantAsJSON(written) {
        findings.add(.mismatch(expected: error.expected, found: error.found), at: start)
        return
      }
      value = JSONValue(.string(written), at: start)
    }
    let path: DocumentPath
    do throws(PathProblem) {
      path = try complete(short, root)
    } catch {
      findings.add(.rule(error.sentence), at: start, suggestion: error.suggestion)
      return
    }
    if let problem = set(value, path.components[...], in: &root, at: DocumentPath()) {
      findings.add(.rule(problem), at: start)
    }
  }

  /// Whether a text that is no JSON was to be: names of outputs begin with a brace, too, as in
  /// `{stem}.png`, but behind the brace of an object there is no letter.
  private static func isMeantAsJSON(_ text: String) -> Bool {
    guard let first = text.first, "[{\"".contains(first) else { return false }
    return first != "{" || text.dropFirst().first?.isLetter != true
  }

  /// Sets a value below a node; gives the reason where there is no way down.
  private static func set(
    _ value: JSONValue, _ steps: ArraySlice<DocumentPath.Component>, in node: inout JSONValue,
    at path: DocumentPath
  ) -> String? {
    guard let step = steps.first else {
      node = value
      return nil
    }
    let rest = steps.dropFirst()
    let next = path.appending(step)
    switch step {
    case .key(let key):
      guard var members = node.members else { return "\(path) is \(node.found), not an object" }
      // Held by one alone, the list is changed where it is rather than copied.
      node.kind = .null
      if let index = members.firstIndex(where: { $0.key == key }) {
        let problem = set(value, rest, in: &members[index].value, at: next)
        node.kind = .object(members)
        return problem
      }
      var child = JSONValue(.object([]), at: value.position)
      let problem = set(value, rest, in: &child, at: next)
      members.append(JSONMember(key, at: value.position, child))
      node.kind = .object(members)
      return problem
    case .index(let index):
      guard var elements = node.elements else { return "\(path) is \(node.found), not a list" }
      guard elements.indices.contains(index) else {
        return "there is no \(next): \(path) is \(node.found)"
      }
      node.kind = .null
      let problem = set(value, rest, in: &elements[index], at: next)
      node.kind = .array(elements)
      return problem
    }
  }
}

extension DocumentPath {
  /// Reads what `description` writes; `nil` for anything else.
  package init?(parsing text: Substring) {
    components = []
    for (position, part) in text.split(separator: ".", omittingEmptySubsequences: false)
      .enumerated()
    {
      let key = part.prefix { $0 != "[" }
      var rest = part.dropFirst(key.count)
      guard !key.isEmpty, !key.contains("]") else { return nil }
      components.append(.key(String(key)))
      while !rest.isEmpty {
        guard rest.first == "[", let close = rest.firstIndex(of: "]"),
          let index = Int(rest[rest.index(after: rest.startIndex)..<close]), index >= 0
        else { return nil }
        components.append(.index(index))
        rest = rest[rest.index(after: close)...]
      }
      if position > JSONParser.maximumDepth { return nil }
    }
  }
}
