/// PNG's filter 4: a byte less the one of its left, upper and upper left neighbours that is
/// nearest to their linear prediction.
///
/// libpng's own loop takes a third of the time that writing a photograph takes; this one does 16
/// bytes at once, with the same result.
enum PaethFilter {
  /// Bytes that are read and written beyond the end of a row.
  static let slack = 16

  /// Filters a row.
  ///
  /// - Parameters:
  ///   - row: The row; `pixelBytes` zeros precede it.
  ///   - above: The row above, likewise; zeros for the first row.
  ///   - destination: `count` filtered bytes.
  ///   - count: Bytes of the row; all three have `slack` more.
  ///   - pixelBytes: Distance to the left neighbour.
  static func apply(
    to row: UnsafePointer<UInt8>, above: UnsafePointer<UInt8>,
    into destination: UnsafeMutablePointer<UInt8>, count: Int, pixelBytes: Int
  ) {
    typealias Bytes = SIMD16<UInt8>
    let current = UnsafeRawPointer(row)
    let previous = UnsafeRawPointer(above)
    let target = UnsafeMutableRawPointer(destination)
    for offset in stride(from: 0, to: count, by: slack) {
      let value = current.loadUnaligned(fromByteOffset: offset, as: Bytes.self)
      let left = current.loadUnaligned(fromByteOffset: offset - pixelBytes, as: Bytes.self)
      let up = previous.loadUnaligned(fromByteOffset: offset, as: Bytes.self)
      let corner = previous.loadUnaligned(fromByteOffset: offset - pixelBytes, as: Bytes.self)
      target.storeBytes(
        of: value &- prediction(left, up, corner), toByteOffset: offset, as: Bytes.self)
    }
  }

  /// The nearest neighbour, without leaving 8 bits.
  ///
  /// The prediction left + up − corner is as far from left as up is from corner, and the other way
  /// round. From corner it is as far as both together where both lie on one side of it, so that
  /// corner is not nearest, and else as the two distances differ.
  @inline(__always)
  private static func prediction(
    _ left: SIMD16<UInt8>, _ up: SIMD16<UInt8>, _ corner: SIMD16<UInt8>
  ) -> SIMD16<UInt8> {
    let isAbove = up .>= corner
    let isBeside = left .>= corner
    let toLeft = (corner &- up).replacing(with: up &- corner, where: isAbove)
    let toUp = (corner &- left).replacing(with: left &- corner, where: isBeside)
    let isLeftNearer = toLeft .<= toUp
    let difference = (toLeft &- toUp).replacing(with: toUp &- toLeft, where: isLeftNearer)
    let isOneSide = isAbove .== isBeside
    let toCorner = difference.replacing(with: 255, where: isOneSide)
    let upper = corner.replacing(with: up, where: toUp .<= toCorner)
    return upper.replacing(with: left, where: isLeftNearer .& (toLeft .<= toCorner))
  }
}
