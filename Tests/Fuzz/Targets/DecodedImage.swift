import TesseraCodecs
import TesseraCore
import TesseraFiles

/// All that a file gives.
struct DecodedImage: Equatable {
  let header: ImageHeader
  let metadata: ImageMetadata
  /// Interleaved rows.
  let pixels: [UInt8]
  let report: DecodeReport

  /// Bytes of one row.
  let bytesPerRow: Int

  /// How rows are asked for.
  struct Asking {
    /// Rows at the beginning that are passed over.
    var skippedRows = 0
    /// Rows that are read at once.
    var rowsAtOnce = 16
    /// Whether rows are read plane by plane where that is the natural way.
    var isPlanar = false
    /// Columns that are read; `nil`: all.
    var columns: Range<Int>?
    /// What height and width are divided by.
    var divisor = 1
  }

  /// Reads a file to its end.
  init(
    _ path: String, _ options: DecodeOptions, _ asking: Asking = Asking()
  ) throws(CodecError) {
    try self.init(ByteSource(path: path), options, asking)
  }

  /// Reads a file, or a part of one, to its end.
  init(
    _ source: ByteSource, _ options: DecodeOptions, _ asking: Asking = Asking()
  ) throws(CodecError) {
    let reader = try ImageReader(source: source, options: options)
    if asking.divisor > 1 { reader.shrink(by: asking.divisor) }
    if let columns = asking.columns { reader.crop(to: columns) }
    let (shape, rowBytes) = (reader.header.shape, reader.bytesPerRow)
    try reader.skipRows(asking.skippedRows)
    var pixels: [UInt8] = []
    var left = shape.height - asking.skippedRows
    while left > 0 {
      let rows = min(asking.rowsAtOnce, left)
      left -= rows
      if asking.isPlanar, reader.header.storesPlanes {
        pixels += try Self.planes(of: reader, rows: rows)
      } else {
        // Bytes that no decoder must leave: what it does not write is told from zeros.
        var band = [UInt8](repeating: 0xA5, count: rows * rowBytes)
        var failure: CodecError?
        band.withUnsafeMutableBytes { band in
          guard let base = band.baseAddress else { return }
          do throws(CodecError) {
            try reader.readRows(into: base, count: rows, bytesPerRow: rowBytes)
          } catch {
            failure = error
          }
        }
        if let failure { throw failure }
        pixels += band
      }
    }
    report = try reader.finish()
    (header, metadata, self.pixels) = (reader.header, reader.metadata, pixels)
    bytesPerRow = rowBytes
  }

  /// Reads rows plane by plane and puts channels side by side.
  private static func planes(of reader: ImageReader, rows: Int) throws(CodecError) -> [UInt8] {
    let (channels, width) = (reader.header.shape.channels, reader.header.shape.width)
    let size = reader.header.elementType.byteCount
    let planeBytes = rows * width * size
    let planar = AlignedBuffer(byteCount: channels * planeBytes)
    try reader.readPlanarRows(
      into: (0..<channels).map { planar.base + $0 * planeBytes }, count: rows,
      bytesPerRow: width * size)
    var pixels: [UInt8] = []
    pixels.reserveCapacity(channels * planeBytes)
    for place in 0..<rows * width {
      for channel in 0..<channels {
        let value = planar.base + channel * planeBytes + place * size
        pixels.append(contentsOf: UnsafeRawBufferPointer(start: value, count: size))
      }
    }
    return pixels
  }

  /// Some columns of all rows.
  func columns(_ columns: Range<Int>) -> [UInt8] {
    let pixelBytes = header.shape.channels * header.elementType.byteCount
    return stride(from: 0, to: pixels.count, by: max(bytesPerRow, 1)).flatMap { row in
      pixels[(row + columns.lowerBound * pixelBytes)..<(row + columns.upperBound * pixelBytes)]
    }
  }
}

extension DecodedImage {
  /// Options for small images that are read whatever is wrong with them.
  static var lenient: DecodeOptions {
    var options = DecodeOptions()
    options.failOn = .none
    options.maxPixels = 1 << 16
    options.maxScans = 16
    return options
  }

  /// Reads a file in many ways, which must agree.
  ///
  /// - Parameter path: the file.
  /// - Returns: what it gives; `nil` where its header is refused.
  /// - Throws: ``BrokenLaw``.
  static func checked(_ path: String) throws -> DecodedImage? {
    let image: DecodedImage
    do throws(CodecError) {
      image = try DecodedImage(path, lenient)
    } catch {
      _ = error.description
      return nil
    }
    let shape = image.header.shape
    try expect(
      image.pixels.count == shape.height * image.bytesPerRow, "an image has all its rows")
    try expect(
      try again(path, Asking(rowsAtOnce: 1)) == image, "it does not matter how many rows are read")
    try expect(
      try again(path, Asking(isPlanar: true)) == image, "it does not matter how planes are read")
    if shape.height > 1 {
      let rows = 1 + image.pixels.count % (shape.height - 1)
      let rest = try again(path, Asking(skippedRows: rows))
      try expect(
        rest.pixels.elementsEqual(image.pixels[(rows * image.bytesPerRow)...]),
        "rows that are passed over leave the others alone")
    }
    try checkStrict(path, image)
    return image
  }

  private static func again(_ path: String, _ asking: Asking) throws -> DecodedImage {
    do throws(CodecError) {
      return try DecodedImage(path, lenient, asking)
    } catch {
      throw BrokenLaw(description: "a file that was read can be read again: \(error)")
    }
  }

  /// What stricter readers accept are the same pixels.
  private static func checkStrict(_ path: String, _ image: DecodedImage) throws {
    for failOn in [FailOn.truncated, .error, .warning] {
      var options = lenient
      options.failOn = failOn
      do {
        let strict = try DecodedImage(path, options)
        try expect(strict.pixels == image.pixels, "pixels do not depend on what is refused")
        try expect(!strict.report.isPartial, "only the most lenient reader takes a part")
      } catch let error as CodecError {
        _ = error.description
      }
    }
  }
}
