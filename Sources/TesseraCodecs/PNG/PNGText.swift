import CTesseraCodecs
import TesseraFiles

/// A text of a PNG file that holds metadata: tEXt, zTXt or iTXt.
struct PNGText {
  /// What such a text is called.
  enum Keyword: String, CaseIterable {
    /// Exif data as ImageMagick wrote them before there was a chunk for them.
    case exif = "Raw profile type exif"
    /// The content of a JPEG's APP1 segment: Exif data, or an XMP packet.
    case segment = "Raw profile type APP1"
    /// An XMP packet.
    case xmp = "XML:com.adobe.xmp"
    /// An XMP packet as ImageMagick writes it.
    case rawXMP = "Raw profile type xmp"

    /// Whether the content is written as hexadecimal digits.
    var isProfile: Bool { self != .xmp }
  }

  /// Why a text gives nothing.
  struct Complaint: Error {
    var text: String
  }

  /// The types tEXt, zTXt and iTXt.
  static let types: Set<UInt32> = [plain, compressed, international]

  let keyword: Keyword
  private let type: UInt32
  /// Where what follows the keyword is.
  private let data: Range<Int>

  private static let (plain, compressed, international) = (
    PNGOutline.type("tEXt"), PNGOutline.type("zTXt"), PNGOutline.type("iTXt")
  )
  /// Bytes of a text, in the file or inflated: 1 MiB of Exif data as hexadecimal digits, and some.
  private static let limit = 5 << 19

  /// The text in a chunk; `nil` for one of no use.
  init?(type: UInt32, data: Range<Int>, of source: OpenSource) throws(CodecError) {
    // The longest keyword that is of use, and the NUL behind it.
    let start = try CodecError.mapping(
      source.bytes(at: data.lowerBound, count: min(data.count, 24)))
    guard let end = start.firstIndex(of: 0),
      let keyword = Keyword(rawValue: String(decoding: start[..<end], as: UTF8.self))
    else { return nil }
    self.keyword = keyword
    self.type = type
    self.data = data.dropFirst(end + 1)
  }

  /// The metadata in the text.
  ///
  /// - Throws: `Complaint` where it breaks the rules or is too long.
  func content(of source: OpenSource) throws -> [UInt8] {
    guard data.count <= Self.limit else { throw complaint("\(data.count) bytes are too many") }
    var text = try CodecError.mapping(source.bytes(at: data.lowerBound, count: data.count))[...]
    var isCompressed = type == Self.compressed
    if type == Self.international {
      isCompressed = text.popFirst() == 1
    }
    if isCompressed || type == Self.international, text.popFirst() != 0 {
      throw complaint("there is no such compression")
    }
    if type == Self.international {
      // Language, and the keyword in it.
      for _ in 0..<2 {
        guard let end = text.firstIndex(of: 0) else { throw complaint("it has no text") }
        text = text[(end + 1)...]
      }
    }
    let plain = isCompressed ? try inflated(text) : Array(text)
    guard keyword.isProfile else { return plain }
    guard let profile = Self.profile(in: plain) else {
      throw complaint("the digits are not those of a profile")
    }
    return profile
  }

  private func complaint(_ text: String) -> Complaint {
    Complaint(text: "\(keyword.rawValue): \(text)")
  }

  private func inflated(_ bytes: ArraySlice<UInt8>) throws(Complaint) -> [UInt8] {
    var status = tsr_ok
    // Most texts are a few times as long as their stream: nobody needs the limit's memory.
    var capacity = min(max(8 * bytes.count, 1 << 12), Self.limit)
    while true {
      let text = bytes.withUnsafeBufferPointer { source in
        [UInt8](unsafeUninitializedCapacity: capacity) { target, count in
          guard let from = source.baseAddress, let to = target.baseAddress else { return }
          status = tsr_inflate(from, source.count, to, capacity, &count)
        }
      }
      if status == tsr_ok { return text }
      guard status == tsr_over_limit, capacity < Self.limit else { break }
      capacity = Self.limit
    }
    throw complaint(
      status == tsr_over_limit ? "it is longer than \(Self.limit) bytes" : "it cannot be inflated")
  }

  /// The bytes of a profile: its name, their number, and their digits, on lines of their own.
  static func profile(in text: [UInt8]) -> [UInt8]? {
    let isSpace = { (byte: UInt8) in byte == 10 || byte == 13 || byte == 32 }
    let start = text.drop(while: isSpace)
    guard let end = start.firstIndex(of: 10) else { return nil }
    let rest = start[end...].drop(while: isSpace)
    let number = rest.prefix { !isSpace($0) }
    guard let count = Int(String(decoding: number, as: UTF8.self)), (1...limit).contains(count)
    else { return nil }
    var bytes: [UInt8] = []
    var high: UInt8?
    for digit in rest[number.endIndex...] where !isSpace(digit) {
      guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
      if let first = high {
        bytes.append(first << 4 | UInt8(value))
        if bytes.count == count { return bytes }
        high = nil
      } else {
        high = UInt8(value)
      }
    }
    return nil
  }
}
