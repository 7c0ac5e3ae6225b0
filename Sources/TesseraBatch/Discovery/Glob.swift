import TesseraCore

/// A pattern of paths: `*`, `?`, `[a-z]`, `[!a-z]`, `**` and `{png,jpg}`.
///
/// `*` and `?` stay within one name; `**` as a whole part stands for any number of folders, none
/// included. A backslash takes the next character as it is. Characters are compared by their bytes
/// of UTF-8, letters of both cases are different.
struct Glob: Hashable, Sendable {
  /// One part of a path between slashes.
  private enum Part: Hashable {
    case anyFolders
    case name([Token])
  }

  private enum Token: Hashable {
    case character(Unicode.Scalar)
    case anyCharacter
    case anyCharacters
    case oneOf([ClosedRange<Unicode.Scalar>], negated: Bool)
  }

  private let alternatives: [[Part]]
  /// Whether the pattern has just one part, so that it speaks of names at any depth.
  private let isName: Bool

  init(_ pattern: String) {
    let expanded = Self.expandBraces(pattern).map { text in
      Self.split(text).filter { $0 != "." }
    }
    isName = expanded.allSatisfy { $0.count == 1 } && !pattern.hasPrefix("/")
    alternatives = expanded.map { parts in
      parts.map { $0 == "**" ? .anyFolders : .name(Self.tokens($0)) }
    }
  }

  /// How many names a path that fits can have; `nil` where `**` allows any number.
  var maximumDepth: Int? {
    alternatives.contains { $0.contains(.anyFolders) } ? nil : alternatives.map(\.count).max()
  }

  /// Whether some character of `text` has a meaning in a pattern.
  static func isPattern(_ text: String) -> Bool {
    text.utf8.contains { "*?[{".utf8.contains($0) }
  }

  /// Whether the whole path fits; a pattern without a slash is held against the last name alone.
  func matches(_ path: String) -> Bool {
    var parts = Self.split(path)
    if isName { parts.removeFirst(max(parts.count - 1, 0)) }
    return matchesWhole(parts)
  }

  /// Whether the whole path fits, also where the pattern is one name.
  func matchesWhole(path: String) -> Bool { matchesWhole(Self.split(path)) }

  private func matchesWhole(_ parts: [String]) -> Bool {
    let names = parts.map { Array($0.unicodeScalars) }
    return alternatives.contains { pattern in
      // `**` is to parts what `*` is to characters.
      Self.match(pattern, names, isStar: { $0 == .anyFolders }) { part, name in
        guard case .name(let tokens) = part else { return false }
        return Self.match(tokens, name, isStar: { $0 == .anyCharacters }, Self.accepts)
      }
    }
  }

  /// Matches with one kind of star, in time pattern × items: only the last star is tried again.
  private static func match<Element, Item>(
    _ pattern: [Element], _ items: [Item], isStar: (Element) -> Bool,
    _ accepts: (Element, Item) -> Bool
  ) -> Bool {
    var next = 0, item = 0
    var retry: (next: Int, item: Int)?
    while item < items.count {
      if next < pattern.count, isStar(pattern[next]) {
        next += 1
        retry = (next, item)
      } else if next < pattern.count, accepts(pattern[next], items[item]) {
        next += 1
        item += 1
      } else if let (afterStar, start) = retry {
        next = afterStar
        item = start + 1
        retry = (afterStar, item)
      } else {
        return false
      }
    }
    return pattern[next...].allSatisfy(isStar)
  }

  private static func accepts(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
    switch token {
    case .character(let wanted): scalar == wanted
    case .anyCharacter: true
    case .anyCharacters: false
    case .oneOf(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
    }
  }

  private static func split(_ path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
  }

  private static func tokens(_ name: String) -> [Token] {
    var tokens: [Token] = []
    var rest = Substring(name).unicodeScalars
    while let scalar = rest.popFirst() {
      switch scalar {
      case "*": if tokens.last != .anyCharacters { tokens.append(.anyCharacters) }
      case "?": tokens.append(.anyCharacter)
      case "\\": tokens.append(.character(rest.popFirst() ?? "\\"))
      case "[":
        if let set = characterSet(&rest) {
          tokens.append(set)
        } else {
          tokens.append(.character("["))
        }
      default: tokens.append(.character(scalar))
      }
    }
    return tokens
  }

  /// Reads up to the closing bracket; `nil` where there is none, and nothing is read then.
  private static func characterSet(_ rest: inout Substring.UnicodeScalarView) -> Token? {
    var inner = rest
    let negated = inner.first == "!" || inner.first == "^"
    if negated { inner.removeFirst() }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while let low = inner.popFirst() {
      if low == "]", !ranges.isEmpty {
        rest = inner
        return .oneOf(ranges, negated: negated)
      }
      if inner.first == "-", let high = inner.dropFirst().first, high != "]", low <= high {
        inner.removeFirst(2)
        ranges.append(low...high)
      } else {
        ranges.append(low...low)
      }
    }
    return nil
  }
}

extension Glob {
  /// Every pattern without braces that a pattern with braces stands for: at most 1000.
  private static func expandBraces(_ pattern: String) -> [String] {
    var done: [String] = []
    var open = [pattern]
    while let text = open.popLast() {
      guard done.count + open.count < 1000, let group = firstGroup(in: text) else {
        done.append(text)
        continue
      }
      open += group.choices.map { group.before + $0 + group.after }
    }
    return done
  }

  /// The first innermost group of braces, split at its commas.
  private static func firstGroup(
    in text: String
  ) -> (before: String, choices: [Substring], after: Substring)? {
    guard let close = text.firstIndex(of: "}"), let start = text[..<close].lastIndex(of: "{")
    else { return nil }
    let inside = text[text.index(after: start)..<close]
    guard inside.contains(",") else { return nil }
    let choices = inside.split(separator: ",", omittingEmptySubsequences: false)
    return (String(text[..<start]), choices, text[text.index(after: close)...])
  }
}
