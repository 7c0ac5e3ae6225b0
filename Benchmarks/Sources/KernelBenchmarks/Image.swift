import TesseraCore

/// A 3-channel float image in memory, with margins of zeros.
final class Image {
  static let channels = 3
  static let height = 1080
  static let width = 1920

  let margin: Int
  let pitch: Int
  let rowsPerChannel: Int
  let channels: Int
  /// First value of every row, margins included.
  let rows: UnsafeMutablePointer<UnsafeMutablePointer<Float>>
  private let storage: UnsafeMutablePointer<Float>

  init(channels: Int = Image.channels, margin: Int, random: Bool) {
    self.margin = margin
    self.channels = channels
    // Off the powers of two: rows that are 4 kB apart would share cache sets.
    pitch = (Image.width + 2 * margin + 15) / 16 * 16 + 16
    rowsPerChannel = Image.height + 2 * margin
    let count = channels * rowsPerChannel * pitch
    storage = UnsafeMutableRawPointer.allocate(byteCount: count * 4, alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    storage.initialize(repeating: 0, count: count)
    rows = .allocate(capacity: channels * rowsPerChannel)
    var state: UInt32 = 1
    for row in 0..<(channels * rowsPerChannel) {
      rows[row] = storage + row * pitch
      let y = row % rowsPerChannel
      guard random, y >= margin, y < margin + Image.height else { continue }
      for x in margin..<(margin + Image.width) {
        state = state &* 1_664_525 &+ 1_013_904_223
        rows[row][x] = Float(state >> 8) / 16_777_216
      }
    }
  }

  deinit {
    storage.deallocate()
    rows.deallocate()
  }

  /// The row pointers for a kernel that reads.
  var sources: UnsafePointer<UnsafePointer<Float>> {
    UnsafeRawPointer(rows).assumingMemoryBound(to: UnsafePointer<Float>.self)
  }

  /// The row pointers for a kernel that writes.
  var targets: UnsafePointer<UnsafeMutablePointer<Float>> { UnsafePointer(rows) }
}
