/// A TIFF file of gray pages of 8 bits, little-endian, uncompressed.
struct TIFFFile {
  /// A page of one level.
  struct Page {
    var level: UInt8
    var width = 8
    var height = 6
    /// Whether it is a smaller version of another.
    var isReduced = false
  }

  var pages: [Page]
  /// Where the last page says that another one follows; `nil`: nowhere.
  var next: UInt32?

  init(_ levels: [UInt8]) { pages = levels.map { Page(level: $0) } }

  /// The file.
  var bytes: [UInt8] {
    var bytes: [UInt8] = [0x49, 0x49, 42, 0, 8, 0, 0, 0]
    for (index, page) in pages.enumerated() {
      let start = bytes.count
      let entries: [(tag: UInt16, type: UInt16, value: UInt32)] = [
        (254, 4, page.isReduced ? 1 : 0), (256, 4, UInt32(page.width)),
        (257, 4, UInt32(page.height)),
        (258, 3, 8), (259, 3, 1), (262, 3, 1), (273, 4, UInt32(start + 2 + 10 * 12 + 4)),
        (277, 3, 1), (278, 4, UInt32(page.height)), (279, 4, UInt32(page.width * page.height)),
      ]
      append(UInt16(entries.count), to: &bytes)
      for entry in entries {
        append(entry.tag, to: &bytes)
        append(entry.type, to: &bytes)
        append(UInt32(1), to: &bytes)
        append(entry.value, to: &bytes)
      }
      // Pixels end at an even place, where the next directory begins.
      let end = bytes.count + 4 + page.width * page.height
      let isLast = index == pages.count - 1
      append(isLast ? next ?? 0 : UInt32(end + end % 2), to: &bytes)
      bytes += Array(repeating: page.level, count: page.width * page.height + end % 2)
    }
    return bytes
  }

  private func append<Value: FixedWidthInteger>(_ value: Value, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
