import Foundation
import TesseraCore
import TesseraKernels
import Testing

/// Cosine transforms of patches against their definition.
@Suite("Cosine transforms")
struct CosineTests {
  /// Channels, rows and columns of a patch.
  static let shapes = [
    (1, 1, 1), (2, 1, 5), (1, 2, 2), (3, 3, 4), (1, 8, 8), (3, 8, 8), (2, 7, 16), (1, 16, 16),
    (1, 5, 33),
    (1, 13, 12),
  ]

  @Test("coefficients and values are those of the definition", arguments: Variants.all, shapes)
  func transforms(variant: Variants, shape: (Int, Int, Int)) {
    let (channels, height, width) = shape
    let size = height * width
    for pitch in [variant.kernels.lanes * 3, 2 * variant.kernels.lanes + 3, 1] {
      var random = Seeded(UInt64(size))
      let tile = random.floats(channels * size * pitch)
      let analysed = run(tile, shape, pitch, variant) { variant.kernels.analyseCosines($0) }
      let synthesized = run(tile, shape, pitch, variant) { variant.kernels.synthesizeCosines($0) }
      for lane in [0, pitch / 2, pitch - 1] {
        for channel in 0..<channels {
          let rows = channel * size..<(channel + 1) * size
          let patch = rows.map { Double(tile[$0 * pitch + lane]) }
          let values = [(analysed, false), (synthesized, true)]
          for (made, isInverse) in values {
            #expect(
              agree(
                rows.map { made[$0 * pitch + lane] },
                CosineReference.transform(patch, height: height, isInverse: isInverse),
                terms: height + width))
          }
        }
      }
    }
  }

  @Test("small coefficients become 0, and those of means stay", arguments: Variants.all, shapes)
  func shrinks(variant: Variants, shape: (Int, Int, Int)) {
    let (channels, height, width) = shape
    let size = height * width
    let pitch = 2 * variant.kernels.lanes
    var random = Seeded(UInt64(size + 1))
    let tile = random.floats(channels * size * pitch)
    let bounds = (0..<channels).map { 0.5 + Float($0) }
    for isSoft in [false, true] {
      var weights = [Float](repeating: -1, count: pitch)
      let made = run(tile, shape, pitch, variant) { patches in
        bounds.withUnsafeBufferPointer { bounds in
          weights.withUnsafeMutableBufferPointer { weights in
            guard let bounds = bounds.baseAddress else { return }
            variant.kernels.shrinkCosines(
              patches,
              CosineShrinkage(isSoft: isSoft, bounds: bounds, weights: weights.baseAddress))
          }
        }
      }
      for lane in 0..<pitch {
        let patch = (0..<channels * size).map { Double(tile[$0 * pitch + lane]) }
        let expected = CosineReference.shrink(
          patch, height: height, bounds: bounds.map(Double.init), isSoft: isSoft)
        #expect(
          agree(
            (0..<channels * size).map { made[$0 * pitch + lane] }, expected.planes,
            terms: 2 * (height + width)))
        #expect(weights[lane] == 1 / Float(expected.kept))
      }
    }
  }

  @Test("mixes of three channels are shrunk in their place", arguments: Variants.all)
  func mixes(variant: Variants) {
    let (shape, pitch) = ((3, 4, 6), variant.kernels.lanes + 1)
    var random = Seeded(8)
    let tile = random.floats(72 * pitch)
    let matrix: [Float] = [1, 1, 0, 0, 2, 0, 0, 0.5, 1]
    let inverse: [Float] = [1, -0.5, 0, 0, 0.5, 0, 0, -0.25, 1]
    let bounds: [Float] = [0.75, 0.5, 1]
    let made = run(tile, shape, pitch, variant) { patches in
      matrix.withUnsafeBufferPointer { matrix in
        inverse.withUnsafeBufferPointer { inverse in
          bounds.withUnsafeBufferPointer { bounds in
            guard let bounds = bounds.baseAddress else { return }
            variant.kernels.shrinkCosines(
              patches,
              CosineShrinkage(
                isSoft: false, bounds: bounds, mixes: matrix.baseAddress,
                unmixes: inverse.baseAddress))
          }
        }
      }
    }
    func mixed(_ planes: [Double], _ matrix: [Float]) -> [Double] {
      (0..<72).map { place in
        let row = place / 24 * 3
        var sum = 0.0
        for channel in 0..<3 {
          sum += Double(matrix[row + channel]) * planes[channel * 24 + place % 24]
        }
        return sum
      }
    }
    for lane in 0..<pitch {
      let patch = (0..<72).map { Double(tile[$0 * pitch + lane]) }
      let shrunk = CosineReference.shrink(
        mixed(patch, matrix), height: 4, bounds: bounds.map(Double.init), isSoft: false,
        keptMeans: 1)
      #expect(
        agree((0..<72).map { made[$0 * pitch + lane] }, mixed(shrunk.planes, inverse), terms: 24))
    }
  }

  private func run(
    _ tile: [Float], _ shape: (Int, Int, Int), _ pitch: Int, _ variant: Variants,
    _ body: (CosinePatches) -> Void
  ) -> [Float] {
    let (channels, height, width) = shape
    let count = CosinePatches.scratchCount(
      channels: channels, height: height, width: width, lanes: variant.kernels.lanes)
    var tile = tile
    var scratch = [Float](repeating: .nan, count: count)
    tile.withUnsafeMutableBufferPointer { values in
      scratch.withUnsafeMutableBufferPointer { scratch in
        CosineReference.basis(height).withUnsafeBufferPointer { rows in
          CosineReference.basis(width).withUnsafeBufferPointer { columns in
            guard let tile = values.baseAddress, let memory = scratch.baseAddress,
              let rows = rows.baseAddress, let columns = columns.baseAddress
            else { return }
            body(
              CosinePatches(
                tile: tile, pitch: pitch, channels: channels, height: height, width: width,
                rowBasis: rows, columnBasis: columns, scratch: memory))
          }
        }
      }
    }
    return tile
  }
}

/// The cosine transform as its definition has it.
private enum CosineReference {
  /// The basis vector of coefficient `k` at a place.
  static func factor(_ k: Int, _ place: Int, _ count: Int) -> Double {
    let angle = Double.pi * (Double(place) + 0.5) * Double(k) / Double(count)
    return ((k == 0 ? 1 : 2) / Double(count)).squareRoot() * cos(angle)
  }

  static func basis(_ count: Int) -> [Float] {
    (0..<count).flatMap { k in (0..<count).map { Float(factor(k, $0, count)) } }
  }

  /// Coefficients of a plane, or values of coefficients.
  static func transform(_ values: [Double], height: Int, isInverse: Bool = false) -> [Double] {
    let width = values.count / height
    return values.indices.map { target in
      let (row, column) = target.quotientAndRemainder(dividingBy: width)
      return values.indices.reduce(0.0) { sum, source in
        let (i, j) = source.quotientAndRemainder(dividingBy: width)
        let factors =
          isInverse
          ? factor(i, row, height) * factor(j, column, width)
          : factor(row, i, height) * factor(column, j, width)
        return sum + factors * values[source]
      }
    }
  }

  /// Planes without coefficients of magnitudes up to a bound each, and how many are left: those of
  /// means of the first planes, or of all, stay and count in any case.
  static func shrink(
    _ values: [Double], height: Int, bounds: [Double], isSoft: Bool, keptMeans: Int? = nil
  ) -> (planes: [Double], kept: Int) {
    let means = keptMeans ?? bounds.count
    let size = values.count / bounds.count
    var (planes, kept) = ([Double](), means)
    for (channel, bound) in bounds.enumerated() {
      var coefficients = transform(
        Array(values[channel * size..<(channel + 1) * size]), height: height)
      for place in coefficients.indices.dropFirst(channel < means ? 1 : 0) {
        let value = coefficients[place]
        let isGone = abs(value) <= bound
        coefficients[place] = isGone ? 0 : isSoft ? value - (value > 0 ? bound : -bound) : value
        if !isGone { kept += 1 }
      }
      planes += transform(coefficients, height: height, isInverse: true)
    }
    return (planes, kept)
  }
}
