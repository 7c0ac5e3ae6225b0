/// Chooses between libpng's Average and Paeth filters by looking at one row in 32.
///
/// Paeth's prediction makes small files of clean images. Where noise decides, as in most
/// photographs, the average is as small, and libpng computes it more than half again as fast.
/// Measured on photographs of 0.3–2 megapixels: 50 against 31 MPix/s, files 3 % smaller; on
/// noiseless ones the average would be up to 18 % larger.
struct PNGFilterChoice {
  /// A filter as libpng's mask has it.
  enum Filter: Int32 {
    case average = 64
    case paeth = 128
  }

  private static let interval = 32
  /// By how much the average's differences may exceed Paeth's: about 0.05 bits per value.
  private static let tolerance = 1.03

  private let bytesPerPixel: Int
  private var above: [UInt8]
  private var row = 0
  private(set) var filter = Filter.paeth

  /// - Parameters:
  ///   - bytesPerPixel: bytes from one value to the same channel's next.
  ///   - bytesPerRow: bytes of a row without padding.
  init(bytesPerPixel: Int, bytesPerRow: Int) {
    self.bytesPerPixel = bytesPerPixel
    above = Array(repeating: 0, count: bytesPerRow)
  }

  /// Looks at the next row; `filter` then is the one to use for it.
  mutating func observe(_ bytes: UnsafePointer<UInt8>) {
    switch row % Self.interval {
    case 0:
      above.withUnsafeMutableBufferPointer { above in
        above.baseAddress?.update(from: bytes, count: above.count)
      }
    case 1:
      filter = preferred(for: bytes)
    default:
      break
    }
    row += 1
  }

  private func preferred(for bytes: UnsafePointer<UInt8>) -> Filter {
    var sums = (average: 0, paeth: 0)
    for position in bytesPerPixel..<max(above.count, bytesPerPixel) {
      let left = Int(bytes[position - bytesPerPixel])
      let up = Int(above[position])
      let corner = Int(above[position - bytesPerPixel])
      let gradient = left + up - corner
      let distances = (abs(gradient - left), abs(gradient - up), abs(gradient - corner))
      let paeth =
        distances.0 <= distances.1 && distances.0 <= distances.2
        ? left : distances.1 <= distances.2 ? up : corner
      let value = Int(bytes[position])
      sums.average += abs(value - (left + up) / 2)
      sums.paeth += abs(value - paeth)
    }
    return Double(sums.average) <= Self.tolerance * Double(sums.paeth) ? .average : .paeth
  }
}
