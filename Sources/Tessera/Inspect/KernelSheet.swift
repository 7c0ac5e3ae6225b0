import TesseraCore
import TesseraEngine
import TesseraFiles
import TesseraPipeline

/// A picture of kernels in their order, each with its number below: 0 is mid-gray, and the largest
/// magnitude of each kernel white or black.
public struct KernelSheet: Sendable {
  private let sheet: DrawnSheet

  /// Height and width [px].
  public var size: Size { sheet.size }

  /// The most kernels that are drawn.
  static let mostKernels = 4096
  /// The most pixels of a sheet.
  private static let mostPixels = 100_000_000
  /// The side that small kernels are enlarged to, about [px].
  private static let side = 96
  private static let margin = 8
  private static let paper: UInt8 = 235
  private static let ink: UInt8 = 40
  private static let middle: Float = 128

  /// Draws kernels.
  ///
  /// - Parameter kernels: of a bank or a file.
  /// - Throws: ``InspectionError`` where there are more than can be drawn.
  public init(_ kernels: NamedKernels) throws(InspectionError) {
    let array = kernels.kernels
    let count = kernels.names.count
    let scale = max(1, Self.side / max(array.height, array.width))
    let cell = Size(height: array.height * scale, width: array.width * scale)
    let pitch = Size(
      height: cell.height + Self.margin + Digits.height + 2,
      width: max(cell.width, Digits.width(of: count - 1)) + Self.margin)
    let columns = kernels.rowLength ?? Montage(of: count, cell: pitch).columns
    let rows = (count + columns - 1) / columns
    let size = Size(
      height: rows.saturating(times: pitch.height) + Self.margin,
      width: columns.saturating(times: pitch.width) + Self.margin)
    guard count <= Self.mostKernels,
      size.height.saturating(times: size.width) <= Self.mostPixels
    else {
      throw .request(
        "\(count) kernels of \(array.height) × \(array.width) are not drawn: expected at most "
          + "\(Self.mostKernels) kernels on \(Self.mostPixels) pixels")
    }
    sheet = Self.drawn(array, count, scale: scale, pitch: pitch, columns: columns, size: size)
  }

  private static func drawn(
    _ array: KernelArray, _ count: Int, scale: Int, pitch: Size, columns: Int, size: Size
  ) -> DrawnSheet {
    var pixels = [UInt8](repeating: paper, count: 3 * size.height * size.width)
    func paint(_ row: Int, _ column: Int, _ gray: UInt8) {
      let place = 3 * (row * size.width + column)
      (pixels[place], pixels[place + 1], pixels[place + 2]) = (gray, gray, gray)
    }
    let taps = array.height * array.width
    for kernel in 0..<count {
      let (row, column) = kernel.quotientAndRemainder(dividingBy: columns)
      let (top, left) = (margin + row * pitch.height, margin + column * pitch.width)
      let values = array.values[kernel * taps..<(kernel + 1) * taps]
      let largest = values.reduce(0) { max($0, $1.isFinite ? abs($1) : 0) }
      for (index, value) in values.enumerated() {
        let share = largest > 0 && value.isFinite ? Float(value / largest) : 0
        let gray = UInt8((middle + 127 * share).rounded(.toNearestOrEven))
        let (first, start) = (
          top + index / array.width * scale, left + index % array.width * scale
        )
        for y in first..<first + scale {
          for x in start..<start + scale { paint(y, x, gray) }
        }
      }
      Digits.draw(kernel) { y, x in
        paint(top + array.height * scale + 2 + y, left + x, ink)
      }
    }
    return DrawnSheet(size: size, pixels: pixels)
  }

  /// Writes the picture as a PNG file, which appears under its name once it is whole.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - replacing: whether a file that has the name is replaced.
  /// - Throws: `FileError`, with `EEXIST` where a file has the name.
  public func write(to path: String, replacing: Bool = false) throws(FileError) {
    try sheet.write(to: path, replacing: replacing)
  }
}

/// Numbers in small figures of 3 × 5 points.
enum Digits {
  /// Pixels of a point.
  private static let scale = 2
  /// Height of a number [px].
  static let height = 5 * scale

  /// Three bits for each row of a figure, the first row highest.
  private static let figures = [
    0b111_101_101_101_111, 0b010_110_010_010_111, 0b111_001_111_100_111, 0b111_001_111_001_111,
    0b101_101_111_001_001, 0b111_100_111_001_111, 0b111_100_111_101_111, 0b111_001_010_010_010,
    0b111_101_111_101_111, 0b111_101_111_001_111,
  ]

  /// Width of a number [px].
  static func width(of number: Int) -> Int { (4 * String(number).count - 1) * scale }

  /// Calls `paint` with row and column of every dark pixel.
  static func draw(_ number: Int, _ paint: (Int, Int) -> Void) {
    for (place, digit) in String(number).compactMap(\.wholeNumberValue).enumerated() {
      for point in 0..<15 where figures[digit] >> (14 - point) & 1 == 1 {
        for y in 0..<scale {
          for x in 0..<scale {
            paint(point / 3 * scale + y, (4 * place + point % 3) * scale + x)
          }
        }
      }
    }
  }
}
