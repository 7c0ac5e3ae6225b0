import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// Reads and checks what stands before the values of a safetensors file.
struct SafetensorsHeaderReader {
  /// The library takes no more.
  static let largestText = 100_000_000
  /// Values of JSON that a header may have: 100 bytes each are held while it is read.
  private static let mostValues = 1 << 21

  /// In the order of their values.
  private(set) var tensors: [SafetensorsFile.Tensor] = []
  private(set) var metadata: [(key: String, value: String)] = []
  /// Where values begin.
  private let start: Int

  init(_ source: OpenSource) throws(CodecError) {
    let text = try Self.text(of: source)
    start = 8 + text.count
    guard let members = try Self.parsed(text).members else {
      throw Self.malformed("the header is no JSON object")
    }
    try Self.checkKeys(members, of: "the header")
    for member in members {
      if member.key == "__metadata__" {
        metadata = try Self.metadata(member.value)
      } else {
        tensors.append(try tensor(member))
      }
    }
    tensors.sort {
      ($0.byteOffset, $0.byteCount, $0.name) < ($1.byteOffset, $1.byteCount, $1.name)
    }
    try checkPlaces(in: source)
  }

  private static func malformed(_ text: String) -> CodecError { .malformed(.safetensors, text) }

  // MARK: Text

  private static func text(of source: OpenSource) throws(CodecError) -> [UInt8] {
    let prefix = try CodecError.mapping(source.bytes(at: 0, count: 8))
    guard prefix.count == 8 else {
      throw .truncated(
        .safetensors,
        "expected 8 bytes with the length of the header, the file has \(prefix.count)")
    }
    let length = prefix.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(largestText) else {
      let known = try CodecError.unknown(source)
      if case .otherFormat = known { throw known }
      throw malformed(
        "expected a header of at most \(largestText) bytes, its length says \(length): the file may be "
          + "of another format")
    }
    guard Int(length) <= source.byteCount - 8 else {
      throw .truncated(
        .safetensors,
        "expected a header of \(length) bytes, the file has \(source.byteCount - 8) after the length"
      )
    }
    let text = try CodecError.mapping(source.bytes(at: 8, count: Int(length)))
    guard text.count == Int(length) else {
      throw .truncated(.safetensors, "the file became shorter while it was read")
    }
    let marks = text.count { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "[") }
    guard marks <= mostValues else {
      throw .overLimit(
        .safetensors, "the header may have \(marks) values, more than \(mostValues)")
    }
    return text
  }

  private static func parsed(_ text: [UInt8]) throws(CodecError) -> JSONValue {
    do throws(JSONSyntaxError) {
      return try JSONParser.parse(text)
    } catch {
      let place = error.position
      let text = "expected \(error.expected), found \(error.found)"
      throw malformed(
        "the header, line \(place.line), column \(place.column): "
          + text.replacing("the end of the file", with: "its end"))
    }
  }

  /// Refuses keys that stand twice: readers differ in which one counts.
  private static func checkKeys(_ members: [JSONMember], of owner: String) throws(CodecError) {
    // Swift's == on text is canonical equivalence: "é" in its two spellings would be one key.
    var seen: Set<[UInt8]> = []
    for member in members where !seen.insert(Array(member.key.utf8)).inserted {
      throw malformed("\(owner) has the key \(SafetensorsFile.quoted(member.key)) twice")
    }
  }

  private static func metadata(
    _ value: JSONValue
  ) throws(CodecError) -> [(key: String, value: String)] {
    if value.isNull { return [] }
    guard let members = value.members else {
      throw malformed("__metadata__: expected an object of strings, found \(value.found)")
    }
    try checkKeys(members, of: "__metadata__")
    var entries: [(key: String, value: String)] = []
    for member in members {
      guard let text = member.value.string else {
        throw malformed(
          "__metadata__, \(SafetensorsFile.quoted(member.key)): expected a string, found "
            + member.value.found)
      }
      entries.append((member.key, text))
    }
    return entries
  }

  // MARK: Tensors

  private func tensor(_ member: JSONMember) throws(CodecError) -> SafetensorsFile.Tensor {
    let owner = "tensor \(SafetensorsFile.quoted(member.key))"
    guard let members = member.value.members else {
      throw Self.malformed(
        "\(owner): expected an object with dtype, shape and data_offsets, found "
          + member.value.found)
    }
    try Self.checkKeys(members, of: owner)
    let field = { (key: String) throws(CodecError) -> JSONValue in
      guard let value = member.value[key] else {
        throw Self.malformed("\(owner): the key \"\(key)\" is missing")
      }
      return value
    }
    let dtype = try field("dtype")
    guard let type = dtype.string.flatMap({ SafetensorsType($0) }) else {
      throw Self.malformed(
        "\(owner): expected a dtype of the format, such as \"F32\", found \(dtype.found)")
    }
    let shape = try Self.counts(field("shape"), "\(owner), shape")
    let offsets = try Self.counts(field("data_offsets"), "\(owner), data_offsets")
    guard offsets.count == 2, offsets[0] <= offsets[1], offsets[1] <= Int.max / 4 else {
      throw Self.malformed(
        "\(owner), data_offsets: expected [begin, end], found \(offsets)")
    }
    let byteCount = offsets[1] - offsets[0]
    let needed = try Self.byteCount(of: shape, type, owner)
    guard byteCount == needed else {
      throw Self.malformed(
        "\(owner): \(type.name) values of shape \(NPYFix.shape(shape)) take \(needed) bytes, "
          + "data_offsets \(offsets) give \(byteCount)")
    }
    return SafetensorsFile.Tensor(
      name: member.key, type: StoredType(safetensorsName: type.name), typeName: type.name,
      shape: shape, byteOffset: start + offsets[0], byteCount: byteCount)
  }

  private static func counts(_ value: JSONValue, _ owner: String) throws(CodecError) -> [Int] {
    guard let elements = value.elements else {
      throw malformed("\(owner): expected an array of numbers, found \(value.found)")
    }
    var counts: [Int] = []
    for element in elements {
      // The library takes no 2.0 for a 2.
      guard let number = element.number, let count = Int(number.text), count >= 0 else {
        throw malformed("\(owner): expected integers of at least 0, found \(element.found)")
      }
      counts.append(count)
    }
    return counts
  }

  private static func byteCount(
    of shape: [Int], _ type: SafetensorsType, _ owner: String
  ) throws(CodecError) -> Int {
    var bits = type.bitCount
    for side in shape {
      let (product, overflow) = bits.multipliedReportingOverflow(by: side)
      guard !overflow else {
        throw malformed(
          "\(owner): the shape \(NPYFix.shape(shape)) has more values than can be counted")
      }
      bits = product
    }
    guard bits % 8 == 0 else {
      throw malformed(
        "\(owner): \(type.name) values of shape \(NPYFix.shape(shape)) do not end at a whole byte")
    }
    return bits / 8
  }

  /// Holds values to lie one after the other, from the first byte after the header to the last one of
  /// the file.
  private func checkPlaces(in source: OpenSource) throws(CodecError) {
    var end = start
    for tensor in tensors {
      guard tensor.byteOffset == end else {
        let kind = tensor.byteOffset < end ? "overlap those before them" : "leave a gap before them"
        throw Self.malformed(
          "tensor \(SafetensorsFile.quoted(tensor.name)): the values begin at \(tensor.byteOffset - start) "
            + "and \(kind), expected \(end - start)")
      }
      end += tensor.byteCount
    }
    let held = source.byteCount - start
    guard held >= end - start else {
      throw .truncated(
        .safetensors, "the tensors need \(end - start) bytes of values, the file has \(held)")
    }
    guard held == end - start else {
      throw Self.malformed(
        "the tensors have \(end - start) bytes of values, the file has \(held)")
    }
  }
}
