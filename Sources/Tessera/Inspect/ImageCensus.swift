import TesseraCodecs
import TesseraConfiguration
import TesseraCore
import TesseraFiles

/// What many images have in common, from what their files say of themselves.
struct ImageCensus {
  private var formats: [String: Int] = [:]
  private var channels: [Int: Int] = [:]
  private var types: Set<String> = []
  private var widths: ClosedRange<Int>?
  private var heights: ClosedRange<Int>?
  private var count = 0
  private var byteCount = 0
  /// Images whose headers cannot be read, and what is wrong with the first of them.
  private var badCount = 0
  private var firstBad: String?

  /// Takes an image.
  mutating func add(_ source: ByteSource, name: String, byteCount: Int) {
    count += 1
    self.byteCount += byteCount
    let header: ImageHeader
    do throws(CodecError) {
      header = try ImageReader(source: source).header
    } catch {
      badCount += 1
      if firstBad == nil { firstBad = "\(name.printable): \(error)" }
      return
    }
    formats[header.format.rawValue, default: 0] += 1
    channels[header.shape.channels, default: 0] += 1
    types.insert(header.elementType.rawValue)
    widths = Self.widened(widths, header.shape.width)
    heights = Self.widened(heights, header.shape.height)
  }

  private static func widened(_ range: ClosedRange<Int>?, _ value: Int) -> ClosedRange<Int> {
    guard let range else { return value...value }
    return min(range.lowerBound, value)...max(range.upperBound, value)
  }

  /// What is known of the images; `nil` where there is none.
  var fact: Inspection.Fact? {
    guard count > 0 else { return nil }
    var members = [JSONMember("count", number(count)), JSONMember("bytes", number(byteCount))]
    var lines = ["\(count), \(byteCount.inBytes)"]
    if let widths, let heights {
      let kinds = formats.sorted { $0.key < $1.key }
      members.append(
        JSONMember(
          "formats", JSONValue(.object(kinds.map { JSONMember($0.key, number($0.value)) }))))
      for (key, range) in [("width", widths), ("height", heights)] {
        let ends = [number(range.lowerBound), number(range.upperBound)]
        members.append(JSONMember(key, JSONValue(.array(ends))))
      }
      members.append(
        JSONMember("channels", JSONValue(.array(channels.keys.sorted().map(number)))))
      members.append(
        JSONMember(
          "dtypes", JSONValue(.array(types.sorted().map { JSONValue(.string($0)) }))))
      lines.append(kinds.map { "\($0.value) \($0.key)" }.joined(separator: ", "))
      lines.append(
        "\(words(widths)) wide, \(words(heights)) high, "
          + channels.keys.sorted().map(String.init).joined(separator: " or ")
          + (channels.keys.max() == 1 ? " channel, " : " channels, ")
          + types.sorted().joined(separator: " or "))
    }
    if let firstBad {
      members.append(JSONMember("unreadable", number(badCount)))
      members.append(JSONMember("first_unreadable", JSONValue(.string(firstBad))))
      lines.append("\(badCount) cannot be read, such as \(firstBad)")
    }
    return Inspection.Fact("images", JSONValue(.object(members)), lines.joined(separator: "\n"))
  }

  private func number(_ value: Int) -> JSONValue { JSONValue(.number(JSONNumber(value))) }

  private func words(_ range: ClosedRange<Int>) -> String {
    range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
  }
}
