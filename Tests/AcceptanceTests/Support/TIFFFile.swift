/// A TIFF file of pages of 8 bits, little-endian, uncompressed.
struct TIFFFile {
  /// A page of one level.
  struct Page {
    var level: UInt8
    var width = 8
    var height = 6
    /// Whether it is a smaller version of another.
    var isReduced = false
    /// Values of a pixel: 1 is gray, 4 are RGB and something else.
    var samples = 1
    /// What that is: 0 says that it is nothing known; `nil` says nothing.
    var extra: UInt16?
    /// Whether a profile is told of that lies behind the end of the file.
    var lacksProfile = false
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
      let size = page.width * page.height * page.samples
      let count = 10 + (page.extra == nil ? 0 : 1) + (page.lacksProfile ? 1 : 0)
      var entries: [(tag: UInt16, type: UInt16, count: UInt32, value: UInt32)] = [
        (254, 4, 1, page.isReduced ? 1 : 0), (256, 4, 1, UInt32(page.width)),
        (257, 4, 1, UInt32(page.height)), (258, 3, 1, 8), (259, 3, 1, 1),
        (262, 3, 1, page.samples == 1 ? 1 : 2), (273, 4, 1, UInt32(start + 2 + count * 12 + 4)),
        (277, 3, 1, UInt32(page.samples)), (278, 4, 1, UInt32(page.height)),
        (279, 4, 1, UInt32(size)),
      ]
      if let extra = page.extra { entries.append((338, 3, 1, UInt32(extra))) }
      if page.lacksProfile { entries.append((34675, 7, 1000, 9_000_000)) }
      append(UInt16(entries.count), to: &bytes)
      for entry in entries {
        append(entry.tag, to: &bytes)
        append(entry.type, to: &bytes)
        append(entry.count, to: &bytes)
        append(entry.value, to: &bytes)
      }
      // Pixels end at an even place, where the next directory begins.
      let end = bytes.count + 4 + size
      let isLast = index == pages.count - 1
      append(isLast ? next ?? 0 : UInt32(end + end % 2), to: &bytes)
      bytes += Array(repeating: page.level, count: size + end % 2)
    }
    return bytes
  }

  private func append<Value: FixedWidthInteger>(_ value: Value, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
  }
}
