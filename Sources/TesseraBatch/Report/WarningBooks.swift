import TesseraCore

/// Warnings of the inputs of a run, told apart by everything but most of their numbers.
struct WarningBooks {
  private struct Entry {
    let message: String
    let source: String
    let index: Int
    var count = 0
  }

  /// Beyond these, kinds are only counted with their inputs.
  private static let mostKinds = 1000

  /// Inputs that drew any.
  private(set) var inputCount = 0
  private var entries: [String: Entry] = [:]
  private var next = 0
  /// What ended before an earlier input did: which kinds are kept must not depend on that.
  private var waiting: [Int: (warnings: [String], source: String)] = [:]

  /// Takes the warnings of one input, once for each input, in any order.
  mutating func add(_ warnings: [String], of source: String, at index: Int) {
    waiting[index] = (warnings, source)
    while let (warnings, source) = waiting.removeValue(forKey: next) {
      take(warnings, of: source, at: next)
      next += 1
    }
  }

  private mutating func take(_ warnings: [String], of source: String, at index: Int) {
    if warnings.isEmpty { return }
    inputCount += 1
    var seen: Set<String> = []
    for message in warnings {
      let kind = Self.kind(of: message)
      guard seen.insert(kind).inserted, entries[kind] != nil || entries.count < Self.mostKinds
      else { continue }
      // The first of the inputs speaks for all.
      entries[kind, default: Entry(message: message, source: source, index: index)].count += 1
    }
  }

  /// What was drawn, in the order of the inputs.
  var groups: [RunSummary.WarningGroup] {
    entries.sorted { ($0.value.index, $0.key) < ($1.value.index, $1.key) }.map {
      .init(message: $0.value.message, count: $0.value.count, source: $0.value.source)
    }
  }

  /// The message with each of its numbers as one sign, but for those in brackets: they name a stage, or
  /// values to be typed.
  private static func kind(of message: String) -> String {
    var kind = ""
    var isInBrackets = false
    for scalar in message.unicodeScalars {
      if scalar == "[" || scalar == "]" { isInBrackets = scalar == "[" }
      let isDigit = !isInBrackets && ("0"..."9").contains(scalar)
      if isDigit, kind.unicodeScalars.last == "#" { continue }
      kind.unicodeScalars.append(isDigit ? "#" : scalar)
    }
    return kind
  }
}
