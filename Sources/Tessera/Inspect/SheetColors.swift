import TesseraCore

/// How the values of pictures become colours: the same for all pictures of a sheet.
struct SheetColors {
  /// Red, green and blue come from these: weights of channels, then what black and white are.
  private struct Band {
    /// A channel, or weights of all.
    var source: Source
    var black: Float
    var white: Float
  }

  private enum Source {
    case channel(Int)
    case direction([Float], mean: [Float])
  }

  private var bands: [Band]
  private let scale: ValueScale
  private let channels: Int

  /// What stands for values that are no numbers.
  private static let unnumbered: (UInt8, UInt8, UInt8) = (255, 0, 255)

  /// Looks at all pictures of a sheet.
  ///
  /// - Parameters:
  ///   - pictures: with equally many channels.
  ///   - channel: the one that is drawn; `nil`: colours, or the principal directions of many channels.
  /// - Throws: ``InspectionError`` where there is no such channel.
  init(_ pictures: [ScaledPicture], channel: Int?) throws(InspectionError) {
    let channels = pictures.first?.channels ?? 1
    self.channels = channels
    scale = pictures.first?.scale ?? .open
    try Self.check(channel, of: channels)
    if let channel {
      bands = [Band(source: .channel(channel), black: 0, white: 1)]
    } else if channels > 4 {
      let directions = PrincipalDirections(pictures)
      bands = directions.directions.map {
        Band(source: .direction($0, mean: directions.mean), black: 0, white: 1)
      }
    } else {
      bands = (channels < 3 ? [0] : [0, 1, 2]).map {
        Band(source: .channel($0), black: 0, white: 1)
      }
    }
    setEnds(pictures, isByBand: channels > 4 && channel == nil)
  }

  /// Refuses a channel that pictures do not have.
  static func check(_ channel: Int?, of channels: Int) throws(InspectionError) {
    guard let channel, channel < 0 || channel >= channels else { return }
    throw .request(
      "channel \(channel): expected a channel from 0 to \(channels - 1), as there are \(channels)")
  }

  /// Finds black and white: by what values mean, or by those that there are.
  private mutating func setEnds(_ pictures: [ScaledPicture], isByBand: Bool) {
    if !isByBand {
      switch scale {
      case .upTo(let white):
        for index in bands.indices { (bands[index].black, bands[index].white) = (0, Float(white)) }
        return
      case .normalized(let scale, let mean, let std, let white):
        for index in bands.indices {
          guard case .channel(let channel) = bands[index].source else { continue }
          let (mean, std) = (mean[min(channel, mean.count - 1)], std[min(channel, std.count - 1)])
          bands[index].black = Float(-mean / std)
          bands[index].white = Float((white * scale - mean) / std)
        }
        return
      case .open: break
      }
    }
    var ends: [(low: Float, high: Float)] = bands.map { _ in (.infinity, -.infinity) }
    for picture in pictures {
      for (index, band) in bands.enumerated() {
        for pixel in 0..<picture.pixelCount where picture.isThere(pixel) {
          let value = self.value(of: band, picture, pixel)
          guard value.isFinite else { continue }
          ends[index].low = min(ends[index].low, value)
          ends[index].high = max(ends[index].high, value)
        }
      }
    }
    if !isByBand {
      let all = (ends.map(\.low).min() ?? 0, ends.map(\.high).max() ?? 1)
      ends = ends.map { _ in all }
    }
    for index in bands.indices where ends[index].low <= ends[index].high {
      (bands[index].black, bands[index].white) = (ends[index].low, ends[index].high)
    }
  }

  private func value(of band: Band, _ picture: ScaledPicture, _ pixel: Int) -> Float {
    let count = picture.pixelCount
    switch band.source {
    case .channel(let channel):
      // Images in a folder may differ in their channels.
      return picture.values[min(channel, picture.channels - 1) * count + pixel]
    case .direction(let weights, let mean):
      guard picture.channels == weights.count else { return picture.values[pixel] }
      return weights.indices.reduce(0) {
        $0 + weights[$1] * (picture.values[$1 * count + pixel] - mean[$1])
      }
    }
  }

  /// The colour of a pixel.
  func color(_ picture: ScaledPicture, _ pixel: Int) -> (UInt8, UInt8, UInt8) {
    var levels: (UInt8, UInt8, UInt8) = (0, 0, 0)
    for (index, band) in bands.enumerated() {
      let value = value(of: band, picture, pixel)
      guard !value.isNaN else { return Self.unnumbered }
      let share = band.white == band.black ? 0.5 : (value - band.black) / (band.white - band.black)
      let level = UInt8(max(0, min(255, (share * 255).rounded())))
      switch index {
      case 0: levels = (level, level, level)
      case 1: levels.1 = level
      default: levels.2 = level
      }
    }
    return levels
  }
}

extension ScaledPicture {
  /// Whether a pixel belongs to a block that is there.
  func isThere(_ pixel: Int) -> Bool {
    isThere == nil || isThere(row: pixel / size.width, column: pixel % size.width)
  }
}
