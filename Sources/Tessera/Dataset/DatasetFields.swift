import TesseraCodecs
import TesseraConfiguration
import TesseraCore

/// An object in a file that tells of a dataset, read member by member.
struct DatasetFields {
  let value: JSONValue
  private let path: String
  /// The line that the text begins at.
  private let firstLine: Int

  /// Reads the text of an object.
  init(_ bytes: [UInt8], of path: String, firstLine: Int = 1) throws(DatasetError) {
    self.path = path
    self.firstLine = firstLine
    do throws(JSONSyntaxError) {
      value = try JSONParser.parse(bytes)
    } catch {
      throw DatasetError(
        path, line: firstLine + error.position.line - 1,
        "expected \(error.expected), found \(error.found)")
    }
    guard value.members != nil else {
      throw DatasetError(path, line: firstLine, "expected an object, found \(value.found)")
    }
  }

  private init(_ value: JSONValue, in outer: DatasetFields) {
    self.value = value
    (path, firstLine) = (outer.path, outer.firstLine)
  }

  /// A member is missing or not what belongs there.
  func mismatch(_ key: String, _ expected: String) -> DatasetError {
    guard let found = value[key] else {
      return DatasetError(
        path, line: line(of: value), "expected the key \"\(key)\", \(expected), found no such key")
    }
    return DatasetError(
      path, line: line(of: found), "\"\(key)\": expected \(expected), found \(found.found)")
  }

  private func line(of value: JSONValue) -> Int { firstLine + value.position.line - 1 }

  func integer(_ key: String) throws(DatasetError) -> Int {
    guard let number = try optionalInteger(key) else { throw mismatch(key, "an integer") }
    return number
  }

  func optionalInteger(_ key: String) throws(DatasetError) -> Int? {
    guard let member = value[key] else { return nil }
    guard let number = member.number?.count else {
      throw mismatch(key, "an integer of at least 0")
    }
    return number
  }

  func text(_ key: String) throws(DatasetError) -> String {
    guard let text = try optionalText(key) else { throw mismatch(key, "a string") }
    return text
  }

  func optionalText(_ key: String) throws(DatasetError) -> String? {
    guard let member = value[key] else { return nil }
    guard let text = member.string else { throw mismatch(key, "a string") }
    return text
  }

  /// The type of pixels.
  func elementType(_ key: String) throws(DatasetError) -> ElementType? {
    guard let word = try optionalText(key) else { return nil }
    guard let type = ElementType(rawValue: word) else {
      throw mismatch(key, "uint8, uint16 or float32")
    }
    return type
  }

  func flag(_ key: String) throws(DatasetError) -> Bool {
    guard let member = value[key] else { return false }
    guard case .bool(let flag) = member.kind else { throw mismatch(key, "true or false") }
    return flag
  }

  /// Integers in a range; of any number of them where none is asked for.
  func integers(
    _ key: String, count: Int? = nil, in range: ClosedRange<Int> = 0...JSONNumber.mostCounted
  ) throws(DatasetError) -> [Int]? {
    guard let member = value[key] else { return nil }
    let numbers = member.elements?.compactMap(\.number?.integer) ?? []
    guard numbers.count == member.elements?.count, numbers.allSatisfy(range.contains),
      count == nil || numbers.count == count
    else {
      throw mismatch(
        key,
        (count.map { "\($0) integers" } ?? "a list of integers")
          + " from \(range.lowerBound) to \(range.upperBound)")
    }
    return numbers
  }

  func texts(_ key: String) throws(DatasetError) -> [String] {
    guard let member = value[key] else { return [] }
    let texts = member.elements?.compactMap(\.string) ?? []
    guard texts.count == member.elements?.count else { throw mismatch(key, "a list of strings") }
    return texts
  }

  func optional(_ key: String) throws(DatasetError) -> DatasetFields? {
    guard let member = value[key] else { return nil }
    guard member.members != nil else { throw mismatch(key, "an object") }
    return DatasetFields(member, in: self)
  }

  func objects(_ key: String) throws(DatasetError) -> [DatasetFields] {
    guard let member = value[key] else { return [] }
    guard let elements = member.elements, elements.allSatisfy({ $0.members != nil }) else {
      throw mismatch(key, "a list of objects")
    }
    return elements.map { DatasetFields($0, in: self) }
  }

  /// [height, width] in a range.
  func size(
    _ key: String, in range: ClosedRange<Int> = 1...AxisGrid.largestSide
  ) throws(DatasetError) -> Size? {
    try integers(key, count: 2, in: range).map { Size(height: $0[0], width: $0[1]) }
  }

  /// The keys of an unfold.
  func window() throws(DatasetError) -> Window {
    guard let kernelSize = try size("kernel_size", in: 1...65_535) else {
      throw mismatch("kernel_size", "[height, width]")
    }
    var window = Window(kernelSize: kernelSize)
    if let stride = try size("stride", in: 1...65_535) { window.stride = stride }
    if let dilation = try size("dilation", in: 1...65_535) { window.dilation = dilation }
    if let halo = try size("halo", in: 0...32_767) { window.halo = halo }
    if value["padding"]?.string == "same" {
      window.padding = .same
    } else if let padding = try size("padding", in: 0...65_535) {
      window.padding = .symmetric(padding)
    }
    if let word = try optionalText("padding_mode") {
      guard let mode = PaddingMode(rawValue: word) else {
        throw mismatch("padding_mode", "that of an unfold")
      }
      window.paddingMode = mode
    }
    if let word = try optionalText("edge") {
      guard let edge = EdgePolicy(rawValue: word) else {
        throw mismatch("edge", "that of an unfold")
      }
      window.edge = edge
    }
    return window
  }

  /// How values came from pixels.
  func normalization() throws(DatasetError) -> StoredNormalization {
    guard let scale = value["scale"]?.number?.value, scale.isFinite, scale != 0 else {
      throw mismatch("scale", "a number that is not 0")
    }
    func numbers(_ key: String) throws(DatasetError) -> [Double] {
      let numbers = value[key]?.elements?.compactMap(\.number?.value) ?? []
      guard !numbers.isEmpty, numbers.count == value[key]?.elements?.count,
        numbers.allSatisfy(\.isFinite)
      else { throw mismatch(key, "a number per channel") }
      return numbers
    }
    let deviations = try numbers("std")
    guard !deviations.contains(0) else { throw mismatch("std", "numbers that are not 0") }
    return StoredNormalization(scale: scale, mean: try numbers("mean"), std: deviations)
  }
}
