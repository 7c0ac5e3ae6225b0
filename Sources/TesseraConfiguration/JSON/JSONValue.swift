/// A JSON value that knows where it was written.
package struct JSONValue: Sendable {
  /// The six kinds of JSON.
  package enum Kind: Sendable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number, with its text.
    case number(JSONNumber)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// The members of an object as they were written: keys may repeat.
    case object([JSONMember])
  }

  /// What the value is.
  package var kind: Kind
  /// Its first character.
  package var position: SourcePosition

  /// A value with the place where it was written, or one that code has made.
  package init(_ kind: Kind, at position: SourcePosition = .code) {
    self.kind = kind
    self.position = position
  }

  /// An integer.
  package static func integer(_ value: Int) -> JSONValue {
    JSONValue(.number(JSONNumber(value)))
  }

  /// The members of an object, `nil` for every other kind.
  package var members: [JSONMember]? {
    if case .object(let members) = kind { members } else { nil }
  }

  /// The elements of an array, `nil` for every other kind.
  package var elements: [JSONValue]? {
    if case .array(let elements) = kind { elements } else { nil }
  }

  /// The characters of a string, `nil` for every other kind.
  package var string: String? {
    if case .string(let string) = kind { string } else { nil }
  }

  /// The number, `nil` for every other kind.
  package var number: JSONNumber? {
    if case .number(let number) = kind { number } else { nil }
  }

  /// Whether this is `null`.
  package var isNull: Bool {
    if case .null = kind { true } else { false }
  }

  /// The value of an object's first member with this key.
  package subscript(key: String) -> JSONValue? {
    members?.first { $0.key == key }?.value
  }
}

/// A key and its value.
package struct JSONMember: Sendable {
  /// The key, unescaped.
  package var key: String
  /// Where the key was written.
  package var keyPosition: SourcePosition
  /// The value.
  package var value: JSONValue

  /// A member with the place of its key.
  package init(_ key: String, at position: SourcePosition = .code, _ value: JSONValue) {
    self.key = key
    keyPosition = position
    self.value = value
  }
}

/// A number as it was written.
package struct JSONNumber: Hashable, Sendable {
  /// The characters of the number.
  package let text: String
  /// The nearest `Double`: infinite where the number is too large for one.
  package let value: Double
  /// The number as an integer where it is one and fits: 3, 3.0 and 3e0 all do.
  package let integer: Int?

  /// The most that is anybody's count: sums and products of a few such numbers stay in range.
  package static let mostCounted = 1 << 48

  /// The number where it counts something: an integer from 0 to `mostCounted`.
  package var count: Int? {
    integer.flatMap { (0...Self.mostCounted).contains($0) ? $0 : nil }
  }

  /// Reads the text of a JSON number; its grammar has been checked.
  package init(text: String) {
    self.text = text
    value = Double(text) ?? .nan
    integer = Int(text) ?? Self.exactInteger(value)
  }

  /// An integer, exact whatever its size.
  package init(_ integer: Int) {
    text = String(integer)
    value = Double(integer)
    self.integer = integer
  }

  /// A number; integral values are written without a fraction.
  package init(_ value: Double) {
    self.value = value
    integer = Self.exactInteger(value)
    text = integer.map { String($0) } ?? value.description
  }

  /// Doubles beyond 2⁵³ stand for several integers, so none of those counts as one.
  private static func exactInteger(_ value: Double) -> Int? {
    abs(value) <= 0x1p53 ? Int(exactly: value) : nil
  }
}

extension JSONValue: Hashable {
  /// Same kind, same content; positions do not count, and numbers compare by value.
  package static func == (left: Self, right: Self) -> Bool {
    JSONWriter.compact(left) == JSONWriter.compact(right)
  }

  /// Feeds the canonical text.
  package func hash(into hasher: inout Hasher) {
    hasher.combine(JSONWriter.compact(self))
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// A string.
  package init(stringLiteral value: String) { self.init(.string(value)) }
  /// An integer.
  package init(integerLiteral value: Int) { self.init(.number(JSONNumber(value))) }
  /// A number.
  package init(floatLiteral value: Double) { self.init(.number(JSONNumber(value))) }
  /// A boolean.
  package init(booleanLiteral value: Bool) { self.init(.bool(value)) }
  /// An array.
  package init(arrayLiteral elements: JSONValue...) { self.init(.array(elements)) }
  /// An object with its members in this order.
  package init(dictionaryLiteral elements: (String, JSONValue)...) {
    self.init(.object(elements.map { JSONMember($0.0, $0.1) }))
  }
}
