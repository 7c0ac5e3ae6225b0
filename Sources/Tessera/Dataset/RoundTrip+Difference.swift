import Glibc
import TesseraBatch
import TesseraCodecs
import TesseraCore
import TesseraEngine
import TesseraPipeline

/// An image as an array, and what is known of its values.
struct RoundTripImage {
  var array: ValueArray
  var layout: Layout

  /// How a channel's values become those of the source's pixels.
  func inverse(ofChannel channel: Int) -> Affine {
    if case .affine(let maps) = layout.inverse, channel < maps.count { return maps[channel] }
    return .identity
  }
}

extension RoundTrip.Difference {
  /// Compares an image with the one that its patches make, where there are patches.
  ///
  /// - Throws: `InputFailure` where they have other sides.
  init(
    _ original: RoundTripImage, _ stored: RoundTripImage, of image: DatasetImage,
    in dataset: DatasetDescription, as type: StoredType
  ) throws(InputFailure) {
    let (a, b) = (original.array, stored.array)
    guard a.shape == b.shape, a.shape.count == 3 else {
      throw InputFailure(
        .plan,
        "the source makes an image of \(PatchShape.text(a.shape)), and its patches one of "
          + "\(PatchShape.text(b.shape))")
    }
    let (height, width) = (a.shape[1], a.shape[2])
    let isCovered = try image.coverage(dataset)
    let (before, after) = (a.floats, b.floats)
    // Floats that were stored as integers were rounded to whole levels.
    let isRounded = a.type == .float32 && type.elementType?.maximum != nil
    let magnitude = before.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : $0 }
    var (largest, squares, count, isExact) = (0.0, 0.0, 0, true)
    for channel in 0..<a.shape[0] {
      let (first, second) = (
        original.inverse(ofChannel: channel), stored.inverse(ofChannel: channel)
      )
      let unit = abs(first.scale)
      for place in 0..<height * width where isCovered[place] {
        let index = channel * height * width + place
        let (x, y) = (before[index], after[index])
        count += 1
        // Infinite and undefined values come back as they are, or not at all.
        if x == y, first == second { continue }
        if x.isNaN, y.isNaN { continue }
        let difference = abs(
          (Double(x) * first.scale + first.offset) - (Double(y) * second.scale + second.offset))
        let allowed =
          isRounded
          ? 0.5 + 0x1p-10 : type.rounding(of: Double(x), among: Double(magnitude)) * unit
        if !(difference <= allowed) { isExact = false }
        if difference.isFinite {
          largest = max(largest, difference)
          squares += difference * difference
        } else {
          largest = .infinity
          squares = .infinity
        }
      }
    }
    maximum = original.layout.sourceMaximum
    self.largest = largest
    valueCount = count
    self.isExact = isExact
    let mean = count == 0 ? 0 : squares / Double(count)
    psnr = mean == 0 ? .infinity : 10 * log10(maximum * maximum / mean)
  }
}

extension StoredType {
  /// How far a value may be from itself once it was stored, and added up where blocks overlap.
  fileprivate func rounding(of value: Double, among magnitude: Double) -> Double {
    let sums = magnitude * 0x1p-20
    switch self {
    case .float16: return abs(value) * 0x1p-11 + 0x1p-25 + sums
    case .bfloat16: return abs(value) * 0x1p-8 + sums
    case .float32: return sums
    case .uint8, .uint16, .int32, .int64: return 0
    }
  }
}

extension DatasetImage {
  /// Which pixels lie under a patch that was kept.
  fileprivate func coverage(_ dataset: DatasetDescription) throws(InputFailure) -> [Bool] {
    let grid: BlockGrid
    do throws(GeometryError) {
      guard let own = try dataset.window?.grid(on: size) else { return [] }
      grid = own
    } catch {
      throw InputFailure(.plan, "\(error)")
    }
    var isCovered = [Bool](repeating: false, count: size.height * size.width)
    for block in blocks ?? Array(0..<grid.blockCount) {
      let (row, column) = block.quotientAndRemainder(dividingBy: grid.columns.count)
      guard row < grid.rows.count else { continue }
      for i in 0..<grid.rows.kernel {
        let y = grid.rows.starts[row] + i * grid.rows.dilation
        guard (0..<size.height).contains(y) else { continue }
        for j in 0..<grid.columns.kernel {
          let x = grid.columns.starts[column] + j * grid.columns.dilation
          if (0..<size.width).contains(x) { isCovered[y * size.width + x] = true }
        }
      }
    }
    return isCovered
  }
}
