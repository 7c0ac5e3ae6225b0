import Foundation
import TesseraCore

/// Pillow's resize of each channel by itself: two passes, each of them rounded.
func resized(_ image: TestArray, to target: Size, _ filter: String) -> TestArray {
  let (height, width) = (image.shape[1], image.shape[2])
  let isTall = height > target.height && height - target.height > 2 * (width - target.width)
  var result = image
  for axis in isTall ? [1, 2] : [2, 1] {
    let size = axis == 1 ? target.height : target.width
    if result.shape[axis] != size { result = pass(result, axis, size, filter) }
  }
  return result
}

/// One pass along an axis.
private func pass(_ image: TestArray, _ axis: Int, _ size: Int, _ filter: String) -> TestArray {
  var shape = image.shape
  shape[axis] = size
  var result = TestArray(shape, image.type, Array(repeating: 0, count: shape.reduce(1, *)))
  let sums = weights(from: image.shape[axis], to: size, filter)
  for c in 0..<shape[0] {
    for y in 0..<shape[1] {
      for x in 0..<shape[2] {
        var place = [c, y, x]
        let (first, weights) = sums[place[axis]]
        let sources = weights.indices.map { index in
          place[axis] = first + index
          return image.values[(c * image.shape[1] + place[1]) * image.shape[2] + place[2]]
        }
        result.values[(c * shape[1] + y) * shape[2] + x] =
          filter == "nearest" ? sources[0] : rounded(sources, weights, image.type)
      }
    }
  }
  return result
}

/// The weighted sum of values, as their type rounds it.
private func rounded(_ values: [Double], _ weights: [Double], _ type: ElementType) -> Double {
  switch type {
  case .uint8:
    var sum = 1 << 21
    for (value, weight) in zip(values, weights) {
      sum += Int(value) * Int(weight * 4_194_304 + (weight < 0 ? -0.5 : 0.5))
    }
    return Double(min(max(sum >> 22, 0), 255))
  case .uint16:
    var sum = 0.0
    for (value, weight) in zip(values, weights) { sum += value * weight }
    return min(max((sum + (sum < 0 ? -0.5 : 0.5)).rounded(.towardZero), 0), 65_535)
  case .float32:
    var sum = 0.0
    for (value, weight) in zip(values, weights) { sum += value * weight }
    return Double(Float(sum))
  }
}

/// The first source of every pixel, and the weights from there on.
private func weights(from size: Int, to target: Int, _ filter: String) -> [(Int, [Double])] {
  let scale = Double(size) / Double(target)
  if filter == "nearest" {
    var place = scale / 2
    return (0..<target).map { _ in
      defer { place += scale }
      return (Int(place), [1])
    }
  }
  let reach = max(scale, 1)
  let supports = ["box": 0.5, "bilinear": 1, "hamming": 1, "bicubic": 2, "lanczos": 3]
  let support = (supports[filter] ?? 0) * reach
  return (0..<target).map { pixel in
    let center = (Double(pixel) + 0.5) * scale
    let first = max(Int(center - support + 0.5), 0)
    let end = min(Int(center + support + 0.5), size)
    let weights = (first..<end).map {
      kernel(filter, (Double($0) - center + 0.5) * (1 / reach))
    }
    let sum = weights.reduce(0, +)
    return (first, sum == 0 ? weights : weights.map { $0 / sum })
  }
}

private func kernel(_ filter: String, _ x: Double) -> Double {
  func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(x * .pi) / (x * .pi) }
  let a = abs(x)
  switch filter {
  case "box": return x > -0.5 && x <= 0.5 ? 1 : 0
  case "bilinear": return max(0, 1 - a)
  case "hamming":
    if a >= 1 { return 0 }
    return sinc(a) * (a == 0 ? 1 : Double(Float(0.54)) + Double(Float(0.46)) * cos(a * .pi))
  case "bicubic":
    if a < 1 { return (1.5 * a - 2.5) * a * a + 1 }
    return a < 2 ? (((a - 5) * a + 8) * a - 4) * -0.5 : 0
  default: return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0
  }
}
