/// Collects mistakes while values are read, so that one does not hide the next.
package struct Findings {
  /// The first mistakes that were met.
  package private(set) var diagnostics: [Diagnostic] = []
  /// How many there are.
  package private(set) var count = 0
  private var path = DocumentPath()
  private var stageName: String?

  /// Begins at the root of a document, with nothing found.
  package init() {}

  /// Mistakes that are kept: nobody reads a million, and each has its sentence.
  private static let mostKept = 1000

  /// Whether further mistakes are only counted.
  private var isFull: Bool { count >= Self.mostKept }

  /// Runs `body` one step down.
  package mutating func within<Result>(
    _ component: DocumentPath.Component, _ body: (inout Findings) -> Result
  ) -> Result {
    path.components.append(component)
    defer { path.components.removeLast() }
    return body(&self)
  }

  /// Names the stage in the messages that `body` adds.
  package mutating func naming<Result>(stage: String?, _ body: (inout Findings) -> Result) -> Result
  {
    stageName = stage
    defer { stageName = nil }
    return body(&self)
  }

  /// Notes a problem at a place.
  package mutating func add(
    _ problem: @autoclosure () -> Diagnostic.Problem, at position: SourcePosition,
    suggestion: @autoclosure () -> String? = nil
  ) {
    defer { count += 1 }
    if isFull { return }
    diagnostics.append(
      Diagnostic(
        position: position, path: path, stageName: stageName, problem: problem(),
        suggestion: suggestion()))
  }

  /// Notes that a value is not what belongs there.
  package mutating func mismatch(_ value: JSONValue, expected: String, suggestion: String? = nil) {
    add(
      .mismatch(expected: expected, found: value.found), at: value.position,
      suggestion: suggestion)
  }

  /// Reads an object whose keys are known: unknown and repeated ones are noted.
  ///
  /// Gives the first member of each known key, or `nil`, with a note, for every other kind.
  package mutating func members(
    of value: JSONValue, keys: [String], expected: String
  ) -> Members? {
    guard let members = value.members else {
      mismatch(value, expected: expected)
      return nil
    }
    var first: [String: JSONMember] = [:]
    var misspelt: Set<String> = []
    for member in members {
      if isFull, first[member.key] != nil || !keys.contains(member.key) {
        count += 1
        continue
      }
      within(.key(member.key)) { findings in
        if let earlier = first[member.key] {
          findings.add(.duplicateKey(first: earlier.keyPosition), at: member.keyPosition)
        } else if !keys.contains(member.key) {
          let meant = Spelling.nearest(to: member.key, in: keys)
          if let meant { misspelt.insert(meant) }
          findings.add(
            .unknownKey(known: keys), at: member.keyPosition,
            suggestion: meant.map(JSONWriter.quoted))
        }
      }
      if first[member.key] == nil { first[member.key] = member }
    }
    let values = first.filter { keys.contains($0.key) }.mapValues(\.value)
    return Members(values: values, misspelt: misspelt)
  }

  /// The members of an object whose keys are known.
  package struct Members {
    /// The first value of each key.
    package var values: [String: JSONValue] = [:]
    /// Keys that others were probably meant to be: nobody need miss them.
    package var misspelt: Set<String> = []

    /// Whether a key is there in some spelling.
    package func has(_ key: String) -> Bool { values[key] != nil || misspelt.contains(key) }
  }
}
