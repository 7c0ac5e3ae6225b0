import TesseraConfiguration

/// What becomes 0 and what the maximum when float values are written as integers.
public enum OutputRange: Hashable, Sendable {
  /// Undoes `normalize`.
  case restore
  /// The units that `scale` of `normalize` set: 0…1 under unit.
  case clip
  /// The smallest and largest value of each image.
  case auto
  /// The bounds that planning computes.
  case bounds
  /// Plus and minus the larger of those bounds, zero at mid-gray.
  case symmetric
  /// Two values of one's own.
  case interval(low: Double, high: Double)
}

extension ParameterKind where Value == OutputRange {
  /// A word or [low, high].
  static var outputRange: Self {
    let words: [(String, OutputRange)] = [
      ("restore", .restore), ("clip", .clip), ("auto", .auto), ("bounds", .bounds),
      ("symmetric", .symmetric),
    ]
    let names = words.map(\.0)
    let number = ParameterKind<Double>.number()
    let expected = "\(Phrase.alternatives(names)), or two numbers [low, high]"
    return ParameterKind(
      expected: expected,
      schema: Schema.any(of: [Schema.words(names), Schema.array(of: number.schema, count: 2...2)]),
      read: { value, findings in
        if let word = words.first(where: { $0.0 == value.string }) { return word.1 }
        guard let elements = value.elements, elements.count == 2 else {
          findings.mismatch(value, expected: expected, suggestion: value.nearest(among: names))
          return nil
        }
        guard let ends = readElements(elements, number, &findings) else { return nil }
        let found = "[\(Phrase.number(ends[0])), \(Phrase.number(ends[1]))]"
        guard ends[0] < ends[1] else {
          findings.add(
            .mismatch(expected: "[low, high] with low below high", found: found),
            at: value.position)
          return nil
        }
        guard Float(ends[0]) < Float(ends[1]) else {
          findings.add(
            .mismatch(
              expected: "[low, high] that float32 tells apart", found: found),
            at: value.position)
          return nil
        }
        return .interval(low: ends[0], high: ends[1])
      },
      write: { range in
        if case .interval(let low, let high) = range {
          return [number.write(low), number.write(high)]
        }
        return words.first { $0.1 == range }.map { JSONValue(.string($0.0)) } ?? JSONValue(.null)
      })
  }
}
