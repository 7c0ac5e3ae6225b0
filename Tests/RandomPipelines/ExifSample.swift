/// Exif data by the specification alone: what tests write into files, and read of those that came
/// out.
package struct ExifSample {
  /// The value of an entry.
  package indirect enum Value {
    case shorts([Int])
    case longs([Int])
    case rationals([(Int, Int)])
    case text(String)
    case bytes([UInt8])
    case directory([Entry])
  }

  /// One entry of a directory.
  package struct Entry {
    package var tag: Int
    package var value: Value

    package init(_ tag: Int, _ value: Value) {
      self.tag = tag
      self.value = value
    }
  }

  package var isBigEndian = false
  /// The first directory.
  package var image: [Entry]
  /// A JPEG stream that the second directory has for a thumbnail.
  package var thumbnail: [UInt8] = []

  package init(isBigEndian: Bool = false, _ image: [Entry], thumbnail: [UInt8] = []) {
    self.isBigEndian = isBigEndian
    self.image = image
    self.thumbnail = thumbnail
  }

  /// From the TIFF header on.
  package var bytes: [UInt8] {
    var bytes = Array((isBigEndian ? "MM" : "II").utf8) + number(42, 2) + number(8, 4)
    let next = append(image, to: &bytes)
    guard !thumbnail.isEmpty else { return bytes }
    bytes.replaceSubrange(next..<next + 4, with: number(bytes.count, 4))
    let place = bytes.count + 2 + 3 * 12 + 4
    _ = append(
      [
        Entry(0x0103, .shorts([6])), Entry(0x0201, .longs([place])),
        Entry(0x0202, .longs([thumbnail.count])),
      ], to: &bytes)
    return bytes + thumbnail
  }

  /// Adds a directory and what it points to; returns where the offset of the next one stands.
  private func append(_ entries: [Entry], to bytes: inout [UInt8]) -> Int {
    let start = bytes.count
    bytes += number(entries.count, 2) + [UInt8](repeating: 0, count: 12 * entries.count + 4)
    for (index, entry) in entries.enumerated() {
      let place = start + 2 + 12 * index
      let (type, count, content) = stored(entry.value)
      var field = number(entry.tag, 2) + number(type, 2) + number(count, 4)
      if case .directory(let below) = entry.value {
        field += number(bytes.count, 4)
        bytes.replaceSubrange(place..<place + 12, with: field)
        _ = append(below, to: &bytes)
        continue
      }
      if content.count <= 4 {
        field += content + [UInt8](repeating: 0, count: 4 - content.count)
      } else {
        field += number(bytes.count, 4)
        bytes += content + [UInt8](repeating: 0, count: content.count % 2)
      }
      bytes.replaceSubrange(place..<place + 12, with: field)
    }
    return start + 2 + 12 * entries.count
  }

  private func stored(_ value: Value) -> (type: Int, count: Int, content: [UInt8]) {
    switch value {
    case .shorts(let numbers): (3, numbers.count, numbers.flatMap { number($0, 2) })
    case .longs(let numbers): (4, numbers.count, numbers.flatMap { number($0, 4) })
    case .rationals(let pairs):
      (5, pairs.count, pairs.flatMap { number($0.0, 4) + number($0.1, 4) })
    case .text(let text): (2, text.utf8.count + 1, Array(text.utf8) + [0])
    case .bytes(let bytes): (7, bytes.count, bytes)
    case .directory: (4, 1, [])
    }
  }

  private func number(_ value: Int, _ count: Int) -> [UInt8] {
    let little = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? little.reversed() : little
  }
}

/// Exif data that were written, entry by entry.
package struct ExifReading {
  /// Values by tag, those of rationals as numerator and denominator in turn.
  package private(set) var image: [Int: [Int]] = [:]
  package private(set) var exif: [Int: [Int]] = [:]
  package private(set) var position: [Int: [Int]] = [:]
  package private(set) var interoperability: [Int: [Int]] = [:]
  /// Where the second directory is; 0 for none.
  package private(set) var nextDirectory = 0

  private let bytes: [UInt8]

  /// Fails where the data break the specification, or point to anything outside.
  package init?(_ bytes: [UInt8]) {
    self.bytes = bytes
    guard bytes.count > 8, let first = number(4, 4), let image = directory(at: first),
      let count = number(first, 2), let next = number(first + 2 + 12 * count, 4)
    else { return nil }
    self.image = image
    nextDirectory = next
    for (path, from) in [
      (\Self.exif, \Self.image[0x8769]), (\.position, \.image[0x8825]),
      (\.interoperability, \.exif[0xA005]),
    ] as [(WritableKeyPath<Self, [Int: [Int]]>, KeyPath<Self, [Int]?>)] {
      guard let offset = self[keyPath: from]?.first else { continue }
      guard let below = directory(at: offset) else { return nil }
      self[keyPath: path] = below
    }
  }

  private func directory(at offset: Int) -> [Int: [Int]]? {
    guard let count = number(offset, 2) else { return nil }
    var values: [Int: [Int]] = [:]
    var last = 0
    for index in 0..<count {
      let place = offset + 2 + 12 * index
      guard let tag = number(place, 2), let type = number(place + 2, 2), tag > last,
        let count = number(place + 4, 4), let size = [1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1][type]
      else { return nil }
      last = tag
      guard let start = count * size <= 4 ? place + 8 : number(place + 8, 4) else { return nil }
      let width = min(size, 4)
      var numbers: [Int] = []
      for step in 0..<count * size / width {
        guard let value = number(start + step * width, width) else { return nil }
        numbers.append(value)
      }
      values[tag] = numbers
    }
    return values
  }

  private func number(_ offset: Int, _ count: Int) -> Int? {
    guard offset >= 0, offset + count <= bytes.count else { return nil }
    let slice = bytes[offset..<offset + count]
    return bytes[0] == 0x4D
      ? slice.reduce(0) { $0 << 8 | Int($1) } : slice.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
