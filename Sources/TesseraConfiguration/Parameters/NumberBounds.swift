/// The numbers that a parameter takes: all of them are used in float32, so all of them have to be
/// numbers there.
package enum NumberBounds: Hashable, Sendable {
  /// Every number.
  case any
  /// Numbers above 0, which values may be divided by.
  case positive
  /// Numbers from 0 on.
  case nonNegative
  /// Numbers from one bound to another, both included.
  case closed(Double, Double)

  /// Whether a value lies within the bounds.
  package func contains(_ value: Double) -> Bool {
    let float = Float(value)
    return switch self {
    case .any: float.isFinite
    case .positive: float.isNormal && value > 0
    case .nonNegative: float.isFinite && value >= 0
    case .closed(let low, let high): value >= low && value <= high
    }
  }

  /// What follows "a number" in a sentence.
  package var phrase: String {
    switch self {
    case .any: ""
    case .positive: " above 0"
    case .nonNegative: ", 0 or more"
    case .closed(let low, let high): " in \(Phrase.number(low))…\(Phrase.number(high))"
    }
  }

  package var schema: JSONValue {
    switch self {
    case .any: ["type": "number"]
    case .positive: ["type": "number", "exclusiveMinimum": 0]
    case .nonNegative: ["type": "number", "minimum": 0]
    case .closed(let low, let high):
      [
        "type": "number", "minimum": JSONValue(.number(JSONNumber(low))),
        "maximum": JSONValue(.number(JSONNumber(high))),
      ]
    }
  }
}

extension ParameterKind where Value == Double {
  /// A number within bounds.
  package static func number(_ bounds: NumberBounds = .any) -> Self {
    let expected = "a number\(bounds.phrase)"
    return ParameterKind(
      expected: expected, schema: bounds.schema,
      read: { value, findings in
        if let number = value.number?.value, bounds.contains(number) { return number }
        findings.mismatch(
          value, expectedNumber: expected, suggestion: value.withoutQuotes)
        return nil
      },
      write: { JSONValue(.number(JSONNumber($0))) })
  }
}

extension Findings {
  /// Notes that a value is not the number that belongs there; where float32 is the reason, that too.
  package mutating func mismatch(
    _ value: JSONValue, expectedNumber expected: String, suggestion: String? = nil
  ) {
    let objection = value.number?.floatObjection.map { ", which is \($0) for float32" } ?? ""
    add(
      .mismatch(expected: expected, found: value.found + objection), at: value.position,
      suggestion: suggestion)
  }
}

extension JSONNumber {
  /// What float32 makes another number of, where it does.
  fileprivate var floatObjection: String? {
    let float = Float(value)
    if float.isNaN { return nil }
    if float.isInfinite { return "too large" }
    return value != 0 && !float.isNormal ? "too small" : nil
  }
}
