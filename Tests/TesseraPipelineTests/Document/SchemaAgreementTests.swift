import Testing

@testable import TesseraConfiguration
@testable import TesseraPipeline

/// The values that keys take are those that the schema lets in, up to each bound.
@Suite struct SchemaAgreementTests {
  /// A key of a stage or a bank.
  struct Key: Sendable, CustomTestStringConvertible {
    var owner: String
    var key: String
    var schema: JSONValue
    /// Whether the reader takes a value, whatever else the object lacks.
    var takes: @Sendable (JSONValue) -> Bool
    var testDescription: String { "\(owner).\(key)" }
  }

  static let keys: [Key] =
    StageCatalogue.types.flatMap { keys(of: $0.configuration, by: "stage") }
    + KernelBankCatalogue.types.flatMap { keys(of: $0, by: "name") }

  private static func keys<Value>(
    of type: ConfigurationType<Value>, by discriminator: String
  ) -> [Key] {
    (type.schema["properties"]?.members ?? []).filter { $0.key != discriminator }.map { member in
      Key(
        owner: type.name, key: member.key, schema: member.value,
        takes: { value in
          let object = JSONValue(
            .object([
              JSONMember(discriminator, JSONValue(.string(type.name))),
              JSONMember(member.key, value),
            ]))
          var findings = Findings()
          _ = type.read(object, &findings)
          // What a value may not be beside others is no matter of the schema.
          return !findings.diagnostics.contains { found in
            guard found.path.components.first == .key(member.key) else { return false }
            if case .mismatch = found.problem { return true } else { return false }
          }
        })
    }
  }

  /// Keys whose values are objects, words or paths for the most part: of some nothing is right, of others
  /// nothing wrong that is tried here.
  static let open: Set = [
    "compare.require", "encode.split", "load.geometry", "encode.labels", "convolve.bank",
    "convolve_transpose.bank", "transform.convolve.bank",
  ]

  @Test("The reader and the schema take the same", arguments: keys)
  func agreement(_ key: Key) {
    var answers: Set<Bool> = []
    for value in SchemaValues.candidates(of: key.schema) {
      guard let isIn = SchemaValues.lets(value, in: key.schema) else { continue }
      // That bounds ascend, and rows have one length, no schema says.
      let isPlain = key.key == "range" ? value.elements == nil : SchemaValues.isEven(value)
      if isIn, !isPlain, !SchemaValues.isAscendingPair(value) { continue }
      answers.insert(isIn)
      #expect(key.takes(value) == isIn, "\(JSONWriter.compact(value))")
    }
    #expect(answers.contains(false) || Self.open.contains(key.testDescription))
    // Of words no schema of a path or a name says more than that they are some.
    if answers != [false] {
      #expect(answers.contains(true) || Self.open.contains(key.testDescription))
    }
  }

  @Test("Bounds are tried")
  func candidates() throws {
    let quality = try #require(Self.keys.first { $0.owner == "encode" && $0.key == "quality" })
    let tried = SchemaValues.candidates(of: quality.schema).compactMap { $0.number?.value }
    #expect(Set(tried).isSuperset(of: [0, 1, 2, 99, 100, 101]))
    #expect(SchemaValues.lets(.integer(100), in: quality.schema) == true)
    #expect(SchemaValues.lets(.integer(101), in: quality.schema) == false)
    let matte = try #require(Self.keys.first { $0.key == "matte" })
    let lists = SchemaValues.candidates(of: matte.schema).compactMap { $0.elements?.count }
    #expect(Set(lists).isSuperset(of: [2, 3, 4]))
  }
}

/// Values about a schema's bounds, and what a schema says of them.
enum SchemaValues {
  /// Values in the bounds of a schema and next to them, outside and of other types.
  static func candidates(of schema: JSONValue) -> [JSONValue] {
    var all: [JSONValue] = [.init(.null), true, "", "no such word", [], .init(.object([]))]
    all += [-1, 0, 1, 2, 0.5, 1e30].map(number)
    for bound in ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"] {
      guard let value = schema[bound]?.number?.value else { continue }
      all += [value, value - 1, value + 1, value - 0.5, value + 0.5].map(number)
      // As near as float32 tells them apart; next to 0 are numbers that nothing can be divided by.
      if value == 0 { continue }
      all += [Float(value).nextDown, Float(value).nextUp].map { number(Double($0)) }
    }
    all += schema["enum"]?.elements ?? []
    if let value = schema["const"] { all.append(value) }
    for branch in schema["anyOf"]?.elements ?? [] { all += candidates(of: branch) }
    if let items = schema["items"] {
      let each = candidates(of: items)
      let right = each.first { lets($0, in: items) == true }
      let least = schema["minItems"]?.number?.integer ?? 0
      let most = schema["maxItems"]?.number?.integer ?? least + 1
      // Too long ones are of no interest.
      let counts = Set([least - 1, least, least + 1, most, most + 1]).filter { 0...20 ~= $0 }
      for count in counts.sorted() where right != nil {
        let list = [JSONValue](repeating: right ?? true, count: count)
        all.append(JSONValue(.array(list)))
        let ascending = each.filter { lets($0, in: items) == true && $0.number != nil }
          .sorted { ($0.number?.value ?? 0) < ($1.number?.value ?? 0) }
        if count == 2, let low = ascending.first, let high = ascending.last {
          all.append(JSONValue(.array([low, high])))
        }
        for value in each where count > 0 {
          all.append(JSONValue(.array(list.dropLast() + [value])))
        }
      }
    }
    return all
  }

  /// Whether all elements of every list in it are the same.
  static func isEven(_ value: JSONValue) -> Bool {
    guard let elements = value.elements, let first = elements.first else { return true }
    return isEven(first) && elements.allSatisfy { $0 == first }
  }

  /// Whether it is two numbers, the smaller one first.
  static func isAscendingPair(_ value: JSONValue) -> Bool {
    let numbers = (value.elements ?? []).compactMap { $0.number?.value }
    return numbers.count == 2 && numbers.count == value.elements?.count && numbers[0] < numbers[1]
  }

  private static func number(_ value: Double) -> JSONValue { JSONValue(.number(JSONNumber(value))) }

  /// Whether a schema lets a value in; `nil` where that is not to be said here: of objects, and of words
  /// that only a pattern or their length bounds.
  static func lets(_ value: JSONValue, in schema: JSONValue) -> Bool? {
    if let branches = schema["anyOf"]?.elements {
      let answers = branches.map { lets(value, in: $0) }
      if answers.contains(true) { return true }
      return answers.contains(nil) ? nil : false
    }
    if let words = schema["enum"]?.elements { return words.contains(value) }
    if let word = schema["const"] { return word == value }
    switch schema["type"]?.string {
    case "integer":
      guard let number = value.number, number.integer != nil else { return false }
      return isWithin(number.value, schema)
    case "number":
      guard let number = value.number else { return false }
      return isWithin(number.value, schema)
    case "boolean":
      if case .bool = value.kind { return true } else { return false }
    case "string": return value.string == nil ? false : nil
    case "array": return letsList(value, in: schema)
    default: return nil
    }
  }

  private static func isWithin(_ value: Double, _ schema: JSONValue) -> Bool? {
    if let unit = schema["not"]?["multipleOf"]?.number?.value,
      value.remainder(dividingBy: unit) == 0
    {
      return false
    }
    func bound(_ key: String) -> Double? { schema[key]?.number?.value }
    if let least = bound("minimum"), value < least { return false }
    if let most = bound("maximum"), value > most { return false }
    if let least = bound("exclusiveMinimum"), value <= least { return false }
    if let most = bound("exclusiveMaximum"), value >= most { return false }
    if let unit = bound("multipleOf"), value.remainder(dividingBy: unit) != 0 { return false }
    return true
  }

  private static func letsList(_ value: JSONValue, in schema: JSONValue) -> Bool? {
    guard let elements = value.elements else { return false }
    if let least = schema["minItems"]?.number?.integer, elements.count < least { return false }
    if let most = schema["maxItems"]?.number?.integer, elements.count > most { return false }
    guard let items = schema["items"] else { return nil }
    let answers = elements.map { lets($0, in: items) }
    if answers.contains(false) { return false }
    return answers.contains(nil) ? nil : true
  }
}
