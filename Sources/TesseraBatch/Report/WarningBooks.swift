import TesseraCore

/// Warnings of the inputs of a run, told apart by everything but their numbers.
struct WarningBooks {
  private struct Entry {
    var message: String
    var source: String
    var index: Int
    var count = 0
  }

  /// Beyond these, kinds are only counted with their inputs.
  private static let mostKinds = 1000

  /// Inputs that drew any.
  private(set) var inputCount = 0
  private var entries: [String: Entry] = [:]

  /// Takes the warnings of one input.
  mutating func add(_ warnings: [String], of source: String, at index: Int) {
    if warnings.isEmpty { return }
    inputCount += 1
    var seen: Set<String> = []
    for message in warnings {
      let kind = Self.kind(of: message)
      guard seen.insert(kind).inserted, entries[kind] != nil || entries.count < Self.mostKinds
      else { continue }
      let new = Entry(message: message, source: source, index: index)
      var entry = entries[kind] ?? new
      // The first of the inputs speaks for all, whichever ended first.
      if index < entry.index {
        (entry.message, entry.source, entry.index) = (message, source, index)
      }
      entry.count += 1
      entries[kind] = entry
    }
  }

  /// What was drawn, in the order of the inputs.
  var groups: [RunSummary.WarningGroup] {
    entries.sorted { ($0.value.index, $0.key) < ($1.value.index, $1.key) }.map {
      .init(message: $0.value.message, count: $0.value.count, source: $0.value.source)
    }
  }

  /// The message with each of its numbers as one sign.
  private static func kind(of message: String) -> String {
    var kind = ""
    for scalar in message.unicodeScalars {
      let isDigit = ("0"..."9").contains(scalar)
      if isDigit, kind.unicodeScalars.last == "#" { continue }
      kind.unicodeScalars.append(isDigit ? "#" : scalar)
    }
    return kind
  }
}
