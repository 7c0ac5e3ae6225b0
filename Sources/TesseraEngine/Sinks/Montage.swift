import TesseraCodecs
import TesseraCore

/// All channels of an image side by side in one picture, in rows.
package struct Montage: Hashable, Sendable {
  /// Channels that are drawn.
  package var count: Int
  /// Channels in a row.
  package var columns: Int
  /// Height and width of each.
  package var cell: Size

  /// White pixels between channels.
  static let gap = 2

  /// As many in a row as make the picture about as wide as high, without empty places where that can be.
  package init(of count: Int, cell: Size) {
    self.count = count
    self.cell = cell
    let wanted = (Double(count) * Double(cell.height) / Double(cell.width)).squareRoot()
    let distance = { (columns: Int) in
      max(Double(columns) / wanted, wanted / Double(columns))
    }
    let even = (1...count).filter { count % $0 == 0 }.min { distance($0) < distance($1) } ?? 1
    columns = distance(even) < 1.6 ? even : min(max(Int(wanted.rounded(.up)), 1), count)
  }

  /// Rows of channels.
  package var rows: Int { (count + columns - 1) / columns }

  /// Height and width of the picture.
  package var size: Size {
    Size(
      height: rows * (cell.height + Self.gap) - Self.gap,
      width: columns * (cell.width + Self.gap) - Self.gap)
  }
}

/// Draws a montage in memory, row by row, and writes it when all of it is there.
final class MontageWriter: ImageWriter {
  private let montage: Montage
  private let writer: any ImageWriter
  private let elementType: ElementType
  private let hasAlpha: Bool
  private let canvas: ScratchPool.Loan
  private let takesDigest: Bool
  private let repeatedPlanes: [Int]?
  private var rowsDrawn = 0
  /// Of the picture, once it is written, where it is wanted.
  private(set) var digest = ValueDigest()

  /// Takes the memory.
  ///
  /// - Parameters:
  ///   - montage: where channels lie.
  ///   - writer: takes the picture.
  ///   - elementType: integers.
  ///   - hasAlpha: whether opacity flows behind the channels; it then lies over each of them.
  ///   - repeatedPlanes: the planes that are read from the file, where these are not those that it is given.
  ///   - takesDigest: whether a digest of the picture is wanted.
  ///   - tools: memory.
  init(
    _ montage: Montage, to writer: any ImageWriter, _ elementType: ElementType, hasAlpha: Bool,
    repeatedPlanes: [Int]?, takesDigest: Bool, _ tools: RunTools
  ) {
    self.takesDigest = takesDigest
    self.montage = montage
    self.writer = writer
    self.elementType = elementType
    self.hasAlpha = hasAlpha
    self.repeatedPlanes = repeatedPlanes
    let byteCount = Self.byteCount(montage, elementType, hasAlpha: hasAlpha)
    canvas = tools.scratch.loan(byteCount: byteCount)
    // White between the channels, and opaque.
    canvas.base.initializeMemory(as: UInt8.self, repeating: 255, count: byteCount)
  }

  /// Bytes of a picture in memory.
  static func byteCount(_ montage: Montage, _ elementType: ElementType, hasAlpha: Bool) -> Int {
    montage.size.height.saturating(times: montage.size.width)
      .saturating(times: (hasAlpha ? 2 : 1) * elementType.byteCount)
  }

  var storesPlanes: Bool { true }
  var losses: [String] { writer.losses }

  /// Bytes of a value in the picture, with its opacity.
  private var pixelBytes: Int { (hasAlpha ? 2 : 1) * elementType.byteCount }

  func writeRows(_ rows: UnsafeRawPointer, count: Int, bytesPerRow: Int) {
    preconditionFailure("a montage is drawn plane by plane")
  }

  func writePlanarRows(_ planes: [UnsafeRawPointer], count: Int, bytesPerRow: Int) {
    let bytes = elementType.byteCount
    let (cell, gap, width) = (montage.cell, Montage.gap, montage.size.width)
    for row in 0..<count {
      for channel in 0..<montage.count {
        let (down, across) = channel.quotientAndRemainder(dividingBy: montage.columns)
        let first =
          (down * (cell.height + gap) + rowsDrawn) * width + across * (cell.width + gap)
        let target = canvas.base + first * pixelBytes
        let source = planes[channel] + row * bytesPerRow
        guard hasAlpha else {
          target.copyMemory(from: source, byteCount: cell.width * bytes)
          continue
        }
        let opacity = planes[montage.count] + row * bytesPerRow
        for x in 0..<cell.width {
          (target + x * pixelBytes).copyMemory(from: source + x * bytes, byteCount: bytes)
          (target + x * pixelBytes + bytes).copyMemory(from: opacity + x * bytes, byteCount: bytes)
        }
      }
      rowsDrawn += 1
    }
  }

  func finish() throws(CodecError) {
    let size = montage.size
    for y in 0..<size.height {
      let row = UnsafeRawPointer(canvas.base + y * size.width * pixelBytes)
      for x in 0..<(takesDigest ? size.width : 0) {
        digest.add(
          pixel: row + x * pixelBytes, as: elementType, storedAs: StoredType(elementType),
          count: hasAlpha ? 2 : 1, repeated: repeatedPlanes, at: y * size.width + x,
          stride: size.height * size.width)
      }
      try write(row)
    }
    try writer.finish()
  }

  /// Writes a row of the picture as its file takes it.
  private func write(_ row: UnsafeRawPointer) throws(CodecError) {
    let width = montage.size.width
    guard writer.storesPlanes else {
      return try writer.writeRows(row, count: 1, bytesPerRow: width * pixelBytes)
    }
    guard hasAlpha else {
      return try writer.writePlanarRows([row], count: 1, bytesPerRow: width * pixelBytes)
    }
    let bytes = elementType.byteCount
    let planes = AlignedBuffer(byteCount: 2 * width * bytes)
    for x in 0..<width {
      for plane in 0..<2 {
        (planes.base + (plane * width + x) * bytes).copyMemory(
          from: row + x * pixelBytes + plane * bytes, byteCount: bytes)
      }
    }
    try writer.writePlanarRows(
      [UnsafeRawPointer(planes.base), UnsafeRawPointer(planes.base + width * bytes)], count: 1,
      bytesPerRow: width * bytes)
  }
}
