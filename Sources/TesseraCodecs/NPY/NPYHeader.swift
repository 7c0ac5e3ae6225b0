import TesseraCore
import TesseraFiles

/// Byte order and kind of an array's values, as NumPy writes them: `<f4`, `|u1`, `>u2`.
struct NPYType: Hashable {
  /// The kind's letter, such as f, u, i or b.
  var kind: Character
  var byteCount: Int
  var isBigEndian: Bool
  /// The text as it stands in the file.
  var text: String

  init?(_ text: String) {
    guard let order = text.first, "<>|=".contains(order) else { return nil }
    let rest = text.dropFirst()
    guard let kind = rest.first, kind.isLetter, let count = Int(rest.dropFirst()), count > 0,
      count <= 1 << 20
    else { return nil }
    self.kind = kind
    byteCount = count
    isBigEndian = order == ">" && count > 1
    self.text = text
  }

  private init(kind: Character, byteCount: Int, text: String) {
    (self.kind, self.byteCount, self.text) = (kind, byteCount, text)
    isBigEndian = false
  }

  /// The upper half of a float's bits, which NumPy has no name for: no text is read as this type.
  static let bfloat16 = NPYType(kind: "\0", byteCount: 2, text: "bfloat16")

  /// Whether values are integers of a width that there is.
  var isInteger: Bool { "iu".contains(kind) && [1, 2, 4, 8].contains(byteCount) }

  /// The type that values are given in, or `nil` where there is none: not every value of wide
  /// integers and of float64 is exact in float32.
  var elementType: ElementType? {
    switch (kind, byteCount) {
    case ("u", 1), ("b", 1): .uint8
    case ("u", 2): .uint16
    case ("f", 2), ("f", 4), ("f", 8): .float32
    case (Self.bfloat16.kind, 2): .float32
    case _ where isInteger: .float32
    default: nil
    }
  }
}

extension NPYType {
  /// Whether values have the machine's byte order.
  var isNative: Bool { byteCount == 1 || isBigEndian == (UInt16(1).bigEndian == 1) }

  /// The type of the values as they stand in the file, where Tessera has a name for it.
  var storedType: StoredType? {
    switch (kind, byteCount) {
    case ("u", 1): .uint8
    case ("u", 2): .uint16
    case ("f", 2): .float16
    case ("f", 4): .float32
    case ("i", 4): .int32
    case ("i", 8): .int64
    default: nil
    }
  }
}

/// The header of an .npy file.
struct NPYHeader: Hashable {
  var type: NPYType
  var isFortranOrder: Bool
  var shape: [Int]
  /// Where the values begin.
  var dataOffset: Int

  /// Number of values.
  var valueCount: Int { shape.reduce(1, *) }
  /// Bytes of all values.
  var byteCount: Int { valueCount * type.byteCount }

  /// What every file begins with.
  static let signature: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]

  /// NumPy itself writes headers of a few hundred bytes.
  private static let textLimit = 1 << 16

  /// Reads and checks a header, shape and size included: `byteCount` cannot overflow.
  init(source: OpenSource) throws(CodecError) {
    let start = try CodecError.mapping(source.bytes(at: 0, count: 12))
    guard start.starts(with: NPYHeader.signature) else {
      throw try CodecError.unknown(source)
    }
    guard let place = try Self.textPlace(start) else {
      throw .truncated(.npy, "the file ends after \(start.count) bytes, inside the header")
    }
    let (textOffset, textCount) = (place.lowerBound, place.count)
    let text = try CodecError.mapping(source.bytes(at: textOffset, count: textCount))
    guard text.count == textCount else {
      throw .truncated(.npy, "the file ends inside the header of \(textCount) bytes")
    }
    try self.init(text: text, dataOffset: textOffset + textCount)
  }

  /// Where the dictionary lies, as the first 12 bytes tell; `nil` where they are too few.
  static func textPlace(_ start: [UInt8]) throws(CodecError) -> Range<Int>? {
    guard start.count >= 10 else { return nil }
    let place: Range<Int>
    switch (start[6], start[7]) {
    case (1, 0): place = 10..<10 + (Int(start[8]) | Int(start[9]) << 8)
    case (2, 0), (3, 0):
      guard start.count >= 12 else { return nil }
      place = 12..<12 + start[8..<12].reversed().reduce(0) { $0 << 8 | Int($1) }
    default:
      throw .unsupported(
        .npy, "format version \(start[6]).\(start[7]), expected 1.0, 2.0 or 3.0")
    }
    guard place.count <= Self.textLimit else {
      throw .malformed(.npy, "the header claims \(place.count) bytes, more than \(Self.textLimit)")
    }
    return place
  }

  /// Reads the dictionary.
  init(text: [UInt8], dataOffset: Int) throws(CodecError) {
    var parser = NPYHeaderParser(text)
    let entries = try parser.entries()
    guard let type = NPYType(entries.descriptor) else {
      throw NPYFix.unsupported(entries.descriptor)
    }
    self.type = type
    isFortranOrder = entries.isFortranOrder && entries.shape.count > 1
    shape = entries.shape
    self.dataOffset = dataOffset

    var bytes = type.byteCount
    for side in shape {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: side)
      guard !overflow, product <= Int.max / 4 else {
        throw .malformed(
          .npy, "the shape \(NPYFix.shape(shape)) has more values than can be counted")
      }
      bytes = product
    }
  }
}
