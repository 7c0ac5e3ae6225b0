import TesseraCodecs
import TesseraCore

/// What travels from an input's metadata to its output's.
public enum CarriedMetadata: String, Hashable, Sendable, CaseIterable {
  /// The colour profile, chunks that say what numbers mean, and the resolution.
  case icc
  /// Those, and EXIF with its orientation set to 1 once applied.
  case keep
  /// Nothing.
  case strip
}

/// Metadata on their way to a file, and what of them does not come along.
struct Luggage {
  /// What is to be written.
  var metadata = ImageMetadata()
  /// What is left out because the file has no place for it, or because it is not true of it, in words.
  var losses: [String] = []
}

extension ImageMetadata {
  /// What travels from an input to an image file.
  ///
  /// A profile, and chunks that say what numbers mean, speak of colours of one model: they stay
  /// behind where that changes.
  func carried(to file: ImageFile, of shape: ImageShape, from source: SourcePlan) -> Luggage {
    if file.metadata == .strip { return Luggage() }
    if file.format.format == .npy { return carriedToArray(from: source) }
    let change = PictureChange(
      orientation: source.orientation,
      isUpright: source.orientation == source.header.orientation,
      source: source.header.shape.size, size: file.shape(of: shape).size)
    var luggage = Luggage(metadata: updated(for: change))
    if file.metadata == .icc {
      luggage.metadata.exif = nil
    } else if exif != nil, luggage.metadata.exif == nil {
      luggage.losses.append("its EXIF is left out: it has no directory")
    }
    let modelBefore = source.header.colorModel
    if file.colorModel != modelBefore || file.splitsChannels {
      luggage.leaveColors(of: modelBefore, to: file)
      return luggage
    }
    if let model = icc.flatMap({ ICCProfile($0).colorModel }), model != file.colorModel {
      luggage.leave("ICC profile", of: model, to: file)
      luggage.metadata.icc = nil
    }
    if file.format.format == .png {
      luggage.metadata.colorChunks = colorChunks.map {
        $0.fitted(
          bitDepth: 8 * file.quantization.elementType.byteCount,
          colors: modelBefore == .gray ? 1 : 3, hasAlpha: file.hasAlpha)
      }
    } else {
      luggage.lose(
        meanings(isGray: modelBefore == .gray, countsProfile: false), in: file.format.format)
      luggage.leaveDetails(in: file.format.format)
      luggage.metadata.colorChunks = []
    }
    return luggage
  }

  /// What travels to an array, which has numbers and nothing else: only that its readers may take
  /// them for others is told.
  func carriedToArray(from source: SourcePlan) -> Luggage {
    var luggage = Luggage()
    luggage.lose(
      meanings(isGray: source.header.colorModel == .gray, countsProfile: true), in: .npy)
    return luggage
  }
}

extension Luggage {
  /// Leaves out what says how colours of a model look.
  fileprivate mutating func leaveColors(of model: ColorModel, to file: ImageFile) {
    if metadata.icc != nil { leave("ICC profile", of: model, to: file) }
    let isPNG = file.format.format == .png
    let chunks = metadata.colorChunks.filter { isPNG || $0.saysMore(isGray: model == .gray) }
    if let name = Self.name(of: chunks) {
      leave(name, isOne: chunks.count == 1, of: model, to: file)
    }
    metadata.icc = nil
    metadata.colorChunks = []
  }

  /// Tells of chunks that say more of the picture than what its numbers mean.
  fileprivate mutating func leaveDetails(in format: ImageFormat) {
    let details: [ColorChunk.Kind] = [.masteringDisplay, .lightLevel, .significantBits]
    let chunks = metadata.colorChunks.filter {
      details.contains($0.kind) && $0.saysMore(isGray: false)
    }
    guard let name = Self.name(of: chunks) else { return }
    losses.append(
      "its \(name) \(chunks.count == 1 ? "is" : "are") left out: \(format.name) has no place for "
        + (chunks.count == 1 ? "it" : "them"))
  }

  private static func name(of chunks: [ColorChunk]) -> String? {
    let names = chunks.map(\.kind.rawValue)
    guard let last = names.last else { return nil }
    let others = names.dropLast().joined(separator: ", ")
    return others.isEmpty ? "\(last) chunk" : "\(others) and \(last) chunks"
  }

  fileprivate mutating func leave(
    _ name: String, isOne: Bool = true, of model: ColorModel, to file: ImageFile
  ) {
    let found =
      file.splitsChannels ? "a file has one channel" : "the file is \(file.colorModel.name)"
    losses.append(
      "its \(name) \(isOne ? "is left out: it speaks" : "are left out: they speak") of "
        + "\(model.name), and \(found)")
  }

  fileprivate mutating func lose(_ meanings: [String], in format: ImageFormat) {
    guard !meanings.isEmpty else { return }
    let subject = meanings.joined(separator: " and ")
    losses.append(
      "\(subject) \(meanings.count == 1 ? "says" : "say") what the numbers mean, and "
        + "\(format.name) has no place for it: readers will take them for sRGB")
  }
}

extension ColorModel {
  /// The model in words.
  fileprivate var name: String {
    switch self {
    case .gray: "gray"
    case .rgb: "RGB"
    case .cmyk: "CMYK"
    case .unknown: "channels without a meaning"
    }
  }
}
