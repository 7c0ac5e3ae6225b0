extension ParameterKind where Value == Bool {
  /// `true` or `false`.
  package static var bool: Self {
    ParameterKind(
      expected: "true or false", schema: ["type": "boolean"],
      convert: { if case .bool(let flag) = $0.kind { flag } else { nil } },
      suggest: \.withoutQuotes,
      write: { JSONValue(.bool($0)) })
  }
}

extension ParameterKind where Value == Int {
  /// An integer in a range; 3.0 counts as one.
  package static func integer(in range: ClosedRange<Int>) -> Self {
    ParameterKind(
      expected: "an integer in \(Phrase.range(range))",
      schema: Schema.integer(in: range),
      convert: { value in value.number?.integer.flatMap { range.contains($0) ? $0 : nil } },
      suggest: \.withoutQuotes,
      write: { JSONValue(.number(JSONNumber($0))) })
  }
}

extension ParameterKind where Value == Int {
  /// An odd integer in a range whose ends are odd.
  package static func oddInteger(in range: ClosedRange<Int>) -> Self {
    let odd = Array(stride(from: range.lowerBound, through: range.upperBound, by: 2))
    return ParameterKind(
      expected: "an odd integer in \(Phrase.range(range))",
      schema: ["enum": JSONValue(.array(odd.map { JSONValue(.number(JSONNumber($0))) }))],
      convert: { value in value.number?.integer.flatMap { odd.contains($0) ? $0 : nil } },
      suggest: \.withoutQuotes,
      write: { JSONValue(.number(JSONNumber($0))) })
  }
}

extension ParameterKind where Value == String {
  /// A string of at least one character.
  package static func string(_ expected: String) -> Self {
    ParameterKind(
      expected: expected, schema: ["type": "string", "minLength": 1],
      convert: { value in value.string.flatMap { $0.isEmpty ? nil : $0 } },
      write: { JSONValue(.string($0)) })
  }

  /// A path of the file system: no file name holds a NUL, so no path does.
  package static func path(_ expected: String = "a path") -> Self {
    ParameterKind(
      expected: expected, schema: ["type": "string", "minLength": 1],
      convert: { value in
        value.string.flatMap { $0.isEmpty || $0.utf8.contains(0) ? nil : $0 }
      },
      write: { JSONValue(.string($0)) })
  }
}

extension ParameterKind
where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the words of an enumeration.
  package static var word: Self {
    let words = Value.allCases.map(\.rawValue)
    return ParameterKind(
      expected: Phrase.alternatives(words),
      schema: Schema.words(words),
      convert: { $0.string.flatMap { Value(rawValue: $0) } },
      suggest: { $0.nearest(among: words) },
      write: { JSONValue(.string($0.rawValue)) })
  }
}

extension ParameterKind where Value == [String] {
  /// One glob, or any number of them.
  package static var globs: Self {
    oneOrList(
      of: .string("a glob"), expected: "a glob such as \"*.png\", or a list of them")
  }
}

extension JSONValue {
  /// The word that was probably meant, in quotes.
  package func nearest(among words: [String]) -> String? {
    string.flatMap { Spelling.nearest(to: $0, in: words) }.map(JSONWriter.quoted)
  }

  /// The word of an enumeration that was probably meant, in quotes.
  package func nearest<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> String?
  where Word.RawValue == String {
    nearest(among: type.allCases.map(\.rawValue))
  }

  /// The text of a number or truth value that someone put in quotes.
  package var withoutQuotes: String? {
    guard let text = string, text.utf8.count < 24,
      let inner = try? JSONParser.parse(Array(text.utf8))
    else { return nil }
    switch inner.kind {
    case .number, .bool: return text
    default: return nil
    }
  }
}
