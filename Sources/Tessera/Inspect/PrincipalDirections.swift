/// The three directions in which values of many channels differ most.
struct PrincipalDirections {
  /// The mean of each channel.
  private(set) var mean: [Float]
  /// Unit vectors, the first with the largest variance; the largest weight of each is positive.
  private(set) var directions: [[Float]] = []

  /// The most pixels that are looked at.
  private static let mostPoints = 4096
  /// Of each step the angle to the result shrinks by the ratio of variances.
  private static let stepCount = 40

  /// Looks at a sample of the pixels of some pictures.
  init(_ pictures: [ScaledPicture]) {
    let channels = pictures.first?.channels ?? 1
    let pictures = pictures.filter { $0.channels == channels }
    let total = pictures.reduce(0) { $0 + $1.pixelCount }
    let step = max(1, (total + Self.mostPoints - 1) / Self.mostPoints)
    var points: [[Float]] = []
    for picture in pictures {
      for pixel in stride(from: 0, to: picture.pixelCount, by: step) where picture.isThere(pixel) {
        let point = (0..<channels).map { picture.values[$0 * picture.pixelCount + pixel] }
        if point.allSatisfy(\.isFinite) { points.append(point) }
      }
    }
    mean = Array(repeating: 0, count: channels)
    for point in points {
      for channel in mean.indices { mean[channel] += point[channel] / Float(points.count) }
    }
    for index in points.indices {
      for channel in mean.indices { points[index][channel] -= mean[channel] }
    }
    for number in 0..<min(3, channels) {
      directions.append(next(number, points, channels))
    }
  }

  /// The direction that differs most of those at right angles to the ones that are known.
  private func next(_ number: Int, _ points: [[Float]], _ channels: Int) -> [Float] {
    // A start at a right angle to the result would never find it.
    var direction = (0..<channels).map { Float(($0 * 7 + number * 3) % 11) - 4.5 }
    orthonormalize(&direction)
    for _ in 0..<Self.stepCount {
      var sum = [Float](repeating: 0, count: channels)
      for point in points {
        let share = zip(point, direction).reduce(Float(0)) { $0 + $1.0 * $1.1 }
        for channel in sum.indices { sum[channel] += share * point[channel] }
      }
      guard sum.contains(where: { $0 != 0 }) else { break }
      orthonormalize(&sum)
      direction = sum
    }
    // Signs of such vectors are arbitrary; a rule makes them the same for the same values.
    if let largest = direction.max(by: { $0.magnitude < $1.magnitude }), largest < 0 {
      direction = direction.map { -$0 }
    }
    return direction
  }

  private func orthonormalize(_ vector: inout [Float]) {
    for known in directions {
      let share = zip(known, vector).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      for index in vector.indices { vector[index] -= share * known[index] }
    }
    let length = vector.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
    if length > 0 { for index in vector.indices { vector[index] /= length } }
  }
}
