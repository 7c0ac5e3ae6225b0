import TesseraCodecs
import TesseraCore

/// How an image is written: pictures, or arrays of rows.
package struct ImageFile: Hashable, Sendable {
  /// The kind of file, with its settings.
  package var format: ImageFileFormat
  /// How values become those of the file.
  package var quantization: Quantization
  /// The type in which they are stored: that of `quantization`, or floats of half the bytes.
  package var storedType: StoredType
  /// Whether every colour channel gets a file of its own, with opacity where there is some.
  package var splitsChannels = false
  /// Where the colour channels lie in one picture of all; `nil` where they are not side by side.
  package var montage: Montage?
  /// What the planes of one file mean.
  package var colorModel: ColorModel
  /// Whether the last plane of a file is opacity.
  package var hasAlpha: Bool
  /// What travels from the input's metadata.
  package var metadata: CarriedMetadata
  /// Whether each file is read back before it gets its name.
  package var verifies: Bool

  package init(
    format: ImageFileFormat, quantization: Quantization, colorModel: ColorModel, hasAlpha: Bool,
    metadata: CarriedMetadata, verifies: Bool
  ) {
    self.format = format
    self.quantization = quantization
    storedType = StoredType(quantization.elementType)
    self.colorModel = colorModel
    self.hasAlpha = hasAlpha
    self.metadata = metadata
    self.verifies = verifies
  }
}

extension ImageFile {
  /// The shape of what one file is given.
  func shape(of image: ImageShape) -> ImageShape {
    var shape = image
    if splitsChannels || montage != nil { shape.channels = hasAlpha ? 2 : 1 }
    if let montage { (shape.height, shape.width) = (montage.size.height, montage.size.width) }
    return shape
  }

  /// The shape of what is read from one file.
  func storedShape(of image: ImageShape) -> ImageShape {
    var stored = shape(of: image)
    if repeatsGray { stored.channels = storedPlanes.count }
    return stored
  }

  /// Channels, height and width of one file, as it is read.
  package func sides(of image: ImageShape) -> [Int] { storedShape(of: image).sides }

  /// How many files there are.
  func count(in image: ImageShape) -> Int {
    splitsChannels ? image.channels - (hasAlpha ? 1 : 0) : 1
  }

  /// Whether the file has three colours that are alike in place of gray.
  private var repeatsGray: Bool { format.storesGrayAsColors && colorModel == .gray }

  /// The planes that are read from a file that repeats gray, by the planes that it is given.
  private var storedPlanes: [Int] { hasAlpha ? [0, 0, 0, 1] : [0, 0, 0] }

  /// The planes that are read from a file, by those that it is given; `nil` where they are the same.
  var repeatedPlanes: [Int]? { repeatsGray ? storedPlanes : nil }

  /// The planes that one of the files is given.
  func channels(ofFile index: Int, in image: ImageShape) -> [Int] {
    guard splitsChannels else { return Array(0..<image.channels) }
    return [index] + (hasAlpha ? [image.channels - 1] : [])
  }
}

extension ImageFile: RowTap {
  package var readsLoaded: Bool { false }
  package var commutesWithRounding: Bool { quantization.onlyRounds }

  package var manner: String {
    if let montage {
      return "\(montage.rows) × \(montage.columns) channels in one picture, kept until it is whole"
    }
    return splitsChannels ? "one file per channel" : ""
  }

  package func prepared(from input: RowFlow, _ tools: RunTools) -> any PreparedSink {
    PreparedImageFile(file: self, input: input, tools: tools)
  }
}

private struct PreparedImageFile: PreparedSink {
  let file: ImageFile
  let input: RowFlow
  let tools: RunTools

  var unitCount: Int { input.height }

  /// Every row, where the smallest and largest value must be known first.
  func needs(_ units: Range<Int>) -> Range<Int> {
    file.quantization.map == .automatic ? 0..<input.height : units
  }

  /// The whole of a picture of channels side by side.
  var stepBytes: Int {
    file.montage.map {
      MontageWriter.byteCount($0, file.quantization.elementType, hasAlpha: file.hasAlpha)
    } ?? 0
  }

  /// A row as floats, quantised, and interleaved; and what the encoder itself holds.
  func scratchBytes(for units: Int) -> Int {
    let rowValues = input.format.channels * ((input.format.width + 63) / 64 * 64)
    let rows = rowValues.saturating(times: 3 * MemoryLayout<Float>.stride)
    let rest = encoderBytes.saturating(times: file.count(in: input.shape) - 1)
    if case .webp = file.format { return rows.saturating(plus: rest).saturating(plus: webPBytes) }
    guard case .jpeg(let settings) = file.format, settings.isProgressive else {
      return rows.saturating(plus: rest)
    }
    // A progressive JPEG keeps the coefficients of the whole image, padded to whole blocks.
    let image = file.shape(of: input.shape)
    let height = (image.height + 15) / 16 * 16
    let values = file.montage == nil ? rowValues : (image.width + 63) / 64 * 64
    return rows.saturating(plus: rest).saturating(
      plus: values.saturating(times: height.saturating(times: MemoryLayout<Int16>.stride)))
  }

  /// What WebP's encoder holds of all files: their pixels, as they are and as it works on them, and what it
  /// has made of them.
  private var webPBytes: Int {
    let image = file.shape(of: input.shape)
    let pixels = image.height.saturating(times: image.width)
    return pixels.saturating(times: WebPWriter.bytesPerPixel)
      .saturating(times: file.count(in: input.shape))
  }

  /// What the encoder of one file holds beside rows; that of the first is within what any run takes.
  private var encoderBytes: Int {
    switch file.format {
    case .png: 448 << 10
    case .jpeg: 160 << 10
    case .npy: 1 << 10
    case .webp: 1 << 20
    // A strip, twice: as it is and compressed.
    case .tiff:
      (1 << 20)
        .saturating(
          plus: 3 * input.format.width * input.format.channels * MemoryLayout<Float>.stride)
    }
  }

  func sink(in context: RunContext) throws(RunError) -> any Sink {
    try ImageSink(file, input: input, in: context, tools)
  }
}
